import { asRollcallError, type RollcallError, StoreError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import { DeviceWork, type Ended, type HeldElsewhere, nameOf } from './device-work.ts'
import { CONCURRENCY_DEFAULT, type SyncEngineParts } from './engine-parts.ts'
import type { SyncEvent } from './events.ts'
import { LEASE_TTL_MS } from './lease-keeper.ts'
import { LiveKeeper } from './live-keeper.ts'
import { runAll } from './run-all.ts'
import { Schedule } from './schedule.ts'
import { StoreOutage } from './store-outage.ts'

/** How soon a device that another process reads is looked at again. */
const LEASE_POLL_MS = 1_000
/** A listener that gave way leaves the device alone for so long: who waits for it looks every second. */
const GIVE_WAY_MS = 5_000
/** Less is left of a lease only where its holder has missed a renewal: it is likely gone, and the lease soon free. */
const STALE_LEASE_MS = LEASE_TTL_MS * (2 / 3)
/** One pass waits this long for another process to be done with a device: the time of a large log on a slow link. */
const LEASE_WAIT_MS = 10 * 60_000
/** One pass, or one job, waits this long for a database server that went away under it: the time of a restart or a failover. */
const STORE_WAIT_MS = 2 * 60_000

export interface SyncSummary {
  readonly devices: number
  readonly failed: number
  readonly inserted: number
}

/**
 * Polls devices: all at once under a limit, each under a lease and with its own time budget, so that a dead or slow one
 * delays nobody. Where a person wishes so, a device is listened to instead. Knows the contracts of the model and no implementation.
 */
export class SyncEngine {
  readonly #parts: SyncEngineParts
  readonly #schedule: Schedule
  readonly #work: DeviceWork
  readonly #outage: StoreOutage
  readonly #live: LiveKeeper

  constructor(parts: SyncEngineParts) {
    this.#parts = parts
    this.#schedule = new Schedule(parts.base)
    this.#live = new LiveKeeper(parts.base.clock)
    this.#work = new DeviceWork(parts)
    this.#outage = new StoreOutage(parts)
  }

  /** One pass over the active devices, or over those of them that are named. Waits for leases that others hold. */
  async syncOnce(
    options: { deviceIds?: readonly number[] | undefined; full?: boolean },
    signal: AbortSignal,
  ): Promise<SyncSummary> {
    const { store, concurrency = CONCURRENCY_DEFAULT } = this.#parts
    const devices = await store.devices.list({ active: true, ...idsOf(options) })
    const summary = { devices: devices.length, failed: 0, inserted: 0 }
    await runAll(devices, concurrency, async device => {
      const ended = await this.#syncPatiently(device, options.full ?? false, signal)
      if (ended === null) summary.failed++
      else summary.inserted += ended.inserted
    })
    signal.throwIfAborted()
    return summary
  }

  /**
   * Polls for ever: each device `intervalMs` after its last run ended, later after failures; `full` reads everything the first
   * time. Listens to those whose punches are to be heard. Ends when the signal fires.
   */
  async run(
    options: { intervalMs: number; deviceIds?: readonly number[] | undefined; full?: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, base, concurrency = CONCURRENCY_DEFAULT } = this.#parts
    const running = new Map<number, Promise<void>>()
    const firstRead = new Set<number>()
    const list = () => store.devices.list({ active: true, ...idsOf(options) })
    let devices: Device[] = []
    while (!signal.aborted) {
      const known = devices
      devices = await list().catch((error: unknown) => this.#storeAway(error, known, signal))
      this.#live.tend(devices)
      for (const device of this.#schedule.due(devices)) {
        if (running.has(device.id) || this.#live.has(device.id)) continue
        if (this.#live.isWished(device)) {
          this.#live.start(device, end => this.#listenOnSchedule(device, options.intervalMs, end), signal)
        } else if (running.size < concurrency) {
          const full = options.full === true && !firstRead.has(device.id)
          const run = this.#syncOnSchedule(device, { ...options, full }, signal).finally(() =>
            running.delete(device.id),
          )
          firstRead.add(device.id)
          running.set(device.id, run)
        }
      }
      const waitMs = this.#schedule.untilNextLookMs(devices, {
        isBusy: id => running.has(id) || this.#live.has(id),
        intervalMs: options.intervalMs,
      })
      const pause = new AbortController()
      const asleep = base.clock.sleep(waitMs, AbortSignal.any([signal, pause.signal])).catch(() => {})
      await Promise.race([asleep, ...running.values()])
      pause.abort()
    }
    await Promise.all([...running.values(), this.#live.ended()])
  }

  /**
   * One run of one device, as a job of a queue. `held`: another process has its lease and renews it, so that it is being synced
   * anyway; `inactive`: it was disabled or removed meanwhile. Neither is a failure, and nothing was read.
   *
   * @throws RollcallError for a run that failed, told before; the reason of `signal` when it fires.
   */
  async syncDevice(deviceId: number, signal: AbortSignal): Promise<'synced' | 'held' | 'inactive'> {
    for (let isSecond = false; ; isSecond = true) {
      try {
        return await this.#syncJob(deviceId, signal)
      } catch (error) {
        // The work in hand is done again as a whole, once: a server that goes away each time is another fault.
        if (isSecond || signal.aborted || !this.#outage.isMetBy(error)) throw error
        if (!(await this.#outage.isOver(signal, STORE_WAIT_MS))) throw error
      }
    }
  }

  async #syncJob(deviceId: number, signal: AbortSignal): Promise<'synced' | 'held' | 'inactive'> {
    const device = await this.#activeDevice(deviceId)
    if (!device) return 'inactive'
    try {
      const sync = () => this.#work.sync(device, { full: false, isUrgent: false }, signal)
      let ended = await sync()
      if ('heldBy' in ended && ended.expiresInMs < STALE_LEASE_MS) {
        await this.#parts.base.clock.sleep(ended.expiresInMs, signal)
        ended = await sync()
      }
      if ('heldBy' in ended) {
        this.#emit({ event: 'device.waiting', ...nameOf(device), heldBy: ended.heldBy })
        return 'held'
      }
      this.#succeeded(device, ended, 0)
      return 'synced'
    } catch (error) {
      if (signal.aborted || this.#outage.isMetBy(error)) throw error
      const told = this.#told(error, device)
      if (!(await this.#activeDevice(deviceId).catch(() => device))) return 'inactive'
      const { isFirst } = this.#schedule.failed(device, { error: told, intervalMs: 0 })
      this.#failed(device, told, { retryInMs: null, isFirst })
      throw told
    }
  }

  async #activeDevice(id: number): Promise<Device | undefined> {
    return (await this.#parts.store.devices.list({ active: true, ids: [id] }))[0]
  }

  async #syncOnSchedule(
    device: Device,
    options: { intervalMs: number; full: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { intervalMs, full } = options
    try {
      const ended = await this.#work.sync(device, { full, isUrgent: false }, signal)
      if ('heldBy' in ended) {
        const isNews = this.#schedule.heldElsewhere(device, LEASE_POLL_MS)
        if (isNews) this.#emit({ event: 'device.waiting', ...nameOf(device), heldBy: ended.heldBy })
        return
      }
      this.#succeeded(device, ended, intervalMs)
    } catch (error) {
      if (signal.aborted || (await this.#isStoreBack(device, error, signal))) return
      const told = this.#told(error, device)
      const { retryInMs, isFirst } = this.#schedule.failed(device, { error: told, intervalMs })
      this.#failed(device, told, { retryInMs, isFirst })
    }
  }

  /** Listens until the wish ends, the line breaks, or the device turns out to tell nothing. */
  async #listenOnSchedule(device: Device, intervalMs: number, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts
    try {
      const ended = await this.#work.listen(
        device,
        {
          onRun: run => this.#succeeded(device, run, intervalMs),
          onListening: () => {
            this.#up(device, intervalMs)
            this.#emit({ event: 'device.listening', ...nameOf(device) })
          },
        },
        signal,
      )
      if ('gaveWay' in ended) return void this.#schedule.heldElsewhere(device, GIVE_WAY_MS)
      if ('heldBy' in ended) {
        const isNews = this.#schedule.heldElsewhere(device, LEASE_POLL_MS)
        if (isNews) this.#emit({ event: 'device.waiting', ...nameOf(device), heldBy: ended.heldBy })
        return
      }
      this.#live.unheard(device)
      await store.devices.recordLiveState(device.id, 'unsupported')
      this.#emit({ event: 'device.unheard', ...nameOf(device), reason: ended.unheard })
      this.#schedule.succeeded(device, 0)
    } catch (error) {
      // The wish ended, or Rollcall does.
      if (signal.aborted) return void (await store.devices.recordLiveState(device.id, null).catch(() => {}))
      if (await this.#isStoreBack(device, error, signal)) return
      const told = this.#told(error, device)
      await store.devices.recordLiveState(device.id, 'down').catch(() => {})
      const { retryInMs, isFirst } = this.#schedule.failed(device, { error: told, intervalMs })
      this.#failed(device, told, { retryInMs, isFirst })
    }
  }

  /** @returns null when it failed, which is told already. */
  async #syncPatiently(device: Device, full: boolean, signal: AbortSignal): Promise<Ended | null> {
    const { clock } = this.#parts.base
    const giveUpAtMs = clock.monotonicMs() + LEASE_WAIT_MS
    try {
      for (let isTold = false; ; ) {
        const ended = await this.#syncOverOutages(device, full, signal)
        if (!('heldBy' in ended)) {
          this.#succeeded(device, ended, 0)
          return ended
        }
        if (clock.monotonicMs() > giveUpAtMs) {
          throw new StoreError('LEASE_HELD', `another process (${ended.heldBy}) has been reading this device for long`)
        }
        if (!isTold) this.#emit({ event: 'device.waiting', ...nameOf(device), heldBy: ended.heldBy })
        isTold = true
        await clock.sleep(Math.min(LEASE_POLL_MS, LEASE_TTL_MS), signal)
      }
    } catch (error) {
      if (signal.aborted) return null
      const told = this.#told(error, device)
      const { isFirst } = this.#schedule.failed(device, { error: told, intervalMs: 0 })
      this.#failed(device, told, { retryInMs: null, isFirst })
      return null
    }
  }

  async #syncOverOutages(device: Device, full: boolean, signal: AbortSignal): Promise<Ended | HeldElsewhere> {
    for (;;) {
      try {
        return await this.#work.sync(device, { full, isUrgent: true }, signal)
      } catch (error) {
        if (signal.aborted || !this.#outage.isMetBy(error)) throw error
        if (!(await this.#outage.isOver(signal, STORE_WAIT_MS))) throw error
      }
    }
  }

  #succeeded(device: Device, { outcome, durationMs }: Ended, intervalMs: number): void {
    this.#up(device, intervalMs)
    const { missedByTail: missed } = outcome
    if (missed > 0) this.#emit({ event: 'device.missed', ...nameOf(device), missed })
    this.#emit({
      event: 'device.synced',
      ...nameOf(device),
      mode: outcome.mode,
      recordsOnDevice: outcome.recordsOnDevice ?? outcome.received,
      received: outcome.received,
      inserted: outcome.inserted,
      duplicates: outcome.duplicates,
      quarantined: outcome.quarantined,
      bytes: outcome.bytes,
      durationMs: Math.round(durationMs),
      countProof: outcome.countProof ?? 'announced-size',
    })
  }

  #up(device: Device, intervalMs: number): void {
    const downForMs = this.#schedule.succeeded(device, intervalMs)
    if (downForMs !== null) this.#emit({ event: 'device.up', ...nameOf(device), downForMs })
  }

  #failed(device: Device, error: RollcallError, told: { retryInMs: number | null; isFirst: boolean }): void {
    const { code, message, nextStep } = error
    if (told.isFirst) this.#emit({ event: 'device.down', ...nameOf(device), code, message })
    this.#emit({ event: 'device.failed', ...nameOf(device), code, message, nextStep, retryInMs: told.retryInMs })
  }

  /** A defect must not take the other devices down, and whoever mends it needs to know where it came from. */
  #told(error: unknown, device: Device): RollcallError {
    const told = asRollcallError(error)
    if (told.code === 'DEFECT') {
      const { stack } = error instanceof Error ? error : told
      this.#parts.base.log.error(`Device ${device.name} - ${told.message}`, { stack })
    }
    return told
  }

  /**
   * Whether `error` came of a database server that was away, and now answers again: then the device is due as it was. Where
   * Rollcall ends meanwhile, that is so as well.
   */
  async #isStoreBack(device: Device, error: unknown, signal: AbortSignal): Promise<boolean> {
    if (!this.#outage.isMetBy(error)) return false
    await this.#outage.isOver(signal).catch(() => {})
    this.#schedule.again(device)
    return true
  }

  /** A database that is away for a moment changes no device, and forgets no outage. */
  async #storeAway(error: unknown, known: Device[], signal: AbortSignal): Promise<Device[]> {
    if (this.#outage.isMetBy(error)) {
      await this.#outage.isOver(signal).catch(() => {})
      return known
    }
    this.#parts.base.log.error(`The list of devices could not be read: ${asRollcallError(error).message}`)
    return known
  }

  #emit(event: SyncEvent): void {
    this.#parts.onEvent(event)
  }
}

function idsOf(options: { deviceIds?: readonly number[] | undefined }): { ids?: readonly number[] } {
  return options.deviceIds ? { ids: options.deviceIds } : {}
}

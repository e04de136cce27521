import type { Base } from '../base/base.ts'
import { asRollcallError, RollcallError, StoreError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import type { DeviceDriver } from '../model/device-driver.ts'
import type { RunOutcome, Store } from '../model/store.ts'
import { runDevice } from './device-run.ts'
import type { SyncEvent } from './events.ts'
import { keepLease, LEASE_TTL_MS } from './lease-keeper.ts'
import { runAll } from './run-all.ts'
import { Schedule } from './schedule.ts'

/** Devices read at the same time: each costs one socket and at most one log in memory. */
export const CONCURRENCY_DEFAULT = 64
/** Names change seldom. */
const PEOPLE_EVERY_MS = 24 * 3_600_000
/** How soon a device that another process reads is looked at again. */
const LEASE_POLL_MS = 1_000
/** One pass waits this long for another process to be done with a device: the time of a large log on a slow link. */
const LEASE_WAIT_MS = 10 * 60_000

export interface SyncEngineParts {
  readonly store: Store
  readonly driver: DeviceDriver
  readonly base: Base
  /** Names this process to the others: who holds a lease. */
  readonly holder: string
  /** Whether the process behind a holder is known to be gone; "not known" is false. */
  readonly isHolderDead: (holder: string) => boolean
  /** A holder in words, for people. */
  readonly describeHolder?: (holder: string) => string
  readonly concurrency?: number
  readonly onEvent: (event: SyncEvent) => void
}

export interface SyncSummary {
  readonly devices: number
  readonly failed: number
  readonly inserted: number
}

/**
 * Polls devices: all at once under a limit, each under a lease and with its own time budget, so that a dead or slow one
 * delays nobody. Knows the contracts of the model and no implementation.
 */
export class SyncEngine {
  readonly #parts: SyncEngineParts
  readonly #schedule: Schedule
  readonly #peopleReadAtMs = new Map<number, number>()

  constructor(parts: SyncEngineParts) {
    this.#parts = parts
    this.#schedule = new Schedule(parts.base)
  }

  /** One pass over the active devices, or over those of them that are named. Waits for leases that others hold. */
  async syncOnce(options: { deviceIds?: readonly number[] | undefined }, signal: AbortSignal): Promise<SyncSummary> {
    const { store, concurrency = CONCURRENCY_DEFAULT } = this.#parts
    const devices = await store.devices.list({ active: true, ...idsOf(options) })
    const summary = { devices: devices.length, failed: 0, inserted: 0 }
    await runAll(devices, concurrency, async device => {
      const ended = await this.#syncPatiently(device, signal)
      if (ended === null) summary.failed++
      else summary.inserted += ended.inserted
    })
    signal.throwIfAborted()
    return summary
  }

  /** Polls for ever: each device `intervalMs` after its last run ended, later after failures. Ends when the signal fires. */
  async run(
    options: { intervalMs: number; deviceIds?: readonly number[] | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, base, concurrency = CONCURRENCY_DEFAULT } = this.#parts
    const running = new Map<number, Promise<void>>()
    const list = () => store.devices.list({ active: true, ...idsOf(options) })
    let devices: Device[] = []
    while (!signal.aborted) {
      const known = devices
      devices = await list().catch((error: unknown) => this.#storeAway(error, known))
      for (const device of this.#schedule.due(devices)) {
        if (running.size >= concurrency) break
        if (running.has(device.id)) continue
        const run = this.#syncOnSchedule(device, options.intervalMs, signal).finally(() => running.delete(device.id))
        running.set(device.id, run)
      }
      const waitMs = this.#schedule.untilNextLookMs(devices, {
        isBusy: id => running.has(id),
        intervalMs: options.intervalMs,
      })
      const pause = new AbortController()
      const asleep = base.clock.sleep(waitMs, AbortSignal.any([signal, pause.signal])).catch(() => {})
      await Promise.race([asleep, ...running.values()])
      pause.abort()
    }
    await Promise.all(running.values())
  }

  async #syncOnSchedule(device: Device, intervalMs: number, signal: AbortSignal): Promise<void> {
    try {
      const ended = await this.#sync(device, signal)
      if ('heldBy' in ended) {
        const isNews = this.#schedule.heldElsewhere(device, LEASE_POLL_MS)
        if (isNews) this.#emit({ event: 'device.waiting', ...nameOf(device), heldBy: ended.heldBy })
        return
      }
      this.#succeeded(device, ended, intervalMs)
    } catch (error) {
      if (signal.aborted) return
      const told = this.#told(error, device)
      const { retryInMs, isFirst } = this.#schedule.failed(device, { error: told, intervalMs })
      this.#failed(device, told, { retryInMs, isFirst })
    }
  }

  /** @returns null when it failed, which is told already. */
  async #syncPatiently(device: Device, signal: AbortSignal): Promise<Ended | null> {
    const { clock } = this.#parts.base
    const giveUpAtMs = clock.monotonicMs() + LEASE_WAIT_MS
    try {
      for (let isTold = false; ; isTold = true) {
        const ended = await this.#sync(device, signal)
        if (!('heldBy' in ended)) {
          this.#succeeded(device, ended, 0)
          return ended
        }
        if (clock.monotonicMs() > giveUpAtMs) {
          throw new StoreError('LEASE_HELD', `another process (${ended.heldBy}) has been reading this device for long`)
        }
        if (!isTold) this.#emit({ event: 'device.waiting', ...nameOf(device), heldBy: ended.heldBy })
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

  /** One run under the lease of the device; `COUNT_MISMATCH` is thrown, though its punches are stored. */
  async #sync(device: Device, signal: AbortSignal): Promise<Ended | { heldBy: string }> {
    const { store, base, holder, isHolderDead } = this.#parts
    const kept = await keepLease(store.leases, { deviceId: device.id, holder, isDead: isHolderDead }, base, signal)
    if (!('lease' in kept)) return { heldBy: this.#parts.describeHolder?.(kept.heldBy) ?? kept.heldBy }
    await using _release = kept
    const startedMs = base.clock.monotonicMs()
    // Read again under the lease: another process may have learned its serial number, or a person changed its address.
    const current = await store.devices.get(device.id)
    const people = this.#peopleAreDue(device.id) ? 'read' : 'skip'
    const onProgress: Parameters<typeof runDevice>[2]['onProgress'] = progress =>
      this.#emit({
        event: 'device.progress',
        ...nameOf(device),
        ...progress,
        startedMsAgo: base.clock.monotonicMs() - startedMs,
      })
    const outcome = await runDevice(current, kept.lease, { ...this.#parts, people, onProgress }, kept.signal)
    if (people === 'read') this.#peopleReadAtMs.set(device.id, base.clock.monotonicMs())
    if (outcome.error) throw new RollcallError(outcome.error.code, outcome.error.message)
    return { outcome, inserted: outcome.inserted, durationMs: base.clock.monotonicMs() - startedMs }
  }

  #peopleAreDue(deviceId: number): boolean {
    const readAtMs = this.#peopleReadAtMs.get(deviceId)
    return readAtMs === undefined || this.#parts.base.clock.monotonicMs() - readAtMs >= PEOPLE_EVERY_MS
  }

  #succeeded(device: Device, { outcome, durationMs }: Ended, intervalMs: number): void {
    const downForMs = this.#schedule.succeeded(device, intervalMs)
    if (downForMs !== null) this.#emit({ event: 'device.up', ...nameOf(device), downForMs })
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

  /** A database that is away for a moment changes no device, and forgets no outage. */
  #storeAway(error: unknown, known: Device[]): Device[] {
    this.#parts.base.log.error(`The list of devices could not be read: ${asRollcallError(error).message}`)
    return known
  }

  #emit(event: SyncEvent): void {
    this.#parts.onEvent(event)
  }
}

interface Ended {
  readonly outcome: RunOutcome
  readonly inserted: number
  readonly durationMs: number
}

function nameOf(device: Device): { deviceId: number; device: string } {
  return { deviceId: device.id, device: device.name }
}

function idsOf(options: { deviceIds?: readonly number[] | undefined }): { ids?: readonly number[] } {
  return options.deviceIds ? { ids: options.deviceIds } : {}
}

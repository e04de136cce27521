import { RollcallError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import type { ReadProgress } from '../model/device-driver.ts'
import type { Lease, RunOutcome } from '../model/store.ts'
import { COMPARISON_DEFAULT } from './comparison.ts'
import { runDevice } from './device-run.ts'
import { CONCURRENCY_DEFAULT, type SyncEngineParts } from './engine-parts.ts'
import { Gate } from './gate.ts'
import { type KeptLease, keepLease } from './lease-keeper.ts'
import { listenTo } from './listening.ts'

/** Names change seldom. */
const PEOPLE_EVERY_MS = 24 * 3_600_000

/** Somebody else has the lease of the device. */
export interface HeldElsewhere {
  readonly heldBy: string
  readonly expiresInMs: number
}

/** A run that ended well. */
export interface Ended {
  readonly outcome: RunOutcome
  readonly inserted: number
  readonly durationMs: number
}

export type ListeningEnd = { unheard: string } | { heldBy: string } | { gaveWay: true }

/** What is done with one device under its lease: one run, or listening. Knows nothing of when, and of what follows. */
export class DeviceWork {
  readonly #parts: SyncEngineParts
  readonly #gate: Gate
  readonly #peopleReadAtMs = new Map<number, number>()
  /** Leases that could not be given back, since the database did not answer. */
  readonly #left = new Map<number, Lease>()

  constructor(parts: SyncEngineParts) {
    this.#parts = parts
    this.#gate = new Gate(parts.concurrency ?? CONCURRENCY_DEFAULT)
  }

  /** One run under the lease of the device; `COUNT_MISMATCH` is thrown, though its punches are stored. */
  async sync(
    device: Device,
    { full, isUrgent }: { full: boolean; isUrgent: boolean },
    signal: AbortSignal,
  ): Promise<Ended | HeldElsewhere> {
    const { store, base, comparison = COMPARISON_DEFAULT } = this.#parts
    const kept = await this.#lease(device, { isUrgent }, signal)
    if (!('lease' in kept)) return kept
    await using _release = kept
    const startedMs = base.clock.monotonicMs()
    // Read again under the lease: another process may have learned its serial number, or a person changed its address.
    const current = await store.devices.get(device.id)
    const people = this.#peopleAreDue(current) ? 'read' : 'skip'
    const parts = { ...this.#parts, comparison, people, full, onProgress: this.#progressOf(device, startedMs) } as const
    const outcome = await runDevice(current, kept.lease, parts, kept.signal)
    if (people === 'read') this.#peopleReadAtMs.set(device.id, base.clock.monotonicMs())
    if (outcome.error) throw new RollcallError(outcome.error.code, outcome.error.message)
    return { outcome, inserted: outcome.inserted, durationMs: base.clock.monotonicMs() - startedMs }
  }

  /** Listens under the lease of the device, until somebody waits for it or it turns out to tell nothing. */
  async listen(
    device: Device,
    told: { onRun: (ended: Ended) => void; onListening: () => void },
    signal: AbortSignal,
  ): Promise<ListeningEnd> {
    const { store, base } = this.#parts
    // Before the lease: a thousand devices that begin at once would hold and renew theirs while they wait for each other.
    using place = await this.#gate.enter(signal)
    const kept = await this.#lease(device, { isUrgent: false }, signal)
    if (!('lease' in kept)) return kept
    await using _release = kept
    const current = await store.devices.get(device.id)
    const startedMs = base.clock.monotonicMs()
    const parts = {
      ...this.#parts,
      comparison: this.#parts.comparison ?? COMPARISON_DEFAULT,
      gate: this.#gate,
      place,
      people: {
        areDue: () => this.#peopleAreDue(current),
        wereRead: () => void this.#peopleReadAtMs.set(device.id, base.clock.monotonicMs()),
      },
      onProgress: this.#progressOf(device, startedMs),
      onRun: (outcome: RunOutcome, durationMs: number) => {
        if (outcome.error) throw new RollcallError(outcome.error.code, outcome.error.message)
        told.onRun({ outcome, inserted: outcome.inserted, durationMs })
      },
      onListening: told.onListening,
      onPunches: (punches: { received: number; inserted: number }) =>
        this.#parts.onEvent({ event: 'device.punched', ...nameOf(device), ...punches }),
    }
    const end = AbortSignal.any([kept.signal, kept.wanted])
    try {
      return await listenTo(current, kept.lease, parts, end)
    } catch (error) {
      if (!kept.wanted.aborted || kept.signal.aborted) throw error
      return { gaveWay: true }
    }
  }

  async #lease(
    device: Device,
    { isUrgent }: { isUrgent: boolean },
    signal: AbortSignal,
  ): Promise<KeptLease | HeldElsewhere> {
    const { store, base, holder, isHolderDead, describeHolder } = this.#parts
    const left = this.#left.get(device.id)
    if (left) {
      await store.leases.release(left)
      this.#left.delete(device.id)
    }
    const onLeft = (lease: Lease) => void this.#left.set(device.id, lease)
    const request = { deviceId: device.id, holder, isDead: isHolderDead, isUrgent, onLeft }
    const kept = await keepLease(store.leases, request, base, signal)
    return 'lease' in kept ? kept : { ...kept, heldBy: describeHolder?.(kept.heldBy) ?? kept.heldBy }
  }

  #progressOf(device: Device, startedMs: number): (progress: ReadProgress) => void {
    const { base, onEvent } = this.#parts
    return progress => {
      const startedMsAgo = base.clock.monotonicMs() - startedMs
      onEvent({ event: 'device.progress', ...nameOf(device), ...progress, startedMsAgo })
    }
  }

  /** Once a day over all processes. A device that refuses its list is not asked again by this one either. */
  #peopleAreDue(device: Device): boolean {
    const { clock } = this.#parts.base
    const triedAtMs = this.#peopleReadAtMs.get(device.id)
    if (triedAtMs !== undefined) return clock.monotonicMs() - triedAtMs >= PEOPLE_EVERY_MS
    const readAtMs = device.peopleReadAt?.getTime() ?? Number.NEGATIVE_INFINITY
    return Math.abs(clock.now() - readAtMs) >= PEOPLE_EVERY_MS
  }
}

export function nameOf(device: Device): { deviceId: number; device: string } {
  return { deviceId: device.id, device: device.name }
}

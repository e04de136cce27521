import type { Clock } from '../../src/base/clock.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import type { FaultyReason } from '../../src/virtual/record-draft.ts'

/** One record of the log of a device, from the moment it was made. */
export interface LedgerEntry {
  readonly userId: string
  readonly localTime: string | null
  readonly codes: string
  readonly faulty: FaultyReason | null
  /** The bytes, as hex. */
  readonly raw: string
  /** True instants, in milliseconds. */
  readonly madeAtMs: number
  /** How far the clock of the device was ahead then, in seconds. */
  readonly driftSeconds: number
  /** When it was cleared, deleted or overwritten; null while it stands in the log. */
  goneAtMs: number | null
  /** The end of the first run that must have stored it; null while there is none. */
  dueSinceMs: number | null
}

/** A read of the log that ended well, tails included. */
export interface LedgerRead {
  readonly beganAtMs: number
  /** The oldest record that stood in the log; null for an empty log. */
  readonly oldest: LedgerEntry | null
  /** Null where the device did not tell its clock. */
  readonly driftSeconds: number | null
}

/**
 * Everything that ever stood in the log of a virtual device, and when: the truth that the tables are held against. Follows the
 * log record by record, whoever writes it: people, faults that punch in the middle of a read, circles that overwrite.
 */
export class Ledger {
  readonly entries: LedgerEntry[] = []
  readonly reads: LedgerRead[] = []
  readonly #clock: Pick<Clock, 'now'>
  readonly #driftSeconds: () => number
  #standing: LedgerEntry[] = []

  constructor(device: VirtualDevice, parts: { clock: Pick<Clock, 'now'>; driftSeconds: () => number }) {
    const { clock, driftSeconds } = parts
    this.#clock = clock
    this.#driftSeconds = driftSeconds
    const { log } = device
    const append = log.append.bind(log)
    const clear = log.clear.bind(log)
    log.append = draft => {
      const departedBefore = log.departed.length
      const index = append(draft)
      if (index === null) return null
      const departed = log.departed.length - departedBefore
      // A circle puts the new record in the place of the oldest; any other log drops records at its beginning.
      if (device.settings.whenFull === 'loop') this.#leave(this.#standing.slice(index, index + departed))
      else this.#leave(this.#standing.splice(0, departed))
      const punch = log.punchAt(index)
      const entry: LedgerEntry = {
        userId: punch.userId,
        localTime: punch.localTime,
        codes: codesOf(punch),
        faulty: punch.faulty,
        raw: log.snapshot(index).slice(0, log.recordBytes).toHex(),
        madeAtMs: clock.now(),
        driftSeconds: driftSeconds(),
        goneAtMs: null,
        dueSinceMs: null,
      }
      this.entries.push(entry)
      this.#standing[index] = entry
      return index
    }
    log.clear = () => {
      this.#leave(this.#standing)
      this.#standing = []
      clear()
    }
  }

  /** What stands in the log now, in the order of its bytes. */
  get standing(): readonly LedgerEntry[] {
    return this.#standing
  }

  /** A read of the log ended well: what stood in it from before its beginning to its end is to be in the tables from now on. */
  readEnded(run: { beganAtMs: number; isClockTold: boolean }): void {
    const oldest = this.#standing.reduce<LedgerEntry | null>((a, b) => (a && a.madeAtMs <= b.madeAtMs ? a : b), null)
    const driftSeconds = run.isClockTold ? this.#driftSeconds() : null
    this.reads.push({ beganAtMs: run.beganAtMs, oldest, driftSeconds })
    for (const entry of this.#standing) {
      if (entry.madeAtMs < run.beganAtMs - 1) entry.dueSinceMs ??= this.#clock.now()
    }
  }

  #leave(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) entry.goneAtMs = this.#clock.now()
  }
}

export function codesOf(punch: { punchState: number; verifyMode: number; workCode: number }): string {
  return `${punch.punchState}/${punch.verifyMode}/${punch.workCode}`
}

export function keyOf(punch: { userId: string; localTime: string | null }): string {
  return `${punch.userId}|${punch.localTime}`
}

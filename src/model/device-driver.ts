import type { Device, DeviceIdentity, Person, PersonSpan, Transport } from './device.ts'
import type { Punch, QuarantinedRecord } from './punch.ts'

/** Opens conversations with devices. The engine knows this contract and never a protocol. */
export interface DeviceDriver {
  /**
   * Connects, authenticates and asks the device who it is.
   *
   * @throws ConnectionError, DeviceError, CodecError as the device or the way to it fails; the reason of `signal`.
   */
  open(device: Device, commKey: number, signal: AbortSignal): Promise<OpenDevice>
}

/** A moment at which the device showed a time. */
export interface DeviceTime {
  /** `YYYY-MM-DD HH:MM:SS`. */
  readonly localTime: string
  /** Our instant in the middle of asking, in milliseconds. */
  readonly readAtMs: number
}

/** What a device counts; null where its firmware does not tell, or tells nothing that can be used. */
export interface LogCounters {
  readonly records: number | null
  readonly users: number | null
  /** How many records fit, and how many still do; in the unit of the firmware, which may not be that of `records`. */
  readonly capacity: number | null
  readonly free: number | null
}

/** One conversation. Closing always says goodbye to the device, within a bounded time, and may be done twice. */
export interface OpenDevice extends AsyncDisposable {
  /** Null where the firmware does not tell it. */
  readonly serialNumber: string | null
  readonly transport: Transport
  /** Everything that came from the device in this conversation so far. */
  readonly bytesReceived: number
  /** The clock of the device at the start of the conversation; null where it could not be read. */
  readonly time: DeviceTime | null
  readTime(signal: AbortSignal): Promise<DeviceTime | null>
  readCounters(signal: AbortSignal): Promise<LogCounters>
  /** Asks for what changes seldom, and for the less of it the more is known. */
  identify(known: KnownIdentity, signal: AbortSignal): Promise<DeviceIdentity>
  /** Everybody the device knows, between two looks at its clock. */
  readPeople(signal: AbortSignal): Promise<PeopleRead>
  /** The attendance log, whole or from a known place on, or an error: see {@link LogRead}. Never changes anything on the device. */
  readLog(request: LogReadRequest, signal: AbortSignal): Promise<LogRead>
  /**
   * Asks for punches as they happen. False where the firmware cannot tell them.
   *
   * @param layout of the records of the device, as remembered: what an event says of a person depends on it
   */
  startEvents(layout: string | null, signal: AbortSignal): Promise<boolean>
  /**
   * What the device told since the last call, waiting up to `ms` for the first; nothing when it is silent.
   *
   * @throws ConnectionError once the connection is gone; the reason of `signal`.
   */
  takeEvents(ms: number, signal: AbortSignal): Promise<LiveEvents>
  /** Sets the clock and reads it back. @throws DeviceError where the device refuses. */
  setTime(localTime: string, signal: AbortSignal): Promise<DeviceTime | null>
}

/** What was stored of a device at an earlier contact, so that it need not be asked again. */
export type KnownIdentity = Pick<DeviceIdentity, 'serialNumber' | 'model' | 'firmware'>

export interface LiveEvents {
  /** Punches that need nothing but the event. */
  readonly punches: readonly Punch[]
  /**
   * Why the log has to be read to know what happened, or null: a form of event that is not known, one that names only a
   * slot, a refused person, more events than could be held.
   */
  readonly unclear: string | null
  /** Tells the device that all of them arrived for good. To be called after they are stored. */
  acknowledge(): void
}

/** The list of a device, and the clock of the device before and after it was read; null where it could not be read. */
export interface PeopleRead {
  readonly people: readonly Person[]
  readonly seenFrom: string | null
  readonly seenUntil: string | null
}

/** The end of the log as it was last read. */
export interface KnownTail {
  /** Records in the log then. */
  readonly recordCount: number
  readonly layout: string
  /** The bytes of the last of them, the newest last. */
  readonly records: Uint8Array
}

/** Why a whole log is read, though a part of it might do. Explained in docs/sync-runs.md. */
export const FULL_REASONS = [
  'first-read',
  'asked-for',
  'comparison-due',
  'last-run-failed',
  'log-full',
  'counter-fell',
  'firmware-changed',
  'log-changed',
  'slice-not-honoured',
  'never-buffered',
  'small-log',
] as const
export type FullReason = (typeof FULL_REASONS)[number]

export interface LogReadRequest {
  /** What the device counted before, in this conversation. */
  readonly counters: LogCounters
  /** Read from here on, if the device allows and its log still goes on from there; null: read everything. */
  readonly tail: KnownTail | null
  /** Of a log that is read whole: the end that it had, to see whether it still does. */
  readonly compareWith: KnownTail | null
  /** The layout remembered for this device and firmware, from an earlier proof. */
  readonly rememberedLayout: string | null
  /** Told from time to time while the log comes in. */
  readonly onProgress: (progress: ReadProgress) => void
}

export interface ReadProgress {
  readonly bytesReceived: number
  readonly bytesTotal: number
  /** Records so far, and in all; estimated from the counter of the device until the layout is proven. */
  readonly recordsReceived: number
  readonly recordsTotal: number
}

/**
 * How the number of records is explained. `counter`: it lies between the counter of the device before and after the read.
 * `announced-size`: the device has no usable counter, so its announced size decides. `mismatch`: the counter contradicts.
 */
export type CountProof = 'counter' | 'announced-size' | 'mismatch'

/**
 * How the log stands to its known end. `intact`: those records are where they were. `moved`: they stand elsewhere, older
 * ones are gone. `lost`: they are gone. Null where no end was known.
 */
export type Continuity = 'intact' | 'moved' | 'lost' | null

/** A log, or its end, received byte for byte as announced, and whose record layout is proven. */
export interface LogRead {
  readonly mode: 'full' | 'tail'
  /** Why a tail that was asked for became a whole read; null otherwise. */
  readonly fullBecause: FullReason | null
  readonly continuity: Continuity
  /** Records before the first that was received. */
  readonly firstIndex: number
  /** The end of the log, for the next read; null for an empty log. */
  readonly tail: KnownTail | null
  /** The proven layout; null for an empty log, which proves none. */
  readonly layout: string | null
  /** Records on the device, by the size that it announced. */
  readonly recordCount: number
  /** Records that came. */
  readonly received: number
  /** The local time of the first record that came; of one soon after it where that has none that can be believed, or null. */
  readonly oldestLocalTime: string | null
  /**
   * The earliest local time that any record that came tells, wherever it stands: a clock that was set back, or never set, writes
   * early times late. Null where none of them tells one.
   */
  readonly earliestLocalTime: string | null
  readonly counterBefore: number | null
  readonly counterAfter: number | null
  readonly countProof: CountProof
  /** Whether records carry only a slot, so that {@link LogRead.batches} needs people. */
  readonly needsPeople: boolean
  /**
   * Decodes the records, `size` at a time, in the order of the device; a batch ends before the record of index `breakAt`,
   * counted from the first of the log. Each batch is to be used before the next is asked for.
   */
  batches(options: { size: number; people: readonly PersonSpan[]; breakAt?: number }): Iterable<RecordBatch>
}

export interface RecordBatch {
  readonly punches: readonly Punch[]
  readonly quarantined: readonly QuarantinedRecord[]
}

import type { Device, DeviceIdentity, Person, PersonSpan } from './device.ts'
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

/** One conversation. Closing always says goodbye to the device, within a bounded time, and may be done twice. */
export interface OpenDevice extends AsyncDisposable {
  readonly identity: DeviceIdentity
  /** The clock of the device at the start of the conversation, `YYYY-MM-DD HH:MM:SS`; null where it could not be read. */
  readonly localTime: string | null
  /** Everybody the device knows, between two looks at its clock. */
  readPeople(signal: AbortSignal): Promise<PeopleRead>
  /** The whole attendance log, proven whole, or an error: see {@link LogRead}. Never changes anything on the device. */
  readLog(request: LogReadRequest, signal: AbortSignal): Promise<LogRead>
}

/** The list of a device, and the clock of the device before and after it was read; null where it could not be read. */
export interface PeopleRead {
  readonly people: readonly Person[]
  readonly seenFrom: string | null
  readonly seenUntil: string | null
}

export interface LogReadRequest {
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

/** A log that was received byte for byte as announced, and whose record layout is proven. */
export interface LogRead {
  /** The proven layout; null for an empty log, which proves none. */
  readonly layout: string | null
  readonly recordCount: number
  readonly counterBefore: number | null
  readonly counterAfter: number | null
  readonly countProof: CountProof
  /** Everything that came from the device in this conversation so far. */
  readonly bytesReceived: number
  /** Whether records carry only a slot, so that {@link LogRead.batches} needs people. */
  readonly needsPeople: boolean
  /** Decodes the records, `size` at a time, in the order of the device. Each batch is to be used before the next is asked for. */
  batches(options: { size: number; people: readonly PersonSpan[] }): Iterable<RecordBatch>
}

export interface RecordBatch {
  readonly punches: readonly Punch[]
  readonly quarantined: readonly QuarantinedRecord[]
}

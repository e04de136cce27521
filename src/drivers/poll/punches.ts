import {
  AttendanceDecoder,
  carriesOnlyUid,
  type LayoutName,
  type LogRecord,
  recordBytes,
} from '../../codec/binary/attendance-record.ts'
import { PackedTimeFormatter, packedTimeFault } from '../../codec/binary/packed-time.ts'
import type { PersonSpan } from '../../model/device.ts'
import type { RecordBatch } from '../../model/device-driver.ts'
import type { Punch, QuarantinedRecord, QuarantineReason } from '../../model/punch.ts'
import { SlotRegister } from './slot-register.ts'

/** Records become punches, `size` at a time, in the order of the device; what cannot be a punch comes with its reason. */
export function* punchBatches(
  records: Uint8Array,
  options: { layout: LayoutName; size: number; people: readonly PersonSpan[]; breakAt?: number | undefined },
): Generator<RecordBatch> {
  const { layout, size } = options
  const decoder = new AttendanceDecoder(layout)
  const times = new PackedTimeFormatter()
  const slots = new SlotRegister(options.people)
  const stepBytes = recordBytes(layout)
  const breakBytes = (options.breakAt ?? 0) * stepBytes
  for (let offset = 0; offset < records.length; ) {
    const punches: Punch[] = []
    const quarantined: QuarantinedRecord[] = []
    const end = Math.min(records.length, offset + size * stepBytes)
    for (const stop = offset < breakBytes ? Math.min(end, breakBytes) : end; offset < stop; offset += stepBytes) {
      const record = decoder.decodeAt(records, offset)
      const punch = punchFrom(record, times, slots)
      if (typeof punch === 'string') quarantined.push({ raw: record.raw, reason: punch })
      else punches.push(punch)
    }
    yield { punches, quarantined }
  }
}

function punchFrom(record: LogRecord, times: PackedTimeFormatter, slots: SlotRegister): Punch | QuarantineReason {
  const timeFault = packedTimeFault(record.packedTime)
  if (timeFault !== null) return timeFault
  if (carriesOnlyUid(record.layout)) {
    const localTime = times.text(record.packedTime) as string
    const holder = slots.userAt(record.uid, localTime)
    return 'reason' in holder ? holder.reason : new RecordPunch(record, holder.userId, times)
  }
  return record.userIdFault ?? new RecordPunch(record, record.userId, times)
}

/** A punch with the codes of its record; text and bytes are made when they are asked for. */
class RecordPunch implements Punch {
  readonly userId: string
  readonly #times: PackedTimeFormatter
  readonly #record: LogRecord

  constructor(record: LogRecord, userId: string, times: PackedTimeFormatter) {
    this.#record = record
    this.userId = userId
    this.#times = times
  }

  get localTime(): string {
    return this.#times.text(this.#record.packedTime) as string
  }

  get punchState(): number {
    return this.#record.punchState
  }

  get verifyMode(): number {
    return this.#record.verifyMode
  }

  get workCode(): number {
    return this.#record.workCode
  }

  get layout(): string {
    return this.#record.layout
  }

  get raw(): Uint8Array {
    return this.#record.raw
  }
}

import {
  AttendanceDecoder,
  type AttendanceRecord,
  type LayoutName,
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
  options: { layout: LayoutName; size: number; people: readonly PersonSpan[] },
): Generator<RecordBatch> {
  const { layout, size } = options
  const decoder = new AttendanceDecoder(layout)
  const times = new PackedTimeFormatter()
  const slots = new SlotRegister(options.people)
  const stepBytes = recordBytes(layout)
  for (let offset = 0; offset < records.length; ) {
    const punches: Punch[] = []
    const quarantined: QuarantinedRecord[] = []
    for (let n = 0; n < size && offset < records.length; n++, offset += stepBytes) {
      const record = decoder.decodeAt(records, offset)
      const punch = punchFrom(record, times, slots)
      if (typeof punch === 'string') quarantined.push({ raw: record.raw, reason: punch })
      else punches.push(punch)
    }
    yield { punches, quarantined }
  }
}

function punchFrom(
  record: AttendanceRecord,
  times: PackedTimeFormatter,
  slots: SlotRegister,
): Punch | QuarantineReason {
  const localTime = times.text(record.packedTime)
  if (localTime === null) return packedTimeFault(record.packedTime) ?? 'NO_TIME'
  const bySlot = record.layout === '8A' || record.layout === '8B'
  const user = bySlot ? slots.userAt(record.uid, localTime) : readableUserId(record.userId)
  if ('reason' in user) return user.reason
  return {
    userId: user.userId,
    localTime,
    punchState: record.punchState,
    verifyMode: record.verifyMode,
    workCode: record.workCode,
    layout: record.layout,
    raw: record.raw,
  }
}

type UserOrReason = { userId: string } | { reason: QuarantineReason }

/** C0 control characters, DEL and the C1 range: no user id that a person can type holds them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNREADABLE = /[\u0000-\u001f\u007f-\u009f\ufffd]/

function readableUserId(userId: string): UserOrReason {
  if (userId === '') return { reason: 'EMPTY_USER_ID' }
  if (UNREADABLE.test(userId)) return { reason: 'UNREADABLE_USER_ID' }
  return { userId }
}

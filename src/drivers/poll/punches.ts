import {
  AttendanceDecoder,
  type AttendanceRecord,
  carriesOnlyUid,
  type LayoutName,
  recordBytes,
  USER_ID_BYTES,
  USER_ID_OFFSET,
} from '../../codec/binary/attendance-record.ts'
import { PackedTimeFormatter, packedTimeFault } from '../../codec/binary/packed-time.ts'
import { userIdFaultAt } from '../../codec/binary/text.ts'
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
  const users = new UserIds(new SlotRegister(options.people))
  const stepBytes = recordBytes(layout)
  for (let offset = 0; offset < records.length; ) {
    const punches: Punch[] = []
    const quarantined: QuarantinedRecord[] = []
    for (let n = 0; n < size && offset < records.length; n++, offset += stepBytes) {
      const record = decoder.decodeAt(records, offset)
      const punch = punchFrom(record, times, users)
      if (typeof punch === 'string') quarantined.push({ raw: record.raw, reason: punch })
      else punches.push(punch)
    }
    yield { punches, quarantined }
  }
}

function punchFrom(record: AttendanceRecord, times: PackedTimeFormatter, users: UserIds): Punch | QuarantineReason {
  const localTime = times.text(record.packedTime)
  if (localTime === null) return packedTimeFault(record.packedTime) ?? 'NO_TIME'
  const user = users.of(record, localTime)
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

type UserOrReason = { readonly userId: string } | { readonly reason: QuarantineReason }

/** A log holds the ids of a few thousand people at most; one that holds more is judged anew from here on. */
const JUDGED_IDS_MAX = 10_000

/** Whose a record is, or why that cannot be said. Ids recur, so each is judged once. */
class UserIds {
  readonly #slots: SlotRegister
  readonly #judged = new Map<string, UserOrReason>()

  constructor(slots: SlotRegister) {
    this.#slots = slots
  }

  of(record: AttendanceRecord, localTime: string): UserOrReason {
    if (carriesOnlyUid(record.layout)) return this.#slots.userAt(record.uid, localTime)
    let user = this.#judged.get(record.userId)
    if (user === undefined) {
      user = readableUserId(record)
      if (this.#judged.size >= JUDGED_IDS_MAX) this.#judged.clear()
      this.#judged.set(record.userId, user)
    }
    return user
  }
}

/** The codec's own judgement of the bytes, which also counts the faults of a log before any of it is stored. */
function readableUserId(record: AttendanceRecord): UserOrReason {
  const isText = record.layout !== '16'
  const fault = isText
    ? userIdFaultAt({ block: record.raw, start: USER_ID_OFFSET, widthBytes: USER_ID_BYTES })
    : record.userId === ''
      ? 'EMPTY_USER_ID'
      : null
  return fault === null ? { userId: record.userId } : { reason: fault }
}

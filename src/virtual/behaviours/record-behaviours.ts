import type { Random } from '../../base/random.ts'
import { carriesOnlyUid } from '../../codec/binary/attendance-record.ts'
import { Command } from '../../codec/binary/commands.ts'
import { decodePackedTime, encodePackedTime } from '../../codec/binary/packed-time.ts'
import type { MakeBehaviour } from '../behaviour.ts'
import type { DeviceInside } from '../exchange.ts'
import type { RecordDraft } from '../record-draft.ts'

/** Text fields as [offset, width]: of records from 36 bytes on, and of users. */
const RECORD_ID_FIELD = [2, 24] as const
const USER_TEXT_FIELDS = {
  28: [
    [3, 5],
    [8, 8],
  ],
  72: [
    [3, 8],
    [11, 24],
    [48, 24],
  ],
} as const
const USER_NAME_FIELD = { 28: [8, 8], 72: [11, 24] } as const

/** Records with a text field for the user id are at least this long. */
const TEXT_ID_RECORD_BYTES = 36

/** Common names of no one in particular, as GBK bytes; each fits the shorter field. */
const GBK_NAMES = ['cdf5d0a1c3f7', 'c0eec4c8', 'd5c5ceb0', 'b3c2beb2', 'c1f5d1f3'] as const

/** Months without a 31st day. */
const SHORT_MONTHS: readonly number[] = [2, 4, 6, 9, 11]

const NO_TIMES = [0, 0xffff_ffff] as const

/** Slots and user ids from here on belong to nobody that a virtual device enrolls by itself. */
const UNKNOWN_UID = 64_000
const UNKNOWN_USER_ID = 770_000

/** What stands in the records and in the user list. */
export const recordBehaviours = {
  'impossible-dates': ({ strikes }) => ({
    store: draft =>
      strikes() ? [{ ...draft, packedTime: impossibleTime(draft.packedTime), faulty: 'IMPOSSIBLE_DATE' }] : [draft],
  }),
  'zero-times': ({ strikes, random }) => ({
    store: draft => (strikes() ? [{ ...draft, packedTime: random.pick(NO_TIMES), faulty: 'NO_TIME' }] : [draft]),
  }),
  'duplicate-records': ({ strikes }) => ({ store: draft => (strikes() ? [draft, draft] : [draft]) }),
  'same-second-different-codes': ({ strikes }) => ({
    store: draft => {
      if (!strikes() || draft.faulty !== null) return [draft]
      return [draft, { ...draft, punchState: (draft.punchState + 1) % 6, faulty: 'SAME_SECOND' }]
    },
  }),
  'garbage-after-nul': ({ device, random }) => ({
    store: draft => [
      withScribble(draft, bytes => {
        if (bytes.length >= TEXT_ID_RECORD_BYTES) fillBehindNul(bytes, RECORD_ID_FIELD, random)
      }),
    ],
    scribbleUser: record => {
      for (const field of USER_TEXT_FIELDS[device.settings.userLayout]) fillBehindNul(record, field, random)
    },
  }),
  'empty-user-ids': ({ device, strikes }) => ({
    store: draft => {
      if (!strikes()) return [draft]
      const faulty = carriesOnlyUid(device.settings.layout) ? 'UNKNOWN_UID' : 'EMPTY_USER_ID'
      return [{ ...draft, uid: 0, userId: '', faulty }]
    },
  }),
  'unreadable-user-ids': ({ device, strikes, random }) => ({
    store: draft => {
      if (device.log.recordBytes < TEXT_ID_RECORD_BYTES || !strikes()) return [draft]
      const bytes = Array.from({ length: 6 }, () => random.int(1, 0x1f))
      const nameless = { ...draft, userId: '', faulty: 'UNREADABLE_USER_ID' as const }
      return [withScribble(nameless, record => record.set(bytes, RECORD_ID_FIELD[0]))]
    },
  }),
  'unknown-uids': ({ device, strikes, random }) => ({
    store: draft => {
      if (!strikes()) return [draft]
      const uid = UNKNOWN_UID + random.int(0, 999)
      if (carriesOnlyUid(device.settings.layout)) return [{ ...draft, uid, userId: '', faulty: 'UNKNOWN_UID' }]
      return [{ ...draft, uid, userId: String(UNKNOWN_USER_ID + random.int(0, 999)) }]
    },
  }),
  'slot-reused': ({ device }) => {
    let isDone = false
    const reuse = (): void => {
      if (!isDone) isDone = reuseFirstSlot(device)
    }
    // A device that was made with this fault has nobody yet: then it happens before the first client comes.
    return {
      begin: reuse,
      answer: request => {
        if (request.command === Command.Connect) reuse()
        return null
      },
    }
  },
  'user-names-gbk': ({ device }) => ({
    scribbleUser: record => {
      const [offset, width] = USER_NAME_FIELD[device.settings.userLayout]
      const uid = (record[0] ?? 0) | ((record[1] ?? 0) << 8)
      record.fill(0, offset, offset + width)
      record.set(Buffer.from(GBK_NAMES[uid % GBK_NAMES.length] ?? '', 'hex'), offset)
    },
  }),
} as const satisfies Record<string, MakeBehaviour>

/** The 31st of the last month before it that has none, at the same time of day: what firmware makes by adding 1. */
function impossibleTime(packed: number): number {
  const time = decodePackedTime(packed)
  const month = SHORT_MONTHS.findLast(short => short <= time.month)
  const year = month === undefined ? Math.max(time.year - 1, 2000) : time.year
  return encodePackedTime({ ...time, year, month: month ?? 11, day: 31 })
}

function withScribble(draft: RecordDraft, scribble: (bytes: Uint8Array) => void): RecordDraft {
  return {
    ...draft,
    scribble: bytes => {
      draft.scribble?.(bytes)
      scribble(bytes)
    },
  }
}

/** Leaves the NUL in place, so that the text itself stays as it was. */
function fillBehindNul(bytes: Uint8Array, field: readonly [number, number], random: Random): void {
  const [offset, width] = field
  const end = bytes.subarray(offset, offset + width).indexOf(0)
  if (end >= 0) bytes.set(random.bytes(width - end - 1), offset + end + 1)
}

function reuseFirstSlot(device: DeviceInside): boolean {
  const [former] = device.users.list()
  if (former === undefined) return false
  device.users.remove(former.uid)
  device.users.put({ uid: former.uid, userId: String(UNKNOWN_USER_ID + former.uid), name: 'New Here' })
  return true
}

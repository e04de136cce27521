import { CodecError } from '../../base/errors.ts'
import { readU16, readU32, requireUnsigned, writeU16, writeU32 } from './integers.ts'
import { decodeText, encodeTextField, type UserIdFault } from './text.ts'
import { TextIds, textIdAt } from './text-ids.ts'

/** The record layouts that devices are known to use, named by their size; two differ in order alone. */
export type FixedLayout = '8A' | '8B' | '16' | '36' | '40' | '49'

/**
 * `40+n`: the 40-byte layout followed by n bytes that nobody has explained. 49 is such a one, met often enough for a
 * name.
 */
export type LayoutName = FixedLayout | `40+${number}`

/** One record of an attendance log, every field as sent. */
export interface AttendanceRecord {
  readonly layout: LayoutName
  /**
   * The slot in layouts 8A and 8B, 0 in layout 16. In the longer ones a slot on some firmware and a running number of
   * the record on others, so never an identity there.
   */
  readonly uid: number
  /** As text, zeros kept; empty in 8A and 8B, which carry the slot alone. */
  readonly userId: string
  readonly packedTime: number
  readonly verifyMode: number
  readonly punchState: number
  /** 0 where the layout has none. */
  readonly workCode: number
  /** A view on the bytes it was decoded from. */
  readonly raw: Uint8Array
}

/** A record inside a log. Its `raw` is made when it is asked for: a log has a million of them. */
export interface LogRecord extends AttendanceRecord {
  /** Why its id names nobody, or null. Where a layout carries a slot alone, slot 0 is nobody. */
  readonly userIdFault: UserIdFault | null
}

/** Where the fields of a layout stand; null where it has none. */
interface FieldOffsets {
  readonly uid: number | null
  readonly userId: 'none' | 'number' | 'text'
  readonly verifyMode: number
  readonly packedTime: number
  readonly punchState: number
  readonly workCode: number | null
}

const FIXED_BYTES = { '8A': 8, '8B': 8, '16': 16, '36': 36, '40': 40, '49': 49 } as const

/** Longer than any layout ever reported; a bound for the search, not a fact. */
export const MAX_RECORD_BYTES = 128

const BASE_BYTES = 40
export const USER_ID_OFFSET = 2
export const USER_ID_BYTES = 24

const OFFSETS_8A: FieldOffsets = {
  uid: 0,
  userId: 'none',
  verifyMode: 2,
  packedTime: 3,
  punchState: 7,
  workCode: null,
}
const OFFSETS_8B: FieldOffsets = {
  uid: 0,
  userId: 'none',
  verifyMode: 2,
  packedTime: 4,
  punchState: 3,
  workCode: null,
}
/** State before verify mode, as the vendor's manual and a capture have it: docs/protocol/attendance.md, A-11. */
const OFFSETS_16: FieldOffsets = {
  uid: null,
  userId: 'number',
  verifyMode: 9,
  packedTime: 4,
  punchState: 8,
  workCode: 12,
}
const OFFSETS_40: FieldOffsets = {
  uid: 0,
  userId: 'text',
  verifyMode: 26,
  packedTime: 27,
  punchState: 31,
  workCode: 32,
}

/** Bytes of one record. */
export function recordBytes(layout: LayoutName): number {
  return isFixed(layout) ? FIXED_BYTES[layout] : BASE_BYTES + Number(layout.slice(3))
}

/** The layouts of records of `size` bytes: two for 8, one for most, none below 41 unless known. */
export function layoutsOfSize(size: number): LayoutName[] {
  const fixed = (Object.keys(FIXED_BYTES) as FixedLayout[]).filter(layout => FIXED_BYTES[layout] === size)
  if (fixed.length > 0) return fixed
  return size > BASE_BYTES && size <= MAX_RECORD_BYTES ? [`40+${size - BASE_BYTES}`] : []
}

/** Reads the name of a layout, as stored or typed. `40+9` is `49`. */
export function parseLayoutName(text: string): LayoutName | null {
  if (isFixed(text)) return text
  const match = /^40\+([1-9]\d?)$/.exec(text)
  return match ? (layoutsOfSize(BASE_BYTES + Number(match[1]))[0] ?? null) : null
}

/** Whether records of this layout carry only a slot, so that a list of users is needed to say whose they are. */
export function carriesOnlyUid(layout: LayoutName): boolean {
  return layout === '8A' || layout === '8B'
}

/**
 * Decodes one record. Integers are little-endian; times are packed local times, see packed-time.ts.
 *
 *     layout 40          36, 49, 40+n          layout 16           layout 8A        layout 8B
 *      0 u16  uid        36: without the      0 u32 user id      0 u16 uid        0 u16 uid
 *      2 24 B user id        last 4 bytes     4 u32 time         2 u8  verify     2 u8  verify
 *     26 u8   verify     49: 9 more bytes     8 u8  state        3 u32 time       3 u8  state
 *     27 u32  time       40+n: n more         9 u8  verify       7 u8  state      4 u32 time
 *     31 u8   state                          10 2 B reserved
 *     32 u32  work code                      12 u32 work code
 *     36 4 B  reserved
 *
 * Reserved and unexplained bytes stay in `raw`.
 *
 * @throws CodecError `RECORD_LENGTH` unless `bytes` holds exactly one record.
 * Source: docs/protocol/attendance.md, A-9 to A-13; fragments `att40-*`, `att16-udp-123-part`, `att8b-ma300-*`.
 */
export function decodeAttendanceRecord(bytes: Uint8Array, layout: LayoutName): AttendanceRecord {
  requireRecordLength(bytes, layout)
  const { uid, userId, packedTime, verifyMode, punchState, workCode } = new BlockRecord(formOf(layout, null), bytes, 0)
  return { layout, uid, userId, packedTime, verifyMode, punchState, workCode, raw: bytes.subarray() }
}

/**
 * The bytes of a record: those of `raw` with the fields written in. Text is rewritten only where it says something else
 * than `raw` does, so that leftovers behind it stay as they came.
 *
 * @throws CodecError `RECORD_LENGTH` unless `raw` has the length of the layout, `FIELD_TOO_LONG` for a value that does
 * not fit: among them an id in layout 16 that is no number without leading zeros.
 */
export function encodeAttendanceRecord(record: AttendanceRecord): Uint8Array {
  const { layout } = record
  requireRecordLength(record.raw, layout)
  const bytes = record.raw.slice()
  const offsets = offsetsOf(layout)
  requireUnsigned({ name: 'time', value: record.packedTime, bits: 32 })
  requireUnsigned({ name: 'verify mode', value: record.verifyMode, bits: 8 })
  requireUnsigned({ name: 'punch state', value: record.punchState, bits: 8 })
  writeU32(bytes, offsets.packedTime, record.packedTime)
  bytes[offsets.verifyMode] = record.verifyMode
  bytes[offsets.punchState] = record.punchState
  if (offsets.uid !== null) {
    requireUnsigned({ name: 'uid', value: record.uid, bits: 16 })
    writeU16(bytes, offsets.uid, record.uid)
  }
  if (offsets.workCode !== null) {
    requireUnsigned({ name: 'work code', value: record.workCode, bits: 32 })
    writeU32(bytes, offsets.workCode, record.workCode)
  }
  writeUserId(bytes, record.userId, offsets)
  return bytes
}

/**
 * A record with fresh bytes, unused ones zero: what a device stores for a punch. Fields that the layout lacks are
 * dropped.
 */
export function newAttendanceRecord(fields: Omit<AttendanceRecord, 'raw'>): AttendanceRecord {
  const raw = new Uint8Array(recordBytes(fields.layout))
  return decodeAttendanceRecord(encodeAttendanceRecord({ ...fields, raw }), fields.layout)
}

/** Decodes the records of a log, fast: user ids recur, and each is read and judged once. */
export class AttendanceDecoder {
  readonly layout: LayoutName
  readonly recordBytes: number
  readonly #form: RecordForm

  constructor(layout: LayoutName) {
    this.layout = layout
    this.#form = formOf(layout, new TextIds(USER_ID_BYTES))
    this.recordBytes = this.#form.size
  }

  /**
   * The record that begins at `offset`. It reads `block` again when its `raw` is asked for.
   *
   * @throws CodecError `RECORD_LENGTH` where the block ends before the record does.
   */
  decodeAt(block: Uint8Array, offset: number): LogRecord {
    if (offset < 0 || offset + this.recordBytes > block.length) {
      throw new CodecError('RECORD_LENGTH', `no whole ${this.layout} record at byte ${offset} of ${block.length}`)
    }
    return new BlockRecord(this.#form, block, offset)
  }
}

/** What the records of one log have in common. */
interface RecordForm {
  readonly layout: LayoutName
  readonly offsets: FieldOffsets
  readonly size: number
  /** The ids met so far; null where a single record is read. */
  readonly textIds: TextIds | null
}

function formOf(layout: LayoutName, textIds: TextIds | null): RecordForm {
  return { layout, offsets: offsetsOf(layout), size: recordBytes(layout), textIds }
}

/** Positions stand beside the block here and below, not in an object with it: that object would be garbage for each record. */
class BlockRecord implements LogRecord {
  readonly uid: number
  readonly userId: string
  readonly userIdFault: UserIdFault | null
  readonly packedTime: number
  readonly verifyMode: number
  readonly punchState: number
  readonly workCode: number
  readonly #form: RecordForm
  readonly #block: Uint8Array
  readonly #at: number

  constructor(form: RecordForm, block: Uint8Array, at: number) {
    const { offsets } = form
    this.uid = offsets.uid === null ? 0 : readU16(block, at + offsets.uid)
    this.packedTime = readU32(block, at + offsets.packedTime)
    this.verifyMode = block[at + offsets.verifyMode] as number
    this.punchState = block[at + offsets.punchState] as number
    this.workCode = offsets.workCode === null ? 0 : readU32(block, at + offsets.workCode)
    this.#form = form
    this.#block = block
    this.#at = at
    if (offsets.userId === 'text') {
      const start = at + USER_ID_OFFSET
      const id = form.textIds?.at(block, start) ?? textIdAt(block, start, USER_ID_BYTES)
      this.userId = id.text
      this.userIdFault = id.fault
    } else {
      // A device has no user 0: the number stands for "nobody", and nobody has an empty id.
      const id = offsets.userId === 'number' ? readU32(block, at) : 0
      this.userId = id === 0 ? '' : String(id)
      this.userIdFault = id === 0 && this.uid === 0 ? 'EMPTY_USER_ID' : null
    }
  }

  get layout(): LayoutName {
    return this.#form.layout
  }

  get raw(): Uint8Array {
    // As block.subarray does, in half the time.
    return new Uint8Array(this.#block.buffer, this.#block.byteOffset + this.#at, this.#form.size)
  }
}

function writeUserId(bytes: Uint8Array, userId: string, offsets: FieldOffsets): void {
  const kind = offsets.userId
  if (kind === 'none') return
  if (kind === 'text' && decodeText(bytes.subarray(USER_ID_OFFSET, USER_ID_OFFSET + USER_ID_BYTES)) === userId) return
  if (kind === 'text') {
    const field = encodeTextField({ name: 'user id', text: userId, widthBytes: USER_ID_BYTES })
    bytes.set(field, USER_ID_OFFSET)
    return
  }
  const id = userId === '' ? 0 : Number(userId)
  if (userId !== '' && String(id) !== userId) {
    throw new CodecError('FIELD_TOO_LONG', `user id ${userId} has no form in a record that stores a number`)
  }
  requireUnsigned({ name: 'user id', value: id, bits: 32 })
  writeU32(bytes, 0, id)
}

function offsetsOf(layout: LayoutName): FieldOffsets {
  if (layout === '8A') return OFFSETS_8A
  if (layout === '8B') return OFFSETS_8B
  return layout === '16' ? OFFSETS_16 : OFFSETS_40
}

function isFixed(text: string): text is FixedLayout {
  return Object.hasOwn(FIXED_BYTES, text)
}

function requireRecordLength(bytes: Uint8Array, layout: LayoutName): void {
  if (bytes.length !== recordBytes(layout)) {
    const expected = recordBytes(layout)
    throw new CodecError('RECORD_LENGTH', `a ${layout} record has ${expected} bytes, got ${bytes.length}`)
  }
}

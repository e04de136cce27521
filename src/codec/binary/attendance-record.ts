import { CodecError } from '../../base/errors.ts'
import { readU16, readU32, requireUnsigned, writeU16, writeU32 } from './integers.ts'
import { decodeText, encodeTextField } from './text.ts'

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
  return readRecord({ layout, offsets: offsetsOf(layout), size: bytes.length, textIds: null }, bytes, 0)
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

/** Decodes the records of a log, fast: user ids recur, and each is turned into a string once. */
export class AttendanceDecoder {
  readonly layout: LayoutName
  readonly recordBytes: number
  readonly #form: RecordForm

  constructor(layout: LayoutName) {
    this.layout = layout
    this.recordBytes = recordBytes(layout)
    const offsets = offsetsOf(layout)
    const textIds = offsets.userId === 'text' ? new TextIds() : null
    this.#form = { layout, offsets, size: this.recordBytes, textIds }
  }

  /** The record that begins at `offset`. @throws CodecError `RECORD_LENGTH` where the block ends before it does. */
  decodeAt(block: Uint8Array, offset: number): AttendanceRecord {
    if (offset < 0 || offset + this.recordBytes > block.length) {
      throw new CodecError('RECORD_LENGTH', `no whole ${this.layout} record at byte ${offset} of ${block.length}`)
    }
    return readRecord(this.#form, block, offset)
  }
}

/** What the records of one log have in common. */
interface RecordForm {
  readonly layout: LayoutName
  readonly offsets: FieldOffsets
  readonly size: number
  readonly textIds: TextIds | null
}

/** Positions stand beside the block here and below, not in an object with it: that object would be garbage for each record. */
function readRecord(form: RecordForm, block: Uint8Array, at: number): AttendanceRecord {
  const { layout, offsets } = form
  return {
    layout,
    uid: offsets.uid === null ? 0 : readU16(block, at + offsets.uid),
    userId: readUserId(form, block, at),
    packedTime: readU32(block, at + offsets.packedTime),
    verifyMode: block[at + offsets.verifyMode] as number,
    punchState: block[at + offsets.punchState] as number,
    workCode: offsets.workCode === null ? 0 : readU32(block, at + offsets.workCode),
    // As block.subarray does, in half the time.
    raw: new Uint8Array(block.buffer, block.byteOffset + at, form.size),
  }
}

function readUserId(form: Pick<RecordForm, 'offsets' | 'textIds'>, block: Uint8Array, at: number): string {
  const kind = form.offsets.userId
  switch (kind) {
    case 'none':
      return ''
    case 'number': {
      // A device has no user 0: the number stands for "nobody", and nobody has an empty id.
      const id = readU32(block, at)
      return id === 0 ? '' : String(id)
    }
    case 'text': {
      const start = at + USER_ID_OFFSET
      return form.textIds?.at(block, start) ?? decodeText(block.subarray(start, start + USER_ID_BYTES))
    }
    default:
      return kind satisfies never
  }
}

function writeUserId(bytes: Uint8Array, userId: string, offsets: FieldOffsets): void {
  const kind = offsets.userId
  if (kind === 'none' || readUserId({ offsets, textIds: null }, bytes, 0) === userId) return
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

/** More people than most devices see in a day; each slot holds one id, and a collision costs one decoding. */
const ID_SLOTS = 4096

/** The user ids met so far, by their bytes before the NUL. Bounded: a newer id takes the slot of an older one. */
class TextIds {
  readonly #bytes = new Uint8Array(ID_SLOTS * USER_ID_BYTES)
  readonly #lengths = new Int8Array(ID_SLOTS).fill(-1)
  readonly #texts: string[] = new Array<string>(ID_SLOTS).fill('')

  at(block: Uint8Array, start: number): string {
    let hash = 0
    let length = 0
    for (; length < USER_ID_BYTES; length++) {
      const byte = block[start + length] as number
      if (byte === 0) break
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    const slot = (hash ^ (hash >>> 15)) & (ID_SLOTS - 1)
    if (this.#lengths[slot] === length && this.#holds(slot, block, start)) return this.#texts[slot] as string
    const field = block.subarray(start, start + length)
    const text = decodeText(field)
    this.#bytes.set(field, slot * USER_ID_BYTES)
    this.#lengths[slot] = length
    this.#texts[slot] = text
    return text
  }

  /** Whether the id in a slot is the one that begins at `start`; their lengths are known to be the same. */
  #holds(slot: number, block: Uint8Array, start: number): boolean {
    const length = this.#lengths[slot] as number
    const from = slot * USER_ID_BYTES
    for (let i = 0; i < length; i++) {
      if (this.#bytes[from + i] !== block[start + i]) return false
    }
    return true
  }
}

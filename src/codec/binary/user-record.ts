import { CodecError } from '../../base/errors.ts'
import { decodeU32, readU16, readU32, requireUnsigned, writeU16, writeU32 } from './integers.ts'
import { decodeText, encodeTextField, userIdFault } from './text.ts'

/** Users come in records of 28 bytes (black-and-white firmware) or 72. */
export type UserLayout = 28 | 72

/** One user as a device keeps it. */
export interface UserRecord {
  readonly layout: UserLayout
  /** The slot, 1 to 65534; reused after a user is deleted. */
  readonly uid: number
  /** Bit 0 disabled; bits 1 to 3: 0 user, 1 enroller, 3 manager, 7 administrator. */
  readonly privilege: number
  /** The whole field, leftovers after the NUL included. A secret. */
  readonly password: Uint8Array
  readonly name: string
  /** The whole name field as it came, for a character set that only the reader knows. */
  readonly nameBytes: Uint8Array
  readonly card: number
  readonly group: number
  /** As it came: four u16 in layout 72, a set of bits in layout 28. */
  readonly timeZones: Uint8Array
  /** As text, zeros kept. A number in layout 28, where 0 reads as empty. */
  readonly userId: string
  /** The bytes it was decoded from. */
  readonly raw: Uint8Array
}

interface UserOffsets {
  readonly passwordBytes: number
  readonly name: number
  readonly nameBytes: number
  readonly card: number
  readonly group: number
  readonly timeZones: number
  readonly timeZonesBytes: number
  readonly userId: number
}

const PASSWORD_OFFSET = 3
const USER_ID_TEXT_BYTES = 24
/** Ids that are numbers have at most nine digits. */
const MAX_NUMERIC_ID = 999_999_999

const OFFSETS: Readonly<Record<UserLayout, UserOffsets>> = {
  28: {
    passwordBytes: 5,
    name: 8,
    nameBytes: 8,
    card: 16,
    group: 21,
    timeZones: 22,
    timeZonesBytes: 2,
    userId: 24,
  },
  72: {
    passwordBytes: 8,
    name: 11,
    nameBytes: 24,
    card: 35,
    group: 39,
    timeZones: 40,
    timeZonesBytes: 8,
    userId: 48,
  },
}

/** The bytes of a record from the password to the card number: what stands there is nobody's business. */
export function privateBytes(layout: UserLayout): { readonly from: number; readonly to: number } {
  return { from: PASSWORD_OFFSET, to: OFFSETS[layout].group }
}

/**
 * Decodes one user. Integers are little-endian.
 *
 *     layout 72                          layout 28
 *      0  u16   uid                       0  u16  uid
 *      2  u8    privilege                 2  u8   privilege
 *      3  8 B   password, NUL-padded      3  5 B  password
 *     11  24 B  name                      8  8 B  name, without a NUL when full
 *     35  u32   card                     16  u32  card, then one byte unused
 *     39  u8    group                    21  u8   group
 *     40  8 B   time zones               22  2 B  time zones
 *     48  24 B  user id                  24  u32  user id
 *
 * @throws CodecError `RECORD_LENGTH` unless `bytes` holds exactly one record.
 * Source: docs/protocol/users.md, U-3 and U-4; captures `usr-buf-data*`, `usr-wrq`, fragment `usr28-data0-head`.
 */
export function decodeUserRecord(bytes: Uint8Array, layout: UserLayout): UserRecord {
  requireUserLength(bytes, layout)
  const at = OFFSETS[layout]
  const nameBytes = bytes.subarray(at.name, at.name + at.nameBytes)
  return {
    layout,
    uid: readU16(bytes, 0),
    privilege: bytes[2] as number,
    password: bytes.subarray(PASSWORD_OFFSET, PASSWORD_OFFSET + at.passwordBytes),
    name: decodeText(nameBytes),
    nameBytes,
    card: readU32(bytes, at.card),
    group: bytes[at.group] as number,
    timeZones: bytes.subarray(at.timeZones, at.timeZones + at.timeZonesBytes),
    userId: readUserId(bytes, layout),
    raw: bytes,
  }
}

/**
 * The bytes of a user: those of `raw` with the fields written in. Name and user id are rewritten only where they say
 * something else than `raw` does, so that leftovers and foreign character sets stay as they came; `nameBytes` is not
 * read.
 *
 * @throws CodecError `RECORD_LENGTH`, `FIELD_TOO_LONG`.
 */
export function encodeUserRecord(user: UserRecord): Uint8Array {
  const { layout } = user
  requireUserLength(user.raw, layout)
  const at = OFFSETS[layout]
  requireUnsigned({ name: 'uid', value: user.uid, bits: 16 })
  requireUnsigned({ name: 'privilege', value: user.privilege, bits: 8 })
  requireUnsigned({ name: 'card', value: user.card, bits: 32 })
  requireUnsigned({ name: 'group', value: user.group, bits: 8 })
  const bytes = user.raw.slice()
  writeU16(bytes, 0, user.uid)
  bytes[2] = user.privilege
  bytes.set(ofWidth(user.password, at.passwordBytes, 'password'), PASSWORD_OFFSET)
  if (decodeText(bytes.subarray(at.name, at.name + at.nameBytes)) !== user.name) {
    bytes.set(encodeTextField({ name: 'name', text: user.name, widthBytes: at.nameBytes }), at.name)
  }
  writeU32(bytes, at.card, user.card)
  bytes[at.group] = user.group
  bytes.set(ofWidth(user.timeZones, at.timeZonesBytes, 'time zones'), at.timeZones)
  if (readUserId(bytes, layout) !== user.userId) writeUserId(bytes, user.userId, layout)
  return bytes
}

/** A user with fresh bytes, what is not given being zero or empty. */
export function newUserRecord(fields: {
  layout: UserLayout
  uid: number
  userId: string
  name: string
  privilege?: number
  password?: string
  card?: number
  group?: number
}): UserRecord {
  const { layout } = fields
  const at = OFFSETS[layout]
  const blank = decodeUserRecord(new Uint8Array(layout), layout)
  const password = encodeTextField({ name: 'password', text: fields.password ?? '', widthBytes: at.passwordBytes })
  const bytes = encodeUserRecord({
    ...blank,
    uid: fields.uid,
    privilege: fields.privilege ?? 0,
    password,
    name: fields.name,
    card: fields.card ?? 0,
    group: fields.group ?? 1,
    userId: fields.userId,
  })
  return decodeUserRecord(bytes, layout)
}

/**
 * Decodes everybody: a u32 with the length of the records, then the records. No bytes at all, or a length of 0, are
 * nobody. The size of a record is told by the count of users where that divides the length, else by which size divides
 * it; where both do (multiples of 504), by which gives more records with a slot and a readable id.
 *
 * @throws CodecError `REPLY_DATA` where the length is wrong or neither size explains it.
 * Source: docs/protocol/users.md, U-1 and U-2.
 */
export function decodeUserBlock(block: Uint8Array, options: { userCount: number | null }): UserRecord[] {
  if (block.length === 0) return []
  const total = decodeU32(block)
  if (total !== block.length - 4) {
    throw new CodecError('REPLY_DATA', `the list of users announces ${total} bytes and has ${block.length - 4}`)
  }
  if (total === 0) return []
  const records = block.subarray(4)
  const layout = userLayoutOf(records, options.userCount)
  const users: UserRecord[] = []
  for (let at = 0; at < records.length; at += layout) {
    users.push(decodeUserRecord(records.subarray(at, at + layout), layout))
  }
  return users
}

function userLayoutOf(records: Uint8Array, userCount: number | null): UserLayout {
  const candidates = ([28, 72] as const).filter(size => records.length % size === 0)
  const counted = candidates.find(size => records.length / size === userCount)
  if (counted) return counted
  const [best] = candidates.toSorted((a, b) => readableShare(records, b) - readableShare(records, a))
  if (best === undefined) {
    throw new CodecError('REPLY_DATA', `${records.length} bytes are no whole number of users of 28 or 72 bytes`)
  }
  return best
}

/**
 * The share of records that have a slot and a readable id. Never all: a captured list holds slots that are half empty.
 */
function readableShare(records: Uint8Array, layout: UserLayout): number {
  const at = OFFSETS[layout].userId
  let readable = 0
  for (let start = 0; start < records.length; start += layout) {
    const id = records.subarray(start + at, start + layout)
    const named = layout === 72 ? userIdFault(id) === null : readU32(id, 0) > 0 && readU32(id, 0) <= MAX_NUMERIC_ID
    if (named && readU16(records, start) !== 0) readable += 1
  }
  return readable / (records.length / layout)
}

function readUserId(bytes: Uint8Array, layout: UserLayout): string {
  const at = OFFSETS[layout].userId
  if (layout === 72) return decodeText(bytes.subarray(at, at + USER_ID_TEXT_BYTES))
  const id = readU32(bytes, at)
  return id === 0 ? '' : String(id)
}

function writeUserId(bytes: Uint8Array, userId: string, layout: UserLayout): void {
  const at = OFFSETS[layout].userId
  if (layout === 72) {
    bytes.set(encodeTextField({ name: 'user id', text: userId, widthBytes: USER_ID_TEXT_BYTES }), at)
    return
  }
  const id = userId === '' ? 0 : Number(userId)
  if (userId !== '' && String(id) !== userId) {
    throw new CodecError('FIELD_TOO_LONG', `user id ${userId} has no form in a record that stores a number`)
  }
  requireUnsigned({ name: 'user id', value: id, bits: 32 })
  writeU32(bytes, at, id)
}

function ofWidth(field: Uint8Array, widthBytes: number, name: string): Uint8Array {
  if (field.length !== widthBytes) {
    throw new CodecError('FIELD_TOO_LONG', `${name} must have ${widthBytes} bytes, got ${field.length}`)
  }
  return field
}

function requireUserLength(bytes: Uint8Array, layout: UserLayout): void {
  if (bytes.length !== layout) {
    throw new CodecError('RECORD_LENGTH', `a user record has ${layout} bytes, got ${bytes.length}`)
  }
}

import { Buffer, isUtf8 } from 'node:buffer'
import { CodecError } from '../../base/errors.ts'

/** Why a user id cannot name anybody. */
export type UserIdFault = 'EMPTY_USER_ID' | 'UNREADABLE_USER_ID'

/** The bytes before the first NUL. What follows it in a text field is leftovers: docs/protocol/users.md, U-7. */
export function textBytes(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end === -1 ? bytes : bytes.subarray(0, end)
}

/**
 * The text before the first NUL: UTF-8 when it is valid, else one character a byte (Latin-1), which loses nothing.
 * Devices do not say which character set they use; whoever knows better has the bytes.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = textBytes(bytes)
  const view = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  return view.toString(isUtf8(view) ? 'utf8' : 'latin1')
}

/**
 * A text field: UTF-8, filled with NULs.
 *
 * @throws CodecError `FIELD_TOO_LONG` where it does not fit, or holds a NUL and would come back shorter.
 */
export function encodeTextField(field: { name: string; text: string; widthBytes: number }): Uint8Array {
  const bytes = Buffer.from(field.text, 'utf8')
  if (bytes.length > field.widthBytes || bytes.includes(0)) {
    throw new CodecError(
      'FIELD_TOO_LONG',
      `${field.name} must have at most ${field.widthBytes} bytes and no NUL, got ${bytes.length}`,
    )
  }
  const padded = new Uint8Array(field.widthBytes)
  padded.set(bytes)
  return padded
}

/**
 * Why the user id in a text field names nobody, or null. Blank is empty; control characters and bytes that are no UTF-8
 * are unreadable. Ids are mostly digits, and letters occur, so anything printable passes.
 */
export function userIdFault(field: Uint8Array): UserIdFault | null {
  return userIdFaultAt(field, 0, field.length)
}

/** The same for a field inside a log, without a view of its own: a log has a million of them. */
export function userIdFaultAt(block: Uint8Array, start: number, widthBytes: number): UserIdFault | null {
  const fieldEnd = start + widthBytes
  let blank = true
  let plain = true
  let end = start
  for (; end < fieldEnd; end++) {
    const byte = block[end] as number
    if (byte === 0) break
    if (byte < 0x20 || byte === 0x7f) return 'UNREADABLE_USER_ID'
    if (byte !== 0x20) blank = false
    if (byte >= 0x80) plain = false
  }
  if (blank) return 'EMPTY_USER_ID'
  return plain || isUtf8(block.subarray(start, end)) ? null : 'UNREADABLE_USER_ID'
}

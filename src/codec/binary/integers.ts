import { CodecError } from '../../base/errors.ts'

/** Reads an unsigned 16-bit little-endian integer. The caller has checked the length. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8)
}

/** Reads an unsigned 32-bit little-endian integer. The caller has checked the length. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) |
      ((bytes[offset + 1] as number) << 8) |
      ((bytes[offset + 2] as number) << 16) |
      ((bytes[offset + 3] as number) << 24)) >>>
    0
  )
}

/** Writes the low 16 bits of `value`, little-endian. */
export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value
  bytes[offset + 1] = value >>> 8
}

/** Writes the low 32 bits of `value`, little-endian. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value
  bytes[offset + 1] = value >>> 8
  bytes[offset + 2] = value >>> 16
  bytes[offset + 3] = value >>> 24
}

/** A whole data field that is one u32: a packed time, an event mask, a number of seconds. */
export function encodeU32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  writeU32(bytes, 0, value)
  return bytes
}

/**
 * The u32 at `offset` of reply data.
 *
 * @throws CodecError `REPLY_DATA` where the data end before it does.
 */
export function decodeU32(data: Uint8Array, offset = 0): number {
  if (data.length < offset + 4) {
    throw new CodecError(
      'REPLY_DATA',
      `a 32-bit number at byte ${offset} needs ${offset + 4} bytes, got ${data.length}`,
    )
  }
  return readU32(data, offset)
}

/**
 * Refuses a number that would be cut by its field: a wire field never wraps in silence.
 *
 * @throws CodecError `FIELD_TOO_LONG`.
 */
export function requireUnsigned(field: { name: string; value: number; bits: 8 | 16 | 32 }): void {
  const { name, value, bits } = field
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new CodecError('FIELD_TOO_LONG', `${name} must be a whole number below ${2 ** bits}, not ${value}`)
  }
}

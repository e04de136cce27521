import { CodecError } from '../../base/errors.ts'

/** Devices take up to 9 digits; the scramble itself works on 32 bits. */
const MAX_COMM_KEY = 0xffff_ffff

/**
 * The four data bytes that answer a demand for the comm key.
 *
 * The key's 32 bits are reversed, the session id is added, the four little-endian bytes are masked with "ZKSO", the two
 * halves change places, and `tick` masks bytes 0, 1 and 3 and replaces byte 2. Arithmetic wraps at 32 bits: keys whose
 * low bits are all ones overflow in the addition. Any tick works. This hides the key from a glance and from nothing
 * else, so what it returns is as secret as the key.
 *
 * @throws CodecError `COMM_KEY_RANGE` unless the key is a whole number from 0 to 4294967295.
 * Source: docs/protocol/session.md, S-9; vectors `commkey`.
 */
export function scrambleCommKey(input: { commKey: number; sessionId: number; tick: number }): Uint8Array {
  const { commKey, sessionId } = input
  if (!Number.isInteger(commKey) || commKey < 0 || commKey > MAX_COMM_KEY) {
    throw new CodecError('COMM_KEY_RANGE', `a comm key is a whole number from 0 to ${MAX_COMM_KEY}`)
  }
  const tick = input.tick & 0xff
  const sum = (reverseBits(commKey) + (sessionId & 0xffff)) >>> 0
  // The low byte of the sum, masked with "Z", would stand at byte 2, where the tick replaces it.
  const k = ((sum >>> 8) & 0xff) ^ 0x4b
  const s = ((sum >>> 16) & 0xff) ^ 0x53
  const o = (sum >>> 24) ^ 0x4f
  return Uint8Array.of(s ^ tick, o ^ tick, tick, k ^ tick)
}

function reverseBits(value: number): number {
  let reversed = 0
  for (let bit = 0; bit < 32; bit++) {
    if ((value >>> bit) & 1) reversed |= 1 << (31 - bit)
  }
  return reversed >>> 0
}

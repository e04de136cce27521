/** Bytes added up before folding: 32,768 words of 0xffff stay below 2^31, where integer arithmetic is fastest. */
const BLOCK_BYTES = 65_536

/** Below, a view on the words costs more than it saves. */
const ALIGNED_BYTES_MIN = 2_048
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/**
 * The checksum that belongs into bytes 2 and 3 of a packet: the Internet checksum over little-endian words, those two
 * bytes taken as zero, an odd last byte standing alone.
 *
 * Source: docs/protocol/framing.md, F-7 and F-8.
 */
export function packetChecksum(payload: Uint8Array): number {
  const stored = (payload[2] ?? 0) | ((payload[3] ?? 0) << 8)
  return ~foldedSum(payload, -stored) & 0xffff
}

/** Whether bytes 2 and 3 hold the right checksum: then all words, checksum included, sum to 0xffff. */
export function checksumHolds(payload: Uint8Array): boolean {
  return foldedSum(payload, 0) === 0xffff
}

/** The sum of all words and `initial`, which may take out words that are among them. */
function foldedSum(payload: Uint8Array, initial: number): number {
  const { length } = payload
  const wordsEnd = length - (length & 1)
  let sum = initial + (length & 1 ? (payload[length - 1] as number) : 0)
  for (let start = 0; start < wordsEnd; start += BLOCK_BYTES) {
    sum += blockSum(payload, start, Math.min(start + BLOCK_BYTES, wordsEnd))
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  }
  return sum
}

/** The same for bytes that lie on a boundary of four: two words in one load, which takes half the time. */
function alignedSum(payload: Uint8Array, start: number, end: number): number {
  const pairs = new Uint32Array(payload.buffer, payload.byteOffset + start, (end - start) >> 2)
  let low = 0
  let high = 0
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as number
    low += pair & 0xffff
    high += pair >>> 16
  }
  let sum = low + high
  const rest = start + (pairs.length << 2)
  if (rest < end) sum += (payload[rest] as number) + ((payload[rest + 1] as number) << 8)
  return sum
}

/** The plain sum of the words from `start` to `end`: low and high bytes apart, two words a step. */
function blockSum(payload: Uint8Array, start: number, end: number): number {
  if (IS_LITTLE_ENDIAN && end - start >= ALIGNED_BYTES_MIN && (payload.byteOffset & 3) === 0) {
    return alignedSum(payload, start, end)
  }
  let low = 0
  let high = 0
  let i = start
  for (; i + 3 < end; i += 4) {
    low += (payload[i] as number) + (payload[i + 2] as number)
    high += (payload[i + 1] as number) + (payload[i + 3] as number)
  }
  if (i < end) {
    low += payload[i] as number
    high += payload[i + 1] as number
  }
  return low + high * 256
}

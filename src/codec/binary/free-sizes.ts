import { CodecError } from '../../base/errors.ts'
import { readU32, writeU32 } from './integers.ts'

/**
 * The counters of a device. A number is null where the answer has no such word, or where it cannot be a count. Hints
 * all of them: punches arrive meanwhile, and some firmware reports 0 while records exist.
 */
export interface FreeSizes {
  /** Every whole word as it came, unsigned. */
  readonly words: readonly number[]
  /** Bytes after the last whole word. */
  readonly rest: Uint8Array
  readonly users: number | null
  readonly fingerprints: number | null
  readonly attendanceRecords: number | null
  readonly operationRecords: number | null
  readonly administrators: number | null
  readonly passwords: number | null
  readonly fingerprintCapacity: number | null
  readonly userCapacity: number | null
  readonly attendanceCapacity: number | null
  readonly fingerprintsFree: number | null
  readonly usersFree: number | null
  readonly attendanceFree: number | null
  readonly faces: number | null
  readonly faceCapacity: number | null
}

/** The counters that a virtual device reports. */
export type SizeCounts = Omit<FreeSizes, 'words' | 'rest'>

/** Where each counter stands, in words. Source: docs/protocol/sizes.md, Z-1. */
const WORD = {
  users: 4,
  fingerprints: 6,
  attendanceRecords: 8,
  operationRecords: 10,
  administrators: 12,
  passwords: 13,
  fingerprintCapacity: 14,
  userCapacity: 15,
  attendanceCapacity: 16,
  fingerprintsFree: 17,
  usersFree: 18,
  attendanceFree: 19,
  faces: 20,
  faceCapacity: 22,
} as const satisfies Record<keyof SizeCounts, number>

/** The word that holds the number of attendance records, for a request of that word alone. */
export const ATTENDANCE_RECORDS_WORD = WORD.attendanceRecords

/** The shortest answer whose words have a known meaning. */
const COUNTS_BYTES = 80

/** Known answers have at most 112 bytes; this bounds what an unknown one can cost. */
const MAX_SIZES_BYTES = 4096

/**
 * Decodes the answer to a request for the sizes: 32-bit little-endian words, 80, 92 or 112 bytes on known firmware.
 * Four bytes are one bare word: the whole answer of minimal Wi-Fi firmware, or the answer to a request for one word.
 *
 * @throws CodecError `REPLY_DATA` for other lengths below 80, or above 4096.
 * Source: docs/protocol/sizes.md, Z-1 to Z-3; captures `siz-*`.
 */
export function decodeFreeSizes(data: Uint8Array): FreeSizes {
  if ((data.length !== 4 && data.length < COUNTS_BYTES) || data.length > MAX_SIZES_BYTES) {
    throw new CodecError('REPLY_DATA', `sizes come in 4 or at least ${COUNTS_BYTES} bytes, got ${data.length}`)
  }
  const words: number[] = []
  for (let at = 0; at + 4 <= data.length; at += 4) words.push(readU32(data, at))
  const rest = data.slice(words.length * 4)
  const named = data.length >= COUNTS_BYTES
  const count = (word: number): number | null => {
    const value = named ? words[word] : undefined
    // A negative number is how firmware says that it does not know.
    return value === undefined || value > 0x7fff_ffff ? null : value
  }
  return { words, rest, ...mapWords(count) }
}

/** The bytes of an answer: its words and what follows them. */
export function encodeFreeSizes(sizes: Pick<FreeSizes, 'words'> & { rest?: Uint8Array }): Uint8Array {
  const rest = sizes.rest ?? new Uint8Array(0)
  const data = new Uint8Array(sizes.words.length * 4 + rest.length)
  sizes.words.forEach((word, index) => {
    writeU32(data, index * 4, word)
  })
  data.set(rest, sizes.words.length * 4)
  return data
}

/** An answer of `lengthBytes` with the given counters; words without a name are zero. */
export function newFreeSizes(counts: Partial<SizeCounts>, lengthBytes: 80 | 92 | 112): FreeSizes {
  const words = new Array<number>(lengthBytes / 4).fill(0)
  for (const [name, word] of Object.entries(WORD)) {
    const value = counts[name as keyof SizeCounts]
    if (value !== undefined && value !== null && word < words.length) words[word] = value
  }
  return decodeFreeSizes(encodeFreeSizes({ words }))
}

function mapWords(count: (word: number) => number | null): SizeCounts {
  return {
    users: count(WORD.users),
    fingerprints: count(WORD.fingerprints),
    attendanceRecords: count(WORD.attendanceRecords),
    operationRecords: count(WORD.operationRecords),
    administrators: count(WORD.administrators),
    passwords: count(WORD.passwords),
    fingerprintCapacity: count(WORD.fingerprintCapacity),
    userCapacity: count(WORD.userCapacity),
    attendanceCapacity: count(WORD.attendanceCapacity),
    fingerprintsFree: count(WORD.fingerprintsFree),
    usersFree: count(WORD.usersFree),
    attendanceFree: count(WORD.attendanceFree),
    faces: count(WORD.faces),
    faceCapacity: count(WORD.faceCapacity),
  }
}

import type { Punch } from '../model/punch.ts'

/** The codes of a punch in one number: state and mode are bytes, the work code a u32. */
type Codes = number

/**
 * Knows the punches of one read by person and second. One person on one device in one second is one punch: a second record
 * with the same codes is the same punch again, one with other codes is kept aside.
 *
 * Numbers instead of text, since a read may hold half a million punches.
 */
export class SameSecond {
  readonly #ordinals = new Map<string, number>()
  readonly #codes = new Map<number, Codes>()

  /** Whether an earlier punch of this read has the same person and second, but other codes. */
  contradicts(punch: Punch): boolean {
    const key = this.#ordinal(punch.userId) * 2 ** 32 + secondOf(punch.localTime)
    const codes = (punch.punchState * 256 + punch.verifyMode) * 2 ** 32 + punch.workCode
    const earlier = this.#codes.get(key)
    if (earlier === undefined) this.#codes.set(key, codes)
    return earlier !== undefined && earlier !== codes
  }

  #ordinal(userId: string): number {
    let ordinal = this.#ordinals.get(userId)
    if (ordinal === undefined) {
      ordinal = this.#ordinals.size
      this.#ordinals.set(userId, ordinal)
    }
    return ordinal
  }
}

/** A number below 2^32 for each second of the years 2000 to 2099; months have 31 slots. */
function secondOf(localTime: string): number {
  const two = (at: number) => localTime.charCodeAt(at) * 10 + localTime.charCodeAt(at + 1) - 528
  const day = (two(2) * 12 + two(5) - 1) * 31 + two(8) - 1
  return ((day * 24 + two(11)) * 60 + two(14)) * 60 + two(17)
}

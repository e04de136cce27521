import type { Punch } from '../model/punch.ts'

/** Room at first; it doubles whenever it is half full, so that a punch is found after a step or two. */
const FIRST_SLOTS = 1024

/**
 * Knows the punches of one read by person and second. One person on one device in one second is one punch: a second record
 * with the same codes is the same punch again, one with other codes is kept aside.
 *
 * A hash table in four plain arrays, 14 bytes a slot, since a read may hold half a million punches and a `Map` takes
 * a hundred bytes for each.
 */
export class SameSecond {
  readonly #ordinals = new Map<string, number>()
  #count = 0
  /** The person's ordinal, from 1 on; 0 is a slot that is free. */
  #people = new Uint32Array(FIRST_SLOTS)
  #seconds = new Uint32Array(FIRST_SLOTS)
  /** Punch state and verify mode, a byte each. */
  #modes = new Uint16Array(FIRST_SLOTS)
  #workCodes = new Uint32Array(FIRST_SLOTS)

  /** Whether an earlier punch of this read has the same person and second, but other codes. */
  contradicts(punch: Punch): boolean {
    const person = this.#ordinal(punch.userId)
    const second = secondOf(punch.localTime)
    const modes = (punch.punchState << 8) | punch.verifyMode
    const slot = this.#slotOf(person, second)
    if (this.#people[slot] !== 0) return this.#modes[slot] !== modes || this.#workCodes[slot] !== punch.workCode
    this.#people[slot] = person
    this.#seconds[slot] = second
    this.#modes[slot] = modes
    this.#workCodes[slot] = punch.workCode
    this.#count++
    if (this.#count * 2 > this.#people.length) this.#grow()
    return false
  }

  /** The slot that holds this person and second, or the free one where they belong. */
  #slotOf(person: number, second: number): number {
    const mask = this.#people.length - 1
    let slot = hashOf(person, second) & mask
    while (this.#people[slot] !== 0 && (this.#people[slot] !== person || this.#seconds[slot] !== second))
      slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const [people, seconds, modes, workCodes] = [this.#people, this.#seconds, this.#modes, this.#workCodes]
    const slots = people.length * 2
    this.#people = new Uint32Array(slots)
    this.#seconds = new Uint32Array(slots)
    this.#modes = new Uint16Array(slots)
    this.#workCodes = new Uint32Array(slots)
    for (let from = 0; from < people.length; from++) {
      const person = people[from] as number
      if (person === 0) continue
      const second = seconds[from] as number
      const slot = this.#slotOf(person, second)
      this.#people[slot] = person
      this.#seconds[slot] = second
      this.#modes[slot] = modes[from] as number
      this.#workCodes[slot] = workCodes[from] as number
    }
  }

  #ordinal(userId: string): number {
    let ordinal = this.#ordinals.get(userId)
    if (ordinal === undefined) {
      ordinal = this.#ordinals.size + 1
      this.#ordinals.set(userId, ordinal)
    }
    return ordinal
  }
}

/** Mixes both numbers into all bits: seconds that follow each other must not stand beside each other. */
function hashOf(person: number, second: number): number {
  let hash = Math.imul(second ^ Math.imul(person, 0x9e3779b1), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A number below 2^32 for each second of the years 2000 to 2099; months have 31 slots. */
function secondOf(localTime: string): number {
  const two = (at: number) => localTime.charCodeAt(at) * 10 + localTime.charCodeAt(at + 1) - 528
  const day = (two(2) * 12 + two(5) - 1) * 31 + two(8) - 1
  return ((day * 24 + two(11)) * 60 + two(14)) * 60 + two(17)
}

import { type Random, seededRandom } from '../base/random.ts'
import type { VirtualDevice } from '../virtual/device.ts'
import type { VirtualPunch } from '../virtual/record-draft.ts'

/** Somebody who has just punched waits at least until this many others have: nobody punches twice in a second. */
const OTHERS_FIRST_MAX = 8

/** A punch that somebody has just made, with the name that the device knows. */
export interface MadePunch {
  readonly name: string
  readonly punch: VirtualPunch
}

/** The people of one virtual device: they come, and the next time they go. */
export class Puncher {
  readonly #device: VirtualDevice
  readonly #random: Random
  readonly #verifyModes: readonly number[]
  readonly #isIn = new Set<string>()
  readonly #recent: string[] = []

  constructor(device: VirtualDevice, options: { seed: number; verifyModes: readonly number[] }) {
    this.#device = device
    this.#random = seededRandom(options.seed)
    this.#verifyModes = options.verifyModes
  }

  /** Null when the device takes no more punches. */
  punch(): MadePunch | null {
    const people = this.#device.users.list()
    const rested = people.filter(person => !this.#recent.includes(person.userId))
    const person = this.#random.pick(rested.length > 0 ? rested : people)
    const isIn = this.#isIn.has(person.userId)
    const punch = this.#device.punch({
      userId: person.userId,
      punchState: isIn ? 1 : 0,
      verifyMode: this.#random.pick(this.#verifyModes),
    })
    if (!punch) return null
    if (isIn) this.#isIn.delete(person.userId)
    else this.#isIn.add(person.userId)
    this.#recent.push(person.userId)
    if (this.#recent.length > Math.min(OTHERS_FIRST_MAX, people.length - 1)) this.#recent.shift()
    return { name: person.name, punch }
  }
}

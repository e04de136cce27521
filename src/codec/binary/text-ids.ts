import { decodeText, textBytes, type UserIdFault, userIdFault } from './text.ts'

/** More people than most devices see in a day. */
const SLOTS = 4096
/** An id lies in one of so many slots that follow each other; without, one pair in ten of 500 ids pushes each other out. */
const SLOTS_TRIED = 4

/** A user id as text, and why it names nobody, or null. */
export interface TextId {
  readonly text: string
  readonly fault: UserIdFault | null
  /** Bytes before the NUL. */
  readonly length: number
}

/** The id in the field that begins at `start`. */
export function textIdAt(block: Uint8Array, start: number, widthBytes: number): TextId {
  const field = textBytes(block.subarray(start, start + widthBytes))
  return { text: decodeText(field), fault: userIdFault(field), length: field.length }
}

/** The user ids met so far, by their bytes before the NUL. Bounded: a newer id takes the slot of an older one. */
export class TextIds {
  readonly #widthBytes: number
  readonly #bytes: Uint8Array
  readonly #ids: Array<TextId | null> = new Array<TextId | null>(SLOTS).fill(null)

  constructor(widthBytes: number) {
    this.#widthBytes = widthBytes
    this.#bytes = new Uint8Array(SLOTS * widthBytes)
  }

  /** The id in the field that begins at `start`. */
  at(block: Uint8Array, start: number): TextId {
    const width = this.#widthBytes
    let hash = 0
    let length = 0
    for (; length < width; length++) {
      const byte = block[start + length] as number
      if (byte === 0) break
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    const home = hash ^ (hash >>> 15)
    for (let n = 0; n < SLOTS_TRIED; n++) {
      const slot = (home + n) & (SLOTS - 1)
      const known = this.#ids[slot]
      if (!known) return this.#keep(slot, block, start, length)
      if (known.length === length && isEqual(this.#bytes, slot * width, block, start, length)) return known
    }
    return this.#keep(home & (SLOTS - 1), block, start, length)
  }

  #keep(slot: number, block: Uint8Array, start: number, length: number): TextId {
    const id = textIdAt(block, start, this.#widthBytes)
    this.#bytes.set(block.subarray(start, start + length), slot * this.#widthBytes)
    this.#ids[slot] = id
    return id
  }
}

function isEqual(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (a[aStart + i] !== b[bStart + i]) return false
  }
  return true
}

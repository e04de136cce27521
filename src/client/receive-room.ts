/** Answers to small requests, and events. A process that listens holds a thousand connections that receive nothing else. */
const SMALL_BYTES = 4 * 1024
/** Two packets of 64 KiB, the largest that devices send. */
const LARGE_BYTES = 128 * 1024
/** A log comes in large pieces with at most two small ones between them, which announce and acknowledge a slice. */
const SMALL_PIECES_OF_A_LOG = 3

/** The room that a connection receives in, used again and again: large while a log comes in, small otherwise. */
export class ReceiveRoom {
  #room: Uint8Array = Buffer.allocUnsafeSlow(SMALL_BYTES)
  #smallPieces = 0

  /** Where the next piece goes. */
  get bytes(): Uint8Array {
    return this.#room
  }

  /** A piece of `length` bytes came. What it left in the room stays there until the next one. */
  filled(length: number): void {
    if (length >= SMALL_BYTES) {
      this.#smallPieces = 0
      if (this.#room.length < LARGE_BYTES) this.#room = Buffer.allocUnsafeSlow(LARGE_BYTES)
    } else if (this.#room.length > SMALL_BYTES && ++this.#smallPieces > SMALL_PIECES_OF_A_LOG) {
      this.#room = Buffer.allocUnsafeSlow(SMALL_BYTES)
    }
  }
}

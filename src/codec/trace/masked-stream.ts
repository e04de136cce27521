import { FRAME_PREFIX_BYTES } from '../binary/frame.ts'
import { HEADER_BYTES } from '../binary/packet.ts'
import { type FrameAt, frameAt } from './frame-at.ts'
import type { TracedBytes } from './trace-events.ts'
import { maskBytes } from './user-mask.ts'

/** Of a packet that never came whole the command is kept: what follows it is its checksum, and could tell of its data. */
const KEPT_OF_TORN_FRAME_BYTES = FRAME_PREFIX_BYTES + 2

/** Known devices send at most 65,536 bytes in a packet; one that announces more than this is not waited for. */
const FRAME_BYTES_MAX = 1024 * 1024
/** Such a packet, byte by byte, and some room. */
const OPEN_PIECES_MAX = 100_000

/** A piece as it was sent or came. Its bytes may be written down once they are decided. */
export interface MaskedPiece extends TracedBytes {
  readonly isDecided: boolean
}

/** What decides about the packets of one direction. */
export interface PayloadMask {
  /** Masks one packet in place. */
  mask(payload: TracedBytes): void
  /** Whether what is no packet may be kept as it is. */
  mayKeepRaw(): boolean
}

interface OpenPiece extends TracedBytes {
  isDecided: boolean
  decidedBytes: number
}

/**
 * One direction of a connection, cut as it was, with its packets masked. A packet is held until all of it is there, since what
 * it is stands in its beginning and its checksum depends on its end; a stream that is broken, or that announces more than is
 * ever sent, is held no more.
 */
export class MaskedStream {
  readonly #transport: 'tcp' | 'udp'
  readonly #mask: PayloadMask
  #open: OpenPiece[] = []
  #heldBytes = 0
  #neededBytes = FRAME_PREFIX_BYTES
  #isBroken = false

  constructor(transport: 'tcp' | 'udp', mask: PayloadMask) {
    this.#transport = transport
    this.#mask = mask
  }

  /** Takes a copy of a piece. */
  push(lent: Uint8Array): MaskedPiece {
    const bytes = new Uint8Array(lent)
    const piece = { bytes, marks: new Uint8Array(bytes.length), isDecided: bytes.length === 0, decidedBytes: 0 }
    if (this.#transport === 'udp') {
      if (bytes.length >= HEADER_BYTES) this.#mask.mask(piece)
      else this.#keepRaw(piece)
      piece.isDecided = true
    } else if (!piece.isDecided) {
      this.#open.push(piece)
      this.#heldBytes += bytes.length
      this.#isBroken ||= this.#open.length > OPEN_PIECES_MAX
      if (this.#isBroken || this.#heldBytes >= this.#neededBytes) this.#decide()
    }
    return piece
  }

  /** Decides what is left: the connection is over. */
  end(): void {
    if (this.#heldBytes === 0) return
    const held = this.#held()
    if (!this.#mask.mayKeepRaw()) maskBytes(held, Math.min(KEPT_OF_TORN_FRAME_BYTES, held.bytes.length), Infinity)
    this.#giveBack(held, held.bytes.length)
  }

  #decide(): void {
    const held = this.#held()
    let at = 0
    while (at < held.bytes.length) {
      const frame = this.#frameAt(held.bytes, at)
      if (frame.kind === 'more') {
        this.#neededBytes = frame.bytes
        break
      }
      const end = frame.kind === 'frame' ? at + frame.bytes : held.bytes.length
      if (frame.kind === 'frame') this.#mask.mask(part(held, at + FRAME_PREFIX_BYTES, end))
      else this.#keepRaw(part(held, at, end))
      this.#isBroken = frame.kind === 'broken'
      this.#neededBytes = FRAME_PREFIX_BYTES
      at = end
    }
    this.#giveBack(held, at)
  }

  #frameAt(bytes: Uint8Array, at: number): FrameAt {
    if (this.#isBroken) return { kind: 'broken' }
    const frame = frameAt(bytes, at)
    return frame.kind !== 'broken' && frame.bytes > FRAME_BYTES_MAX ? { kind: 'broken' } : frame
  }

  #keepRaw(bytes: TracedBytes): void {
    if (!this.#mask.mayKeepRaw()) maskBytes(bytes, 0, bytes.bytes.length)
  }

  /** A copy of all that is not decided. */
  #held(): TracedBytes {
    const bytes = new Uint8Array(this.#heldBytes)
    let at = 0
    for (const piece of this.#open) {
      const rest = piece.bytes.subarray(piece.decidedBytes)
      bytes.set(rest, at)
      at += rest.length
    }
    return { bytes, marks: new Uint8Array(this.#heldBytes) }
  }

  /** Writes the first `count` bytes of what is held back into their pieces, now decided. */
  #giveBack(held: TracedBytes, count: number): void {
    let at = 0
    for (const piece of this.#open) {
      const end = Math.min(count, at + piece.bytes.length - piece.decidedBytes)
      piece.bytes.set(held.bytes.subarray(at, end), piece.decidedBytes)
      piece.marks.set(held.marks.subarray(at, end), piece.decidedBytes)
      piece.decidedBytes += end - at
      piece.isDecided = piece.decidedBytes === piece.bytes.length
      at = end
    }
    this.#open = this.#open.filter(piece => !piece.isDecided)
    this.#heldBytes -= count
  }
}

function part({ bytes, marks }: TracedBytes, from: number, to: number): TracedBytes {
  return { bytes: bytes.subarray(from, to), marks: marks.subarray(from, to) }
}

import { CodecError } from '../../base/errors.ts'
import { checksumHolds } from './checksum.ts'
import { readU32, writeU32 } from './integers.ts'
import { HEADER_BYTES, type Packet, readPacket, writePacket } from './packet.ts'

export const FRAME_PREFIX_BYTES = 8

/** Known devices send at most 65,536 bytes; 16 MiB leaves room for others and still bounds what one link can hold. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024

/**
 * A packet split over reads gets this much room at once, and more only as bytes come: an announcement is no reason to
 * allocate.
 */
const FIRST_BUFFER_BYTES = 128 * 1024

/** The room for packets that were split is kept while they go on coming: through so many reads without one. */
const READS_WITHOUT_ROOM_MAX = 8

const MAGIC_BYTES = 4
/** `50 50 82 7d` as a little-endian number. */
export const FRAME_MAGIC = 0x7d825050
const ENCRYPTED_MAGIC = 0x7c835050

/** A packet as TCP carries it, prefix and payload in one buffer. */
export function encodeFrame(packet: Packet): Uint8Array {
  const payloadBytes = HEADER_BYTES + packet.data.length
  const frame = new Uint8Array(FRAME_PREFIX_BYTES + payloadBytes)
  writeU32(frame, 0, FRAME_MAGIC)
  writeU32(frame, 4, payloadBytes)
  writePacket(frame.subarray(FRAME_PREFIX_BYTES), packet)
  return frame
}

/**
 * Turns the bytes of a TCP stream, however they are cut, into packets. Strictly by length: record data may hold the
 * magic, so nothing is ever searched for, and a stream that is wrong once cannot be trusted again.
 *
 *    0  u32  magic           50 50 82 7d; 50 50 83 7c opens the encrypted link of newer firmware
 *    4  u32  payload length  header and data, so at least 8
 *    8  ...  payload         see {@link decodePacket}
 *
 * Holds at most one packet plus a prefix, and never more than the limit. The data of a packet are a view, on the chunk
 * where they lay whole inside one and on a buffer of the reader where not: **valid until the next `push`**, and to be
 * copied by who keeps them longer.
 *
 * Source: docs/protocol/framing.md, F-1 to F-4.
 */
export class PacketReader {
  readonly #maxPayloadBytes: number
  readonly #prefix = new Uint8Array(FRAME_PREFIX_BYTES)
  #prefixFilled = 0
  /** The payload that is coming in over several chunks; null between frames. */
  #payload: Uint8Array | null = null
  #payloadFilled = 0
  #payloadBytes = 0
  /** The room of earlier payloads, for the next ones: a log comes in hundreds of packets. */
  readonly #spare: Uint8Array[] = []
  /** The room of the payload that this call gave out: it is free again at the next one. */
  #lent: Uint8Array | null = null
  #readsWithoutRoom = 0
  #badChecksums = 0
  #fault: CodecError | null = null

  constructor(options: { maxPayloadBytes?: number } = {}) {
    this.#maxPayloadBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES
  }

  /** Packets dropped because their checksum was wrong. */
  get badChecksums(): number {
    return this.#badChecksums
  }

  /** Bytes of memory in use for a frame that is not complete. */
  get heldBytes(): number {
    return this.#prefixFilled + (this.#payload?.length ?? 0)
  }

  /** What the next {@link push} will throw: set where the chunk that broke the stream also completed packets. */
  get fault(): CodecError | null {
    return this.#fault
  }

  /**
   * The packets that `chunk` completes, in order.
   *
   * @throws CodecError `PACKET_MAGIC`, `PACKET_ENCRYPTED` or `PACKET_LENGTH`, at once where the chunk completed no
   * packet before the fault and at the next call otherwise; from then on always.
   */
  push(chunk: Uint8Array): Packet[] {
    this.#throwFault()
    this.#takeBack()
    const packets: Packet[] = []
    let at = 0
    while (at < chunk.length && !this.#fault) {
      at = this.#payload ? this.#continuePayload(chunk, at, packets) : this.#beginFrame(chunk, at, packets)
    }
    if (packets.length === 0) this.#throwFault()
    return packets
  }

  /** Tells that the stream has ended. @throws CodecError `PACKET_LENGTH` inside a frame, or the fault of the stream. */
  end(): void {
    this.#throwFault()
    if (this.#prefixFilled > 0) {
      const got = this.#prefixFilled + this.#payloadFilled
      throw new CodecError('PACKET_LENGTH', `the stream ended inside a packet, after ${got} bytes of it`)
    }
  }

  #beginFrame(chunk: Uint8Array, start: number, packets: Packet[]): number {
    const taken = Math.min(FRAME_PREFIX_BYTES - this.#prefixFilled, chunk.length - start)
    this.#prefix.set(chunk.subarray(start, start + taken), this.#prefixFilled)
    this.#prefixFilled += taken
    this.#checkPrefix()
    if (this.#fault || this.#prefixFilled < FRAME_PREFIX_BYTES) return start + taken

    const payloadStart = start + taken
    const payloadEnd = payloadStart + this.#payloadBytes
    if (payloadEnd <= chunk.length) {
      this.#complete(chunk.subarray(payloadStart, payloadEnd), packets)
      return payloadEnd
    }
    this.#payload = this.#room(Math.min(this.#payloadBytes, FIRST_BUFFER_BYTES))
    this.#payloadFilled = 0
    return payloadStart
  }

  #continuePayload(chunk: Uint8Array, start: number, packets: Packet[]): number {
    const end = Math.min(chunk.length, start + this.#payloadBytes - this.#payloadFilled)
    const payload = this.#roomFor(this.#payloadFilled + end - start)
    payload.set(chunk.subarray(start, end), this.#payloadFilled)
    this.#payloadFilled += end - start
    if (this.#payloadFilled === this.#payloadBytes) {
      this.#lent = payload
      this.#complete(payload.subarray(0, this.#payloadBytes), packets)
    }
    return end
  }

  /** A connection that listens for months receives small packets alone, and needs no room for them. */
  #takeBack(): void {
    if (this.#lent) this.#spare.push(this.#lent)
    this.#readsWithoutRoom = this.#lent || this.#payload ? 0 : this.#readsWithoutRoom + 1
    if (this.#readsWithoutRoom > READS_WITHOUT_ROOM_MAX) this.#spare.length = 0
    this.#lent = null
  }

  #room(bytes: number): Uint8Array {
    const spare = this.#spare.pop()
    return spare && spare.length >= bytes ? spare : new Uint8Array(bytes)
  }

  /** Grows by doubling, so that copying stays linear in what came. */
  #roomFor(bytes: number): Uint8Array {
    let payload = this.#payload as Uint8Array
    if (bytes > payload.length) {
      const larger = new Uint8Array(Math.min(this.#payloadBytes, Math.max(bytes, payload.length * 2)))
      larger.set(payload.subarray(0, this.#payloadFilled))
      payload = larger
      this.#payload = larger
    }
    return payload
  }

  #complete(payload: Uint8Array, packets: Packet[]): void {
    if (checksumHolds(payload)) packets.push(readPacket(payload))
    else this.#badChecksums += 1
    this.#reset()
  }

  /** Judges as much of the prefix as has come: a wrong magic is told before a length is waited for. */
  #checkPrefix(): void {
    if (this.#prefixFilled < MAGIC_BYTES) return
    const magic = readU32(this.#prefix, 0)
    if (magic === ENCRYPTED_MAGIC) {
      this.#fail(new CodecError('PACKET_ENCRYPTED', 'the device speaks the encrypted link'))
    } else if (magic !== FRAME_MAGIC) {
      this.#fail(new CodecError('PACKET_MAGIC', `a frame begins with ${hexOf(this.#prefix.subarray(0, MAGIC_BYTES))}`))
    } else if (this.#prefixFilled === FRAME_PREFIX_BYTES) {
      this.#payloadBytes = readU32(this.#prefix, 4)
      if (this.#payloadBytes < HEADER_BYTES || this.#payloadBytes > this.#maxPayloadBytes) {
        const allowed = `${HEADER_BYTES} to ${this.#maxPayloadBytes}`
        this.#fail(
          new CodecError('PACKET_LENGTH', `a frame announces ${this.#payloadBytes} bytes; allowed are ${allowed}`),
        )
      }
    }
  }

  #fail(fault: CodecError): void {
    this.#fault = fault
    this.#reset()
  }

  #throwFault(): void {
    if (this.#fault) throw this.#fault
  }

  #reset(): void {
    this.#prefixFilled = 0
    this.#payload = null
    this.#payloadFilled = 0
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ')
}

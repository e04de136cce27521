import { DeviceError } from '../base/errors.ts'
import type { Packet } from '../codec/binary/packet.ts'

/** No device sends smaller packets than a thousand bytes but for the last; what is far below is not worth its memory. */
const PACKET_BYTES_MIN = 64
const PACKETS_MIN = 64

/**
 * Puts the `CMD_DATA` packets of one transfer together. The third header field of such a packet is its index on most
 * firmware, the session id on some (docs/protocol/session.md), so it is used where it is seen to count, and not believed where it is not.
 */
export class DataCollector {
  readonly #expected: number
  readonly #order: 'kept' | 'any'
  readonly #packets: Packet[] = []
  /** Over UDP, by the number that they carry. */
  readonly #numbered = new Map<number, Packet>()
  readonly #packetsMax: number
  #received = 0

  /**
   * @param options.expectedBytes what the device announced, and the most this will hold
   * @param options.order `kept` over TCP; `any` over UDP, where datagrams are lost, doubled and overtake each other
   */
  constructor(options: { expectedBytes: number; order: 'kept' | 'any' }) {
    this.#expected = options.expectedBytes
    this.#order = options.order
    this.#packetsMax = PACKETS_MIN + options.expectedBytes / PACKET_BYTES_MIN
  }

  get receivedBytes(): number {
    return this.#received
  }

  get complete(): boolean {
    return this.#received === this.#expected
  }

  /** @throws DeviceError `READ_INCOMPLETE` once more bytes came than were announced, or no order can be proven any more. */
  add(packet: Packet): void {
    if (packet.data.length === 0) return
    if (this.#order === 'any' && this.#isDouble(packet)) return
    if (this.#packets.length >= this.#packetsMax) {
      throw new DeviceError('READ_INCOMPLETE', `the device cuts ${this.#expected} bytes into absurdly small packets`)
    }
    this.#packets.push(packet)
    this.#received += packet.data.length
    if (this.#received > this.#expected) throw incomplete(this.#received, this.#expected)
  }

  /**
   * Writes the data, in order, to `target` from `offset`.
   *
   * @throws DeviceError `READ_INCOMPLETE` when bytes are missing or their order cannot be proven.
   */
  writeTo(target: Uint8Array, offset: number): void {
    if (!this.complete) throw incomplete(this.#received, this.#expected)
    let position = offset
    for (const packet of this.#inOrder()) {
      target.set(packet.data, position)
      position += packet.data.length
    }
  }

  /** A datagram may arrive twice. Two that differ under one number prove that the numbers mean something else. */
  #isDouble(packet: Packet): boolean {
    const earlier = this.#numbered.get(packet.sessionId)
    if (!earlier) {
      this.#numbered.set(packet.sessionId, packet)
      return false
    }
    if (Buffer.compare(earlier.data, packet.data) === 0) return true
    throw new DeviceError('READ_INCOMPLETE', 'the packets of the log carry no numbers that prove their order')
  }

  #inOrder(): readonly Packet[] {
    const packets = this.#packets
    const first = packets[0]
    if (packets.length < 2 || !first) return packets
    const counted = isConsecutive(packets)
    if (counted) return packets
    if (this.#order === 'kept') {
      // TCP keeps the order, so a field that never changes is fine; one that repeats or falls shows a device gone wrong.
      const constant = packets.every(packet => packet.sessionId === first.sessionId)
      if (constant || isRising(packets)) return packets
      throw new DeviceError('READ_INCOMPLETE', 'the packets of the log do not follow each other')
    }
    const sorted = packets.toSorted((a, b) => a.sessionId - b.sessionId)
    if (isConsecutive(sorted)) return sorted
    throw new DeviceError('READ_INCOMPLETE', 'the packets of the log carry no numbers that prove their order')
  }
}

function incomplete(received: number, expected: number): DeviceError {
  return new DeviceError('READ_INCOMPLETE', `the device announced ${expected} bytes and sent ${received}`)
}

function isConsecutive(packets: readonly Packet[]): boolean {
  const base = packets[0]?.sessionId ?? 0
  return packets.every((packet, i) => packet.sessionId === ((base + i) & 0xffff))
}

function isRising(packets: readonly Packet[]): boolean {
  return packets.every((packet, i) => i === 0 || packet.sessionId > (packets[i - 1] as Packet).sessionId)
}

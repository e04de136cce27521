import { DeviceError } from '../base/errors.ts'
import type { Packet } from '../codec/binary/packet.ts'

/**
 * Puts the `CMD_DATA` packets of one transfer together. The third header field of such a packet is its index on most
 * firmware, the session id on some (docs/protocol/session.md), so it is used where it is seen to count, and not believed where it is not.
 */
export class DataCollector {
  readonly #expected: number
  readonly #order: 'kept' | 'any'
  readonly #packets: Packet[] = []
  #received = 0

  /**
   * @param options.expectedBytes what the device announced, and the most this will hold
   * @param options.order `kept` over TCP; `any` over UDP, where datagrams are lost, doubled and overtake each other
   */
  constructor(options: { expectedBytes: number; order: 'kept' | 'any' }) {
    this.#expected = options.expectedBytes
    this.#order = options.order
  }

  get receivedBytes(): number {
    return this.#received
  }

  get complete(): boolean {
    return this.#received === this.#expected
  }

  /** @throws DeviceError `READ_INCOMPLETE` once more bytes came than were announced. */
  add(packet: Packet): void {
    if (this.#order === 'any' && this.#packets.some(earlier => isDouble(earlier, packet))) return
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

function isDouble(a: Packet, b: Packet): boolean {
  if (a.sessionId !== b.sessionId || a.data.length !== b.data.length) return false
  return Buffer.compare(a.data, b.data) === 0
}

function isConsecutive(packets: readonly Packet[]): boolean {
  const base = packets[0]?.sessionId ?? 0
  return packets.every((packet, i) => packet.sessionId === ((base + i) & 0xffff))
}

function isRising(packets: readonly Packet[]): boolean {
  return packets.every((packet, i) => i === 0 || packet.sessionId > (packets[i - 1] as Packet).sessionId)
}

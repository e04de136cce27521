import { DeviceError } from '../base/errors.ts'
import type { Packet } from '../codec/binary/packet.ts'

/** No device sends smaller packets than a thousand bytes but for the last; what is far below is not worth its memory. */
const PACKET_BYTES_MIN = 64
const PACKETS_MIN = 64

/**
 * Puts the `CMD_DATA` packets of one transfer together. The third header field of such a packet is its index on most
 * firmware, the session id on some (docs/protocol/session.md), so it is used where it is seen to count, and not believed where it is not.
 */
export abstract class DataCollector {
  /** Where the data go. Its length is what the device announced, and the most that is held. */
  protected readonly target: Uint8Array
  protected readonly packetsMax: number
  protected received = 0

  constructor(target: Uint8Array) {
    this.target = target
    this.packetsMax = PACKETS_MIN + target.length / PACKET_BYTES_MIN
  }

  get receivedBytes(): number {
    return this.received
  }

  /** As many bytes as were announced are here. */
  get complete(): boolean {
    return this.received === this.target.length
  }

  /**
   * Takes one packet in. Its data may be gone afterwards, so they are copied.
   *
   * @throws DeviceError `READ_INCOMPLETE` once more bytes came than were announced, or no order can be proven any more.
   */
  abstract add(packet: Packet): void

  /**
   * Ends the transfer: all bytes stand in the target, in order.
   *
   * @throws DeviceError `READ_INCOMPLETE` when bytes are missing or their order cannot be proven.
   */
  abstract finish(): void
}

/** Packets over TCP come in order: each is written where the last one ended. */
export class InOrderCollector extends DataCollector {
  readonly #numbers: number[] = []

  add({ data, sessionId }: Packet): void {
    if (data.length === 0) return
    if (this.#numbers.length >= this.packetsMax) throw absurdlySmall(this.target)
    if (this.received + data.length > this.target.length) {
      throw incomplete(this.received + data.length, this.target)
    }
    this.target.set(data, this.received)
    this.received += data.length
    this.#numbers.push(sessionId)
  }

  /** A field that never changes is fine; one that repeats or falls shows a device gone wrong. */
  finish(): void {
    if (!this.complete) throw incomplete(this.received, this.target)
    const numbers = this.#numbers
    const constant = numbers.every(number => number === numbers[0])
    if (constant || isConsecutive(numbers) || isRising(numbers)) return
    throw new DeviceError('READ_INCOMPLETE', 'the packets of the log do not follow each other')
  }
}

/** Datagrams are lost, doubled and overtake each other: the number that each carries is its place. */
export class NumberedCollector extends DataCollector {
  readonly #data = new Map<number, Uint8Array>()

  add({ data, sessionId }: Packet): void {
    if (data.length === 0 || this.#isDouble(sessionId, data)) return
    if (this.#data.size >= this.packetsMax) throw absurdlySmall(this.target)
    this.received += data.length
    if (this.received > this.target.length) throw incomplete(this.received, this.target)
    this.#data.set(sessionId, data.slice())
  }

  finish(): void {
    if (!this.complete) throw incomplete(this.received, this.target)
    let numbers = [...this.#data.keys()]
    if (!isConsecutive(numbers)) numbers = numbers.toSorted((a, b) => a - b)
    if (!isConsecutive(numbers)) throw orderUnproven()
    let at = 0
    for (const number of numbers) {
      const data = this.#data.get(number) as Uint8Array
      this.target.set(data, at)
      at += data.length
    }
  }

  /** A datagram may arrive twice. Two that differ under one number prove that the numbers mean something else. */
  #isDouble(number: number, data: Uint8Array): boolean {
    const earlier = this.#data.get(number)
    if (!earlier) return false
    if (Buffer.compare(earlier, data) === 0) return true
    throw orderUnproven()
  }
}

function absurdlySmall(target: Uint8Array): DeviceError {
  return new DeviceError('READ_INCOMPLETE', `the device cuts ${target.length} bytes into absurdly small packets`)
}

function orderUnproven(): DeviceError {
  return new DeviceError('READ_INCOMPLETE', 'the packets of the log carry no numbers that prove their order')
}

function incomplete(received: number, target: Uint8Array): DeviceError {
  return new DeviceError('READ_INCOMPLETE', `the device announced ${target.length} bytes and sent ${received}`)
}

/** Counting up by one from anywhere; the number is one of 16 bits. */
function isConsecutive(numbers: readonly number[]): boolean {
  const base = numbers[0] ?? 0
  return numbers.every((number, i) => number === ((base + i) & 0xffff))
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as number))
}

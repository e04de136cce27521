import type { Packet } from '../binary/packet.ts'

/** Beyond any count of packets in one answer. */
const PACKETS_MAX = 65_536

/**
 * Says where in a list the data of each packet of one answer stand, or that it cannot be told. Packets are placed by their
 * number (docs/protocol/framing.md, F-6), so that doubled, late and lost ones do not move the others.
 *
 * Three forms are known: numbers from 0; numbers that run on from the announcement; and over TCP, where nothing is lost or
 * overtakes, the session id in each of them.
 */
export class ListPosition {
  readonly #part: { readonly offset: number; readonly length: number }
  readonly #transport: 'tcp' | 'udp'
  readonly #lengths = new Map<number, number>()
  #announcedAs: number | null = null
  #first: number | null = null
  #isConstant = false
  #isSpoilt = false

  /** The part of the list that was asked for, in bytes. */
  constructor(part: { offset: number; length: number }, transport: 'tcp' | 'udp') {
    this.#part = part
    this.#transport = transport
  }

  /** A `CMD_PREPARE_DATA` came. */
  announced(packet: Packet): void {
    this.#announcedAs = packet.sessionId
  }

  /** The place of the data of a `CMD_DATA` in the list; null where it cannot be told. */
  of(packet: Packet, session: number): number | null {
    const { data, sessionId: number } = packet
    const { offset, length } = this.#part
    if (this.#first === null && this.#announcedAs === null && data.length === length) return offset
    this.#first ??= this.#firstNumber(number, session)
    const index = this.#isConstant ? this.#lengths.size : (number - this.#first) & 0xffff
    if (this.#isConstant && number !== session) this.#isSpoilt = true
    const known = this.#lengths.get(index)
    if ((known !== undefined && known !== data.length) || this.#lengths.size > PACKETS_MAX) this.#isSpoilt = true
    if (this.#isSpoilt) return null
    this.#lengths.set(index, data.length)
    const before = this.#lengthBefore(index)
    return before === null || before + data.length > length ? null : offset + before
  }

  #firstNumber(number: number, session: number): number {
    const announcedAs = this.#announcedAs
    if (announcedAs !== null && announcedAs !== session && number === ((announcedAs + 1) & 0xffff)) return number
    if (this.#transport === 'tcp' && number === session && session !== 0) this.#isConstant = true
    return 0
  }

  #lengthBefore(index: number): number | null {
    let sum = 0
    for (let i = 0; i < index; i++) {
      const length = this.#lengths.get(i)
      if (length === undefined || sum > this.#part.length) return null
      sum += length
    }
    return sum
  }
}

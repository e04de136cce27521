import { CodecError } from '../../base/errors.ts'
import { checksumHolds, packetChecksum } from './checksum.ts'
import { commandName } from './commands.ts'
import { readU16, writeU16 } from './integers.ts'

/** One message of the protocol: a UDP datagram, or what stands in a TCP frame. */
export interface Packet {
  /** A command or a reply code. */
  readonly command: number
  /**
   * The third field of the header as it stands. In packets of a device it is often something else than the session:
   * the index of a data packet, an event flag, a number of bytes, a state. Never used to match a reply.
   */
  readonly sessionId: number
  readonly replyId: number
  readonly data: Uint8Array
}

export const HEADER_BYTES = 8

/** The payload bytes of a packet, checksum included. */
export function encodePacket(packet: Packet): Uint8Array {
  const payload = new Uint8Array(HEADER_BYTES + packet.data.length)
  writePacket(payload, packet)
  return payload
}

/** Writes a packet into `payload`, which has exactly its length. */
export function writePacket(payload: Uint8Array, packet: Packet): void {
  writeU16(payload, 0, packet.command)
  writeU16(payload, 2, 0)
  writeU16(payload, 4, packet.sessionId)
  writeU16(payload, 6, packet.replyId)
  payload.set(packet.data, HEADER_BYTES)
  writeU16(payload, 2, packetChecksum(payload))
}

/**
 * Decodes one packet. Integers are little-endian.
 *
 *    0  u16  command     or reply code
 *    2  u16  checksum    see {@link packetChecksum}
 *    4  u16  session id  or something else: see {@link Packet.sessionId}
 *    6  u16  reply id    the number of the request, echoed
 *    8  ...  data        a view on `payload`, not a copy
 *
 * @throws CodecError `PACKET_LENGTH` below 8 bytes, `PACKET_CHECKSUM` where the checksum is wrong.
 * Source: docs/protocol/framing.md, F-5 to F-8.
 */
export function decodePacket(payload: Uint8Array): Packet {
  if (payload.length < HEADER_BYTES) {
    throw new CodecError('PACKET_LENGTH', `a packet has at least ${HEADER_BYTES} bytes, got ${payload.length}`)
  }
  if (!checksumHolds(payload)) {
    const name = commandName(readU16(payload, 0))
    throw new CodecError('PACKET_CHECKSUM', `wrong checksum in ${name} of ${payload.length} bytes`)
  }
  return readPacket(payload)
}

/** The fields of a payload whose length and checksum have been checked. */
export function readPacket(payload: Uint8Array): Packet {
  return {
    command: readU16(payload, 0),
    sessionId: readU16(payload, 4),
    replyId: readU16(payload, 6),
    data: payload.subarray(HEADER_BYTES),
  }
}

import { encodePrepareData } from '../codec/binary/bulk.ts'
import { Command, Reply } from '../codec/binary/commands.ts'
import { NO_DATA, type OutgoingPacket, type Request, replyTo } from './exchange.ts'

/** What the session field of the last packet of a transfer carries; it differs between commands and firmware. */
export type TrailingField = 'session' | 'index' | 'bytes'

/**
 * The long form of bulk data: the announcement, the data in numbered packets, the acknowledgement, all with the reply
 * id of the request. The packets hold views on `bytes`.
 */
export function transfer(
  request: Request,
  options: { bytes: Uint8Array; packetBytes: number; pauseMs: number; trailingField: TrailingField },
): OutgoingPacket[] {
  const { bytes, packetBytes, pauseMs, trailingField } = options
  const packets: OutgoingPacket[] = [
    replyTo(request, Command.PrepareData, encodePrepareData({ size: bytes.length, packetBytes })),
  ]
  for (let offset = 0; offset < bytes.length; offset += packetBytes) {
    const packet = {
      command: Command.Data,
      sessionId: (packets.length - 1) & 0xffff,
      replyId: request.replyId,
      data: bytes.subarray(offset, offset + packetBytes),
    }
    packets.push(pauseMs > 0 ? { ...packet, afterMs: pauseMs } : packet)
  }
  const sessionId = trailingValue(trailingField, { packets, session: request.sessionId })
  packets.push({ ...replyTo(request, Reply.Ok, NO_DATA), sessionId })
  return packets
}

/** Whether an answer has the long form. */
export function isTransfer(reply: readonly OutgoingPacket[]): boolean {
  return reply.length >= 2 && reply[0]?.command === Command.PrepareData && reply.at(-1)?.command === Reply.Ok
}

/** What the last packet carries: the announcement and the data are in `packets`. */
export function trailingValue(
  field: TrailingField,
  parts: { packets: readonly OutgoingPacket[]; session: number },
): number {
  switch (field) {
    case 'session':
      return parts.session
    case 'index':
      return Math.max(parts.packets.length - 2, 0) & 0xffff
    case 'bytes':
      return parts.packets.slice(1).reduce((bytes, packet) => bytes + packet.data.length, 0) & 0xffff
    default:
      return field satisfies never
  }
}

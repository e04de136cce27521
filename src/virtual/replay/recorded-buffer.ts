import { Buffer } from 'node:buffer'
import { decodeReadBuffer, encodePrepareData } from '../../codec/binary/bulk.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import type { Packet } from '../../codec/binary/packet.ts'
import { NO_DATA, type OutgoingPacket } from '../exchange.ts'
import { UDP_DATA_BYTES_MAX } from '../settings.ts'

const READ_REQUEST_BYTES = 8
/** The data of a packet over TCP, as on newer firmware. */
const TCP_DATA_BYTES_MAX = 65_472

/** A part of a buffer that was read whole in the recording. */
interface RecordedSlice {
  readonly offset: number
  readonly bytes: Uint8Array
}

/**
 * What a device had in its buffer, as far as it was read: so that a client that cuts a list into other slices than the
 * recorded one did is served too.
 */
export class RecordedBuffer {
  readonly #slices: RecordedSlice[] = []

  /** Takes in what was answered to a `CMD_READ_BUFFER`, if it came whole. */
  add(request: Packet, answers: readonly Packet[]): void {
    const slice = sliceOf(request, answers)
    if (slice) this.#slices.push(slice)
  }

  /** The answer to a slice in the long form; null where the recording does not have all of it. */
  answer(request: Packet, transport: 'tcp' | 'udp'): OutgoingPacket[] | null {
    if (request.data.length !== READ_REQUEST_BYTES) return null
    const bytes = this.#read(decodeReadBuffer(request.data))
    if (bytes === null) return null
    const { sessionId, replyId } = request
    const packetBytes = transport === 'udp' ? UDP_DATA_BYTES_MAX : TCP_DATA_BYTES_MAX
    const announcement = encodePrepareData({ size: bytes.length, packetBytes })
    const packets: OutgoingPacket[] = [{ command: Command.PrepareData, sessionId, replyId, data: announcement }]
    for (let at = 0; at < bytes.length; at += packetBytes) {
      const index = packets.length - 1
      packets.push({ command: Command.Data, sessionId: index, replyId, data: bytes.subarray(at, at + packetBytes) })
    }
    packets.push({ command: Reply.Ok, sessionId: packets.length - 2, replyId, data: NO_DATA })
    return packets
  }

  #read({ offset, length }: { offset: number; length: number }): Uint8Array | null {
    const end = offset + length
    const pieces: Uint8Array[] = []
    for (let at = offset; at < end; ) {
      const from = at
      const slice = this.#slices.find(one => one.offset <= from && one.offset + one.bytes.length > from)
      if (!slice) return null
      const piece = slice.bytes.subarray(from - slice.offset, end - slice.offset)
      pieces.push(piece)
      at += piece.length
    }
    return Buffer.concat(pieces)
  }
}

function sliceOf(request: Packet, answers: readonly Packet[]): RecordedSlice | null {
  if (request.data.length !== READ_REQUEST_BYTES) return null
  const { offset, length } = decodeReadBuffer(request.data)
  const data = answers.filter(({ command }) => command === Command.Data)
  const bytes = Buffer.concat(inOrder(data).map(packet => packet.data))
  return bytes.length === length ? { offset, bytes } : null
}

/** By their numbers where each has its own, since datagrams overtake each other; as they came where not. */
function inOrder(packets: readonly Packet[]): readonly Packet[] {
  const numbers = new Set(packets.map(packet => packet.sessionId))
  if (numbers.size < packets.length) return packets
  return packets.toSorted((one, other) => one.sessionId - other.sessionId)
}

import { CodecError } from '../../base/errors.ts'
import { decodeBufferReady, decodePrepareBuffer, decodePrepareData, decodeReadBuffer } from '../binary/bulk.ts'
import { Command, commandName, EventFlag, Reply } from '../binary/commands.ts'
import { decodeFreeSizes } from '../binary/free-sizes.ts'
import { decodeU32 } from '../binary/integers.ts'
import { decodeOption, decodeOptionRequest } from '../binary/options.ts'
import { decodePackedTime, formatLocalTime } from '../binary/packed-time.ts'
import type { Packet } from '../binary/packet.ts'
import { decodeAttendanceEvents } from '../binary/realtime-event.ts'
import { decodeText } from '../binary/text.ts'
import type { TraceEntry } from './trace-packets.ts'

/** Something that the data of a packet say: what, and its value. */
export type PacketDetail = readonly [name: string, value: string | number]

/** Sizes of attendance records that devices of the field have. */
const RECORD_BYTES = [8, 16, 40, 49] as const
const LENGTH_WORD_BYTES = 4
/** Answers to older requests than so many are answers to nobody. */
const REQUESTS_MAX = 64

/** Says in words what the packets of one connection carry. An answer means what its request asked for, so it keeps those. */
export class PacketDescriber {
  readonly #requests = new Map<number, Packet>()
  #buffered: number | null = null

  /** What the codec can read in a packet; nothing where it cannot. */
  describe(entry: TraceEntry & { kind: 'packet' }): readonly PacketDetail[] {
    const { packet, direction, isSound } = entry
    if (!isSound) return [['checksum', 'wrong']]
    try {
      if (direction === 'sent') return this.#request(packet)
      if (packet.command === Command.RegisterEvents) return describeEvent(packet)
      const request = this.#requests.get(packet.replyId)
      return request ? this.#answer(request, packet) : [['answers', 'no request of this connection']]
    } catch (error) {
      if (error instanceof CodecError) return [['unreadable', error.message]]
      throw error
    }
  }

  #request(request: Packet): readonly PacketDetail[] {
    const { command, data } = request
    if (command === Reply.Ok) return [['confirms event', request.replyId]]
    this.#requests.delete(request.replyId)
    this.#requests.set(request.replyId, request)
    const [oldest] = this.#requests.keys()
    if (this.#requests.size > REQUESTS_MAX && oldest !== undefined) this.#requests.delete(oldest)
    switch (command) {
      case Command.OptionsRrq:
        return [['option', decodeOptionRequest(data)]]
      case Command.OptionsWrq:
        return [['option', optionText(data)]]
      case Command.SetTime:
        return [['time', timeText(data)]]
      case Command.RegisterEvents:
        return [['mask', decodeU32(data)]]
      case Command.PrepareBuffer:
        this.#buffered = decodePrepareBuffer(data).command
        return [['of', commandName(this.#buffered)]]
      case Command.ReadBuffer: {
        const { offset, length } = decodeReadBuffer(data)
        return [
          ['offset', offset],
          ['length', length],
        ]
      }
      default:
        return []
    }
  }

  #answer(request: Packet, { command, sessionId, data }: Packet): readonly PacketDetail[] {
    if (command === Command.PrepareData) return sizeDetails(decodePrepareData(data).size, this.#isLog(request))
    if (command === Command.Data) return this.#dataDetails(request, data)
    if (request.command === Command.Connect) return [['session', sessionId]]
    if (command !== Reply.Ok) return []
    switch (request.command) {
      case Command.OptionsRrq:
        return [['option', optionText(data)]]
      case Command.GetVersion:
        return [['firmware', decodeText(data)]]
      case Command.GetTime:
        return [['time', timeText(data)]]
      case Command.GetFreeSizes:
        return sizesDetails(data)
      case Command.PrepareBuffer:
        return sizeDetails(decodeBufferReady(data).size, this.#isLog(request))
      default:
        return []
    }
  }

  #dataDetails(request: Packet, data: Uint8Array): readonly PacketDetail[] {
    const isInline = request.command === Command.PrepareBuffer
    return isInline ? sizeDetails(data.length, this.#isLog(request)) : [['bytes', data.length]]
  }

  /** A slice may be a part of the log, so only the whole of it says how many records there are. */
  #isLog({ command }: Packet): boolean {
    const asked = command === Command.PrepareBuffer ? this.#buffered : command
    return asked === Command.AttLogRrq || asked === Command.AttLogByTime
  }
}

/** How many bytes there are, and how many records they would be. */
function sizeDetails(size: number, isLog: boolean): readonly PacketDetail[] {
  const recordsBytes = size - LENGTH_WORD_BYTES
  const counts = RECORD_BYTES.filter(bytes => isLog && recordsBytes > 0 && recordsBytes % bytes === 0).map(
    bytes => `${recordsBytes / bytes} of ${bytes} bytes`,
  )
  return counts.length > 0
    ? [
        ['bytes', size],
        ['records', counts.join(' or ')],
      ]
    : [['bytes', size]]
}

function sizesDetails(data: Uint8Array): readonly PacketDetail[] {
  const { words, rest: _, ...counts } = decodeFreeSizes(data)
  const named = Object.entries(counts).flatMap(([name, count]): PacketDetail[] =>
    count === null ? [] : [[name.replace(/[A-Z]/g, capital => ` ${capital.toLowerCase()}`), count]],
  )
  return named.length > 0 ? named : [['words', words.join(' ')]]
}

function describeEvent({ sessionId, data }: Packet): readonly PacketDetail[] {
  if (sessionId !== EventFlag.Attendance) return [['event flag', sessionId]]
  return decodeAttendanceEvents(data).flatMap((event): PacketDetail[] => [
    ['user', event.userId],
    ['time', formatLocalTime(event.time)],
    ['state', event.punchState],
    ['verify', event.verifyMode],
  ])
}

function optionText(data: Uint8Array): string {
  const { key, text } = decodeOption(data)
  return `${key}=${text}`
}

function timeText(data: Uint8Array): string {
  return formatLocalTime(decodePackedTime(decodeU32(data)))
}

import {
  decodeBufferReady,
  decodePrepareBuffer,
  decodeReadBuffer,
  encodePrepareData,
  encodeReadBuffer,
} from '../../codec/binary/bulk.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import type { MakeBehaviour } from '../behaviour.ts'
import { longForm, offer, readBuffer } from '../commands/read-commands.ts'
import { Content, LENGTH_WORD_BYTES } from '../content.ts'
import { type DeviceInside, type OutgoingPacket, type Request, replyTo } from '../exchange.ts'
import { recordCountOf, setFreeRecords, setRecordCount } from '../free-sizes.ts'
import { isTransfer } from '../transfer.ts'

/** Offsets below this one, zero excepted, lie inside the length word. */
const ODD_OFFSETS_END = LENGTH_WORD_BYTES

/** What differs from firmware to firmware when lists are read and counted. */
export const readingBehaviours = {
  'no-attendance-table': ({ device }) => ({
    answer: request => {
      if (preparesAttendance(request)) return [replyTo(request, Reply.NoBuffer)]
      return request.command === Command.AttLogRrq ? [replyTo(request, Reply.Error)] : null
    },
    countSizes: words => setRecordCount(words, { settings: device.settings, records: 0 }),
  }),
  'records-hidden': ({ device }) => ({
    answer: request => {
      const isAsked = preparesAttendance(request) || request.command === Command.AttLogRrq
      return isAsked ? [replyTo(request, Reply.Error)] : null
    },
    countSizes: words => contradictCount(words, device),
  }),
  'no-buffered-read': () => ({
    answer: request => {
      const isBuffered = request.command === Command.PrepareBuffer || request.command === Command.ReadBuffer
      return isBuffered ? [replyTo(request, Reply.Unknown)] : null
    },
  }),
  'buffered-read-error': () => ({
    answer: request => (preparesAttendance(request) ? [replyTo(request, Reply.Error)] : null),
  }),
  'prepare-answers-1500': ({ device }) => ({
    alter: (reply, request) => {
      const [ready] = reply
      if (request.command !== Command.PrepareBuffer || ready?.command !== Reply.Ok) return reply
      const { size } = decodeBufferReady(ready.data)
      const { packetBytes } = device.settings
      return [{ ...ready, command: Command.PrepareData, data: encodePrepareData({ size, packetBytes }) }]
    },
  }),
  'prepare-answers-retry': () => ({
    answer: request => (request.command === Command.PrepareBuffer ? [replyTo(request, Reply.Retry)] : null),
  }),
  'slow-prepare': ({ value }) => ({
    alter: (reply, request) =>
      request.command === Command.PrepareBuffer ? reply.map(packet => ({ ...packet, afterMs: value })) : reply,
  }),
  'small-slices-long-form': ({ device }) => ({
    alter: (reply, request) => {
      const [data] = reply
      const isSmall = request.command === Command.ReadBuffer && data?.command === Command.Data
      return isSmall ? longForm(request, device, { bytes: data.data, trailingField: 'index' }) : reply
    },
  }),
  'direct-read-wrong-memory': () => ({
    alter: (reply, request) => {
      if (request.command !== Command.AttLogRrq || !isTransfer(reply)) return reply
      return reply.map((packet, index) => (packet.command === Command.Data ? wrongMemory(packet, index - 1) : packet))
    },
  }),
  'empty-log-inline': ({ device }) => ({
    alter: (reply, request) => {
      const isEmptyLog = preparesAttendance(request) && reply[0]?.command === Reply.Error && device.log.count === 0
      return isEmptyLog ? [replyTo(request, Command.Data, new Uint8Array(LENGTH_WORD_BYTES))] : reply
    },
  }),
  'slices-in-sequence': ({ device }) => {
    let nextOffset = 0
    return {
      answer: request => {
        if (request.command === Command.PrepareBuffer) nextOffset = 0
        if (request.command !== Command.ReadBuffer) return null
        const { length } = decodeReadBuffer(request.data)
        const offset = nextOffset
        nextOffset += length
        return readBuffer({ ...request, data: encodeReadBuffer({ offset, length }) }, device)
      },
    }
  },
  'odd-offsets-broken': ({ random }) => ({
    alter: (reply, request) => {
      if (request.command !== Command.ReadBuffer) return reply
      const { offset } = decodeReadBuffer(request.data)
      if (offset === 0 || offset >= ODD_OFFSETS_END) return reply
      return reply.map(packet =>
        packet.command === Command.Data ? { ...packet, data: random.bytes(packet.data.length) } : packet,
      )
    },
  }),
  'time-range-read': ({ device }) => ({
    answer: request => {
      if (preparedList(request) !== Command.AttLogByTime) return null
      const { argument1, argument2 } = decodePrepareBuffer(request.data)
      return offer(request, device, Content.withLengthWord(device.log.between(argument1, argument2)))
    },
  }),
  'running-record-numbers': ({ device }) => ({
    store: draft => [{ ...draft, uid: device.log.recordBytes < 36 ? draft.uid : (device.log.everStored + 1) & 0xffff }],
  }),
  'sizes-zero-count': ({ device }) => ({
    countSizes: words => setRecordCount(words, { settings: device.settings, records: 0 }),
  }),
  'sizes-zero-count-used': ({ device }) => ({
    countSizes: words => contradictCount(words, device),
  }),
  'sizes-4-bytes': () => ({
    answer: request => {
      const isWhole = request.command === Command.GetFreeSizes && request.data.length === 0
      return isWhole ? [replyTo(request, Reply.Ok, new Uint8Array(4))] : null
    },
  }),
  'sizes-4-bytes-blind': () => ({
    answer: request =>
      request.command === Command.GetFreeSizes ? [replyTo(request, Reply.Ok, new Uint8Array(4))] : null,
  }),
  'counter-too-high': ({ device, value }) => ({
    countSizes: words =>
      setRecordCount(words, { settings: device.settings, records: recordCountOf(words) + Math.round(value) }),
  }),
  'counter-too-low': ({ device, value }) => ({
    countSizes: words => {
      const records = Math.max(recordCountOf(words) - Math.round(value), 0)
      setRecordCount(words, { settings: device.settings, records })
    },
  }),
} as const satisfies Record<string, MakeBehaviour>

/** The list that 1503 asks for; `null` for every other command. */
export function preparedList(request: Request): number | null {
  return request.command === Command.PrepareBuffer && request.data.length === PREPARE_BYTES
    ? decodePrepareBuffer(request.data).command
    : null
}

const PREPARE_BYTES = 11

/** Counts 0 records, and leaves the free room as it is. */
function contradictCount(words: Uint32Array, { settings }: Pick<DeviceInside, 'settings'>): void {
  const records = recordCountOf(words)
  setRecordCount(words, { settings, records: 0 })
  setFreeRecords(words, settings.capacity - records)
}

/** Whether 1503 asks for the attendance log, in one of the ways that firmware knows. */
export function preparesAttendance(request: Request): boolean {
  const list = preparedList(request)
  return list === Command.AttLogRrq || list === Command.ReadNew || list === Command.AttLogByTime
}

/**
 * Words as they stand in a table of offsets: what a K40 sent in place of its records. The length word in the first
 * packet stays right.
 */
function wrongMemory(packet: OutgoingPacket, index: number): OutgoingPacket {
  const data = packet.data.slice()
  const view = new DataView(data.buffer)
  const first = index === 0 ? LENGTH_WORD_BYTES : 0
  for (let offset = first; offset + 4 <= data.length; offset += 4) {
    const isEven = (offset - first) % 8 === 0
    view.setUint32(offset, isEven ? 0xd840 - offset * 7 : 0x2f80 + offset * 997, true)
  }
  return { ...packet, data }
}

import { decodeBufferReady, decodePrepareData, encodeBufferReady, encodePrepareData } from '../../codec/binary/bulk.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import type { MakeBehaviour } from '../behaviour.ts'
import type { OutgoingPacket, Request } from '../exchange.ts'
import { isTransfer } from '../transfer.ts'

/** As much as no device can hold. */
const HUGE_BYTES = 2 ** 31

/** For ever is bounded: 100,000 packets are more than any client should wait for, and a forgotten device falls silent. */
const ENDLESS_PACKETS = 100_000
const ENDLESS_PACKET_BYTES = 1024
const ENDLESS_PAUSE_MS = 10

/** Bulk data that are not what was asked for. */
export const bulkBehaviours = {
  'slice-short': ({ device, strikes }) => ({
    alter: (reply, request) =>
      isSlice(reply, request) && strikes()
        ? withLastData(reply, data => data.subarray(0, Math.max(data.length - device.log.recordBytes, 0)))
        : reply,
  }),
  'slice-long': ({ device, strikes }) => ({
    alter: (reply, request) =>
      isSlice(reply, request) && strikes()
        ? withLastData(reply, data => Buffer.concat([data, data.subarray(-device.log.recordBytes)]))
        : reply,
  }),
  'announced-size-too-big': ({ device, strikes }) => ({
    alter: (reply, request) =>
      announces(reply, request) && strikes() ? announcing(reply, size => size + device.log.recordBytes) : reply,
  }),
  'announced-size-too-small': ({ device, strikes }) => ({
    alter: (reply, request) =>
      announces(reply, request) && strikes() ? announcing(reply, size => size - device.log.recordBytes) : reply,
  }),
  'size-changes-between': ({ device }) => {
    let times = 0
    return {
      alter: (reply, request) =>
        announces(reply, request) && ++times % 2 === 0
          ? announcing(reply, size => size - device.log.recordBytes)
          : reply,
    }
  },
  'slice-announcement-differs': ({ device, strikes }) => ({
    alter: (reply, request) => {
      const [announcement] = reply
      if (!isSlice(reply, request) || !isTransfer(reply) || announcement === undefined || !strikes()) return reply
      const { size, packetBytes } = decodePrepareData(announcement.data)
      const data = encodePrepareData({ size: size + device.log.recordBytes, packetBytes: packetBytes ?? 0 })
      return [{ ...announcement, data }, ...reply.slice(1)]
    },
  }),
  'data-repeated': ({ strikes, random }) => ({
    alter: (reply, request) => {
      if (!isSlice(reply, request) || !strikes()) return reply
      const index = random.pick(dataIndexes(reply))
      return [...reply.slice(0, index + 1), ...reply.slice(index)]
    },
  }),
  'data-out-of-order': ({ strikes, random }) => ({
    alter: (reply, request) => {
      const indexes = dataIndexes(reply)
      if (!isSlice(reply, request) || indexes.length < 2 || !strikes()) return reply
      const index = random.pick(indexes.slice(0, -1))
      const [one, other] = reply.slice(index, index + 2)
      if (one === undefined || other === undefined) return reply
      return [...reply.slice(0, index), other, one, ...reply.slice(index + 2)]
    },
  }),
  'huge-announcement': () => ({
    alter: (reply, request) => (announces(reply, request) ? announcing(reply, () => HUGE_BYTES) : reply),
  }),
  'endless-data': () => ({
    alter: (reply, request) => {
      if (!isSlice(reply, request)) return reply
      goOnSending(request, ENDLESS_PACKETS)
      return reply.filter(packet => packet.command !== Reply.Ok)
    },
  }),
} as const satisfies Record<string, MakeBehaviour>

/** Whether the reply carries data that somebody asked for by offset, or directly. */
function isSlice(reply: readonly OutgoingPacket[], request: Request): boolean {
  return request.command !== Command.PrepareBuffer && dataIndexes(reply).length > 0
}

function announces(reply: readonly OutgoingPacket[], request: Request): boolean {
  const [first] = reply
  const isReady = first?.command === Reply.Ok || first?.command === Command.PrepareData
  return request.command === Command.PrepareBuffer && isReady
}

/** The same answer to 1503 with another size, in whichever form it has. */
function announcing(reply: readonly OutgoingPacket[], change: (size: number) => number): OutgoingPacket[] {
  return reply.map(packet => {
    if (packet.command === Command.PrepareData) {
      const { size, packetBytes } = decodePrepareData(packet.data)
      return { ...packet, data: encodePrepareData({ size: change(size), packetBytes: packetBytes ?? 0 }) }
    }
    return { ...packet, data: encodeBufferReady({ size: change(decodeBufferReady(packet.data).size) }) }
  })
}

function dataIndexes(reply: readonly OutgoingPacket[]): number[] {
  return [...reply.keys()].filter(index => reply[index]?.command === Command.Data)
}

function withLastData(reply: readonly OutgoingPacket[], change: (data: Uint8Array) => Uint8Array): OutgoingPacket[] {
  const last = dataIndexes(reply).at(-1)
  return reply.map((packet, index) => (index === last ? { ...packet, data: change(packet.data) } : packet))
}

function goOnSending(request: Request, packetsLeft: number): void {
  if (packetsLeft === 0 || request.peer.session === null) return
  request.peer.emitLater(ENDLESS_PAUSE_MS, () => {
    goOnSending(request, packetsLeft - 1)
    const sessionId = (ENDLESS_PACKETS - packetsLeft) & 0xffff
    const data = new Uint8Array(ENDLESS_PACKET_BYTES)
    return [{ command: Command.Data, sessionId, replyId: request.replyId, data }]
  })
}

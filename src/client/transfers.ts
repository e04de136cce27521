import { ConnectionError, DeviceError } from '../base/errors.ts'
import { decodeBufferReady, decodePrepareData, encodePrepareBuffer, encodeReadBuffer } from '../codec/binary/bulk.ts'
import { Command, Reply } from '../codec/binary/commands.ts'
import type { Packet } from '../codec/binary/packet.ts'
import type { Conversation } from './conversation.ts'
import { courtesy } from './courtesy.ts'
import { type DataCollector, InOrderCollector, NumberedCollector } from './data-collector.ts'
import { replyError } from './reply-errors.ts'

/** Old units need seconds to build the buffer of a large log, and answer nothing meanwhile. */
const PREPARE_TIMEOUT_MS = 60_000
/** Asking again earlier would only make such a unit do it twice. */
const PREPARE_REPEAT_MS = 25_000
/** Between two packets of a transfer: 65,528 bytes at 20 KB/s take 3.3 s, and over TCP every piece counts as life. */
const TCP_PACKET_TIMEOUT_MS = 10_000
/** Over UDP a packet is a datagram: what has not come after this is lost, and the slice is asked for again. */
const UDP_PACKET_TIMEOUT_MS = 3_000
/** The acknowledgement that ends a transfer, once all bytes are here. Some firmware sends it late, some never. */
const TRAILING_ACK_TIMEOUT_MS = 2_000

/**
 * The largest answer that is believed, 96 MiB: two million records of 49 bytes, several times what the largest known
 * device holds. Memory is taken as it fills, so a false announcement below this costs nothing.
 */
export const LOG_BYTES_MAX = 96 * 1024 * 1024

export type TransferOrder = 'kept' | 'any'

export interface TransferProgress {
  readonly bytesReceived: number
  readonly bytesTotal: number
}

/** What the device did when asked to buffer an answer. */
export type Prepared =
  /** It is small and came along. */
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'buffered'; readonly size: number }
  /** Nothing to send, or refused: the device says both in the same way. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unsupported' }

/** Asks the device to gather an answer in its buffer: `argument` is the content type, 5 for users and 0 for the log. */
export function* prepareBuffer(what: { command: number; argument: number }): Conversation<Prepared> {
  const data = encodePrepareBuffer({ command: what.command, argument1: what.argument })
  const reply = yield {
    command: Command.PrepareBuffer,
    data,
    timeoutMs: PREPARE_TIMEOUT_MS,
    repeatMs: PREPARE_REPEAT_MS,
  }
  switch (reply.command) {
    case Reply.Ok:
      return { kind: 'buffered', size: plausibleSize(decodeBufferReady(reply.data).size) }
    case Command.PrepareData:
      return { kind: 'buffered', size: plausibleSize(decodePrepareData(reply.data).size) }
    case Command.Data:
      return { kind: 'inline', bytes: reply.data.slice() }
    case Reply.Error:
      return { kind: 'nothing' }
    case Reply.Unknown:
    case Reply.ErrorCommand:
      return { kind: 'unsupported' }
    default:
      throw replyError(Command.PrepareBuffer, reply)
  }
}

/** Fills `target` with the bytes of the buffer from `offset` on. Changes nothing on the device, so it can be repeated. */
export function* readSlice(slice: { offset: number; order: TransferOrder; target: Uint8Array }): Conversation<void> {
  const { offset, order, target } = slice
  const { length } = target
  const timeoutMs = packetTimeoutMs(order)
  const data = encodeReadBuffer({ offset, length })
  const first = yield { command: Command.ReadBuffer, data, timeoutMs, repeat: 'once' }
  const collector = collectorFor(order, target)
  if (first.command === Command.Data && first.data.length === length) {
    collector.add(first)
  } else {
    yield* collect({ command: Command.ReadBuffer, first, collector, announced: length, order })
  }
  collector.finish()
}

/** Lets the device drop its buffer. Any answer will do, and so will none: the goodbye drops it too. */
export function* freeBuffer(): Conversation<void> {
  yield* courtesy({ command: Command.FreeData })
}

/**
 * Reads an answer without buffering, for firmware that cannot buffer. Null when the device has nothing to send, which it
 * says in the same way as "refused".
 */
export function* readDirectly(what: {
  command: number
  data: Uint8Array
  order: TransferOrder
  onProgress: (progress: TransferProgress) => void
}): Conversation<Uint8Array | null> {
  const { command, order, onProgress } = what
  const first = yield { command, data: what.data, timeoutMs: PREPARE_TIMEOUT_MS, repeat: 'once' }
  if (first.command === Reply.Error) return null
  if (first.command === Command.Data) return first.data.slice()
  if (first.command !== Command.PrepareData) throw replyError(command, first)
  const size = plausibleSize(decodePrepareData(first.data).size)
  const bytes = new Uint8Array(size)
  const collector = collectorFor(order, bytes)
  yield* collect({ command, first, collector, announced: size, order, onProgress })
  collector.finish()
  return bytes
}

/** Takes the packets of a transfer in until its trailing acknowledgement. */
function* collect(transfer: {
  command: number
  first: Packet
  collector: DataCollector
  announced: number
  order: TransferOrder
  onProgress?: (progress: TransferProgress) => void
}): Conversation<void> {
  const { command, collector, announced, order } = transfer
  let packet = transfer.first
  for (;;) {
    if (packet.command === Command.Data) {
      collector.add(packet)
      transfer.onProgress?.({ bytesReceived: collector.receivedBytes, bytesTotal: announced })
    } else if (packet.command === Command.PrepareData) {
      const { size } = decodePrepareData(packet.data)
      if (size !== announced) {
        throw new DeviceError('READ_INCOMPLETE', `asked for ${announced} bytes, the device announced ${size}`)
      }
    } else if (packet.command === Reply.Ok && (order === 'kept' || collector.complete)) {
      return
    } else if (packet.command !== Reply.Ok) {
      throw replyError(command, packet)
    }
    try {
      packet = yield { listen: true, timeoutMs: collector.complete ? TRAILING_ACK_TIMEOUT_MS : packetTimeoutMs(order) }
    } catch (error) {
      // Every byte is here: a device that keeps the acknowledgement to itself loses nothing by it.
      if (!(error instanceof ConnectionError && error.code === 'REPLY_TIMEOUT')) throw error
      if (collector.complete) return
      // It answered, and stopped: what it sent is worth more to know than that it is silent.
      if (collector.receivedBytes > 0) collector.finish()
      throw error
    }
  }
}

function collectorFor(order: TransferOrder, target: Uint8Array): DataCollector {
  return order === 'kept' ? new InOrderCollector(target) : new NumberedCollector(target)
}

function packetTimeoutMs(order: TransferOrder): number {
  return order === 'kept' ? TCP_PACKET_TIMEOUT_MS : UDP_PACKET_TIMEOUT_MS
}

function plausibleSize(size: number): number {
  if (size <= LOG_BYTES_MAX) return size
  throw new DeviceError('LOG_TOO_LARGE', `the device announces ${size} bytes; no known device holds that many`)
}

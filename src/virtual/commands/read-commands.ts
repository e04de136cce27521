import { decodePrepareBuffer, decodeReadBuffer, encodeBufferReady } from '../../codec/binary/bulk.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import { Content, LENGTH_WORD_BYTES } from '../content.ts'
import { type DeviceInside, type OutgoingPacket, type Request, replyTo } from '../exchange.ts'
import { UDP_DATA_BYTES_MAX } from '../settings.ts'
import { type TrailingField, transfer } from '../transfer.ts'
import type { Handler } from './handler.ts'
import { READ_ONCE_OPTION } from './option-commands.ts'

/** The request lengths that the decoders know; anything else is an error of the client. */
const PREPARE_BYTES = 11
const READ_BYTES = 8
const RESET_MARKER = 121

/** Reads of users and the attendance log: by buffer (1503, 1504, 1502) and directly (9, 13). */
export const readCommands: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [Command.PrepareBuffer, prepareBuffer],
  [Command.ReadBuffer, readBuffer],
  [
    Command.FreeData,
    request => {
      if (request.peer.session !== null) request.peer.session.buffer = null
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [Command.AttLogRrq, (request, device) => direct(request, device, attendanceContent(device))],
  [Command.ReadNew, (request, device) => direct(request, device, attendanceContent(device))],
  [Command.UserTempRrq, (request, device) => direct(request, device, Content.withLengthWord(device.userRecords()))],
  [
    RESET_MARKER,
    (request, device) => {
      device.stats.markerMoves++
      device.downloadMarker = 0
      return [replyTo(request, Reply.Ok)]
    },
  ],
])

function prepareBuffer(request: Request, device: DeviceInside): OutgoingPacket[] {
  const { session } = request.peer
  if (session === null || request.data.length < PREPARE_BYTES) return [replyTo(request, Reply.Error)]
  const asked = decodePrepareBuffer(request.data)
  const content = contentOf(asked.command, device)
  session.buffer = null
  return content === null ? [replyTo(request, Reply.Error)] : offer(request, device, content)
}

/** The answer to 1503 once it is known what to send: nothing, all of it inline, or a buffer to read from. */
export function offer(request: Request, device: DeviceInside, content: Content): OutgoingPacket[] {
  if (isEmpty(content)) return [replyTo(request, Reply.Error)]
  if (content.size <= device.settings.inlineBytes)
    return [replyTo(request, Command.Data, content.slice(0, content.size))]
  if (request.peer.session !== null) request.peer.session.buffer = content
  return [replyTo(request, Reply.Ok, encodeBufferReady({ size: content.size }))]
}

export function readBuffer(request: Request, device: DeviceInside): OutgoingPacket[] {
  const buffer = request.peer.session?.buffer
  if (!buffer || request.data.length < READ_BYTES) return [replyTo(request, Reply.Error)]
  const { offset, length } = decodeReadBuffer(request.data)
  if (offset + length > buffer.size) return [replyTo(request, Reply.Error)]
  const bytes = buffer.slice(offset, length)
  if (length <= device.settings.inlineBytes) return [replyTo(request, Command.Data, bytes)]
  return longForm(request, device, { bytes, trailingField: 'index' })
}

/** The direct read of older firmware: no buffer, the whole list at once, and the number of bytes in the last packet. */
function direct(request: Request, device: DeviceInside, content: Content): OutgoingPacket[] {
  if (isEmpty(content)) return [{ ...replyTo(request, Reply.Error), sessionId: 0 }]
  return longForm(request, device, { bytes: content.slice(0, content.size), trailingField: 'bytes' })
}

/** Sends bytes in the long form, in packets as large as the device and the transport allow. */
export function longForm(
  request: Request,
  device: Pick<DeviceInside, 'settings'>,
  options: { bytes: Uint8Array; trailingField: TrailingField },
): OutgoingPacket[] {
  const { packetBytes, packetPauseMs } = device.settings
  const limit = request.peer.transport === 'udp' ? UDP_DATA_BYTES_MAX : Number.POSITIVE_INFINITY
  return transfer(request, { ...options, packetBytes: Math.min(packetBytes, limit), pauseMs: packetPauseMs })
}

/** `null` for lists that this device does not keep: templates, the operation log. */
function contentOf(command: number, device: DeviceInside): Content | null {
  switch (command) {
    case Command.AttLogRrq:
    case Command.ReadNew:
      return attendanceContent(device)
    case Command.UserTempRrq:
      return Content.withLengthWord(device.userRecords())
    default:
      return null
  }
}

/**
 * The log from its beginning; or, with the option DownloadNewLog, what nobody has prepared before: the marker moves
 * now, before anything has arrived anywhere, which is how punches get lost with that option.
 */
function attendanceContent(device: DeviceInside): Content {
  if (device.options.get(READ_ONCE_OPTION) !== '1') return Content.withLengthWord(device.log.snapshot(0))
  const records = device.log.snapshot(device.downloadMarker)
  device.downloadMarker = device.log.count
  device.stats.markerMoves++
  return Content.withLengthWord(records)
}

/** Nothing behind the length word. */
function isEmpty(content: Content): boolean {
  return content.size <= LENGTH_WORD_BYTES
}

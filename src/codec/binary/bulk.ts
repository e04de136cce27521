import { CodecError } from '../../base/errors.ts'
import { readU16, readU32, writeU16, writeU32 } from './integers.ts'

const PREPARE_BUFFER_BYTES = 11
const BUFFER_READY_BYTES = 13

/** What a client asks a device to buffer. */
export interface BufferRequest {
  /** The command whose result is wanted: 13 for the attendance log, 9 for users. */
  readonly command: number
  readonly argument1?: number
  readonly argument2?: number
}

/**
 * The data of a request to buffer a result.
 *
 *    0  u8   1            "may be compressed"; nobody has seen a compressed answer
 *    1  u16  command
 *    3  u32  argument 1   content type for users (5), start time for a read by time, else 0
 *    7  u32  argument 2   end time for a read by time, else 0
 *
 * Source: docs/protocol/attendance.md, A-4.
 */
export function encodePrepareBuffer(request: BufferRequest): Uint8Array {
  const data = new Uint8Array(PREPARE_BUFFER_BYTES)
  data[0] = 1
  writeU16(data, 1, request.command)
  writeU32(data, 3, request.argument1 ?? 0)
  writeU32(data, 7, request.argument2 ?? 0)
  return data
}

/** The device's side of {@link encodePrepareBuffer}. @throws CodecError `REPLY_DATA` unless there are 11 bytes. */
export function decodePrepareBuffer(data: Uint8Array): Required<BufferRequest> {
  if (data.length !== PREPARE_BUFFER_BYTES) {
    throw new CodecError('REPLY_DATA', `a buffer request has ${PREPARE_BUFFER_BYTES} bytes, got ${data.length}`)
  }
  return { command: readU16(data, 1), argument1: readU32(data, 3), argument2: readU32(data, 7) }
}

/**
 * The data of the answer "so many bytes are buffered".
 *
 *    0  u8   0
 *    1  u32  size   the length word in front of the records included
 *    5  u32  size   again
 *    9  u32  hash   over the buffer, by a rule that nobody knows
 *
 * Source: docs/protocol/attendance.md, A-6; captures `usr-buf-ack`, `blk-query-ack`.
 */
export function encodeBufferReady(ready: { size: number; hash?: number }): Uint8Array {
  const data = new Uint8Array(BUFFER_READY_BYTES)
  writeU32(data, 1, ready.size)
  writeU32(data, 5, ready.size)
  writeU32(data, 9, ready.hash ?? 0)
  return data
}

/**
 * Reads the size, which stands at byte 1 and not 0; what follows it is not relied on. @throws CodecError `REPLY_DATA`.
 */
export function decodeBufferReady(data: Uint8Array): { size: number; hash: number } {
  if (data.length < 5) throw new CodecError('REPLY_DATA', `a buffered size needs 5 bytes, got ${data.length}`)
  return { size: readU32(data, 1), hash: data.length >= BUFFER_READY_BYTES ? readU32(data, 9) : 0 }
}

/**
 * The data that ask for a slice of the buffer: offset and length, both u32. Source: docs/protocol/attendance.md, A-5.
 */
export function encodeReadBuffer(slice: { offset: number; length: number }): Uint8Array {
  return twoWords(slice.offset, slice.length)
}

/** The device's side of {@link encodeReadBuffer}. @throws CodecError `REPLY_DATA` unless there are 8 bytes. */
export function decodeReadBuffer(data: Uint8Array): { offset: number; length: number } {
  if (data.length !== 8) throw new CodecError('REPLY_DATA', `a slice is asked for in 8 bytes, got ${data.length}`)
  return { offset: readU32(data, 0), length: readU32(data, 4) }
}

/** The data that announce a transfer: all bytes to come, and the data bytes of each packet. */
export function encodePrepareData(transfer: { size: number; packetBytes: number }): Uint8Array {
  return twoWords(transfer.size, transfer.packetBytes)
}

/**
 * Reads an announcement. The packet size is what the device intends; only bytes that came are counted on.
 *
 * @throws CodecError `REPLY_DATA` below 4 bytes.
 * Source: docs/protocol/attendance.md, A-7.
 */
export function decodePrepareData(data: Uint8Array): { size: number; packetBytes: number | null } {
  if (data.length < 4) throw new CodecError('REPLY_DATA', `an announced size needs 4 bytes, got ${data.length}`)
  return { size: readU32(data, 0), packetBytes: data.length >= 8 ? readU32(data, 4) : null }
}

function twoWords(first: number, second: number): Uint8Array {
  const data = new Uint8Array(8)
  writeU32(data, 0, first)
  writeU32(data, 4, second)
  return data
}

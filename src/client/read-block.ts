import { DeviceError, RollcallError } from '../base/errors.ts'
import type { Session } from './session.ts'
import {
  freeBuffer,
  prepareBuffer,
  readDirectly,
  readSlice,
  type TransferOrder,
  type TransferProgress,
} from './transfers.ts'

/** Over TCP the largest slice that clients are known to ask for. */
const TCP_SLICE_BYTES = 65_472
/** Over UDP a lost datagram costs the whole slice, so it is small. */
const UDP_SLICE_BYTES = 8_192
/** A slice this small comes in one packet, whose order needs no proof. */
const SINGLE_PACKET_BYTES = 1_024
/** How often a slice is asked for: over UDP few times at full size, then in single packets, which pass even a bad link. */
const SLICE_ATTEMPTS = 3
const SINGLE_PACKET_ATTEMPTS = 8
/** A direct read comes as a whole, and repeats as a whole. */
const DIRECT_ATTEMPTS = 3

/** The length that stands before the records of a block. */
export const LENGTH_WORD_BYTES = 4

/** What to read: the command that names it, its content type for the buffer, and its data when read directly. */
export interface BlockRequest {
  readonly command: number
  readonly argument: number
  readonly directData: Uint8Array
}

export type BlockProgress = TransferProgress

/** A block that the device has ready: its size is known, its bytes come as they are asked for. */
export interface Block {
  /** All bytes: a u32, the length of what follows it, and that. */
  readonly size: number
  /** Whether a part can be read by itself. Where the device sent everything at once it is here already. */
  readonly isBuffered: boolean
  /**
   * The bytes from `from` to the end, or to `to`.
   *
   * @throws DeviceError `READ_INCOMPLETE`, and what the conversation throws. There is no partial result.
   */
  read(range: { from: number; to?: number }, signal: AbortSignal): Promise<Uint8Array>
}

/**
 * Lets the device get a block ready (the log, or the users): in its buffer, or directly where the firmware has none.
 *
 * @returns null when the device says it has nothing to send.
 * @throws DeviceError `READ_INCOMPLETE` and what the conversation throws.
 */
export async function openBlock(
  session: Session,
  request: BlockRequest,
  options: { onProgress: (progress: BlockProgress) => void },
  signal: AbortSignal,
): Promise<Block | null> {
  const order: TransferOrder = session.transport === 'tcp' ? 'kept' : 'any'
  const prepared = await session.run(prepareBuffer(request), signal)
  switch (prepared.kind) {
    case 'inline':
      return blockOf(prepared.bytes)
    case 'buffered': {
      const { size } = prepared
      return {
        size,
        isBuffered: true,
        read: ({ from, to = size }, readSignal) =>
          readBuffer(session, { from, to, order, onProgress: options.onProgress }, readSignal),
      }
    }
    case 'nothing':
    case 'unsupported': {
      const conversation = () =>
        readDirectly({ command: request.command, data: request.directData, order, onProgress: options.onProgress })
      const bytes = await attempt(DIRECT_ATTEMPTS, () => session.run(conversation(), signal))
      return bytes && blockOf(bytes)
    }
    default:
      return prepared satisfies never
  }
}

/** Lets the device drop the block, so that it can serve the next request. */
export async function closeBlock(session: Session, block: Block, signal: AbortSignal): Promise<void> {
  if (block.isBuffered) await session.run(freeBuffer(), signal)
}

/**
 * The whole of a block.
 *
 * @throws DeviceError `READ_INCOMPLETE` unless the length word says what came.
 */
export async function readWhole(block: Block, signal: AbortSignal): Promise<Uint8Array> {
  return whole(await block.read({ from: 0 }, signal))
}

function blockOf(bytes: Uint8Array): Block {
  return { size: bytes.length, isBuffered: false, read: async ({ from, to }) => bytes.subarray(from, to) }
}

/** The bytes of a prepared buffer from `from` to before `to`, slice by slice; what is lost or damaged on the way is asked for again. */
export async function readBuffer(
  session: Session,
  read: { from: number; to: number; order: TransferOrder; onProgress: (progress: BlockProgress) => void },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { from: start, to: end, order } = read
  const target = new Uint8Array(end - start)
  let sliceBytes = order === 'kept' ? TCP_SLICE_BYTES : UDP_SLICE_BYTES
  for (let offset = start; offset < end; ) {
    const from = offset
    const length = Math.min(sliceBytes, end - from)
    const attempts = sliceBytes === SINGLE_PACKET_BYTES ? SINGLE_PACKET_ATTEMPTS : SLICE_ATTEMPTS
    try {
      const part = target.subarray(from - start, from - start + length)
      await attempt(attempts, () => session.run(readSlice({ offset: from, order, target: part }), signal))
    } catch (error) {
      // Datagrams that carry no numbers prove no order, and on a bad link a long slice never comes whole.
      if (order === 'kept' || sliceBytes === SINGLE_PACKET_BYTES || !isSpoilt(error)) throw error
      sliceBytes = SINGLE_PACKET_BYTES
      continue
    }
    offset += length
    read.onProgress({ bytesReceived: offset - start, bytesTotal: end - start })
  }
  return target
}

/** Tries again, with a new reply id, what a lost or damaged packet spoilt. Everything else is thrown at once. */
export async function attempt<Result>(attempts: number, run: () => Promise<Result>): Promise<Result> {
  for (let n = 1; ; n++) {
    try {
      return await run()
    } catch (error) {
      if (!isSpoilt(error) || n >= attempts) throw error
    }
  }
}

function isSpoilt(error: unknown): boolean {
  return error instanceof RollcallError && (error.code === 'READ_INCOMPLETE' || error.code === 'REPLY_TIMEOUT')
}

function whole(block: Uint8Array): Uint8Array {
  if (block.length < LENGTH_WORD_BYTES)
    throw new DeviceError('READ_INCOMPLETE', `the device sent ${block.length} bytes, too few for a log`)
  const announced = new DataView(block.buffer, block.byteOffset, block.byteLength).getUint32(0, true)
  const came = block.length - LENGTH_WORD_BYTES
  if (announced !== came) {
    throw new DeviceError('READ_INCOMPLETE', `the log says that ${announced} bytes of records follow, and ${came} came`)
  }
  return block
}

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

/**
 * Reads a block (the log, or the users) whole: by the buffer of the device, or directly where the firmware cannot.
 *
 * @returns the block: a u32, the length of what follows it, and that; null when the device says it has nothing to send.
 * @throws DeviceError `READ_INCOMPLETE` and what the conversation throws. There is no partial result.
 */
export async function readBlock(
  session: Session,
  request: BlockRequest,
  options: { onProgress: (progress: BlockProgress) => void },
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const order: TransferOrder = session.transport === 'tcp' ? 'kept' : 'any'
  const prepared = await session.run(prepareBuffer(request), signal)
  switch (prepared.kind) {
    case 'inline':
      return whole(prepared.bytes)
    case 'buffered': {
      const block = await readBuffer(session, { size: prepared.size, order, ...options }, signal)
      await session.run(freeBuffer(), signal)
      return whole(block)
    }
    case 'nothing':
    case 'unsupported': {
      const conversation = () =>
        readDirectly({ command: request.command, data: request.directData, order, onProgress: options.onProgress })
      const block = await attempt(DIRECT_ATTEMPTS, () => session.run(conversation(), signal))
      return block && whole(block)
    }
    default:
      return prepared satisfies never
  }
}

async function readBuffer(
  session: Session,
  read: { size: number; order: TransferOrder; onProgress: (progress: BlockProgress) => void },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { size, order } = read
  const target = new Uint8Array(size)
  let sliceBytes = order === 'kept' ? TCP_SLICE_BYTES : UDP_SLICE_BYTES
  for (let offset = 0; offset < size; ) {
    const from = offset
    const length = Math.min(sliceBytes, size - from)
    const attempts = sliceBytes === SINGLE_PACKET_BYTES ? SINGLE_PACKET_ATTEMPTS : SLICE_ATTEMPTS
    try {
      await attempt(attempts, () => session.run(readSlice({ offset: from, length, order, target }), signal))
    } catch (error) {
      // Datagrams that carry no numbers prove no order, and on a bad link a long slice never comes whole.
      if (order === 'kept' || sliceBytes === SINGLE_PACKET_BYTES || !isSpoilt(error)) throw error
      sliceBytes = SINGLE_PACKET_BYTES
      continue
    }
    offset += length
    read.onProgress({ bytesReceived: offset, bytesTotal: size })
  }
  return target
}

/** Tries again, with a new reply id, what a lost or damaged packet spoilt. Everything else is thrown at once. */
async function attempt<Result>(attempts: number, run: () => Promise<Result>): Promise<Result> {
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

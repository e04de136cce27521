import { FRAME_MAGIC, FRAME_PREFIX_BYTES, MAX_PAYLOAD_BYTES } from '../binary/frame.ts'
import { readU32 } from '../binary/integers.ts'
import { HEADER_BYTES } from '../binary/packet.ts'

/** What stands at a place of a recorded TCP stream: a frame of so many bytes, the beginning of one, or none. */
export type FrameAt =
  | { readonly kind: 'frame'; readonly bytes: number }
  /** So many bytes are needed to tell, or to complete it. */
  | { readonly kind: 'more'; readonly bytes: number }
  | { readonly kind: 'broken' }

/**
 * Judges what begins at `at`. Unlike `PacketReader` it keeps its eyes off the checksum: who looks at a recording wants to see
 * damaged packets too.
 */
export function frameAt(stream: Uint8Array, at: number): FrameAt {
  if (stream.length - at < FRAME_PREFIX_BYTES) return { kind: 'more', bytes: FRAME_PREFIX_BYTES }
  const payloadBytes = readU32(stream, at + 4)
  if (readU32(stream, at) !== FRAME_MAGIC) return { kind: 'broken' }
  if (payloadBytes < HEADER_BYTES || payloadBytes > MAX_PAYLOAD_BYTES) return { kind: 'broken' }
  const bytes = FRAME_PREFIX_BYTES + payloadBytes
  return { kind: stream.length - at < bytes ? 'more' : 'frame', bytes }
}

import { checksumHolds } from '../binary/checksum.ts'
import { FRAME_PREFIX_BYTES } from '../binary/frame.ts'
import { HEADER_BYTES, type Packet, readPacket } from '../binary/packet.ts'
import { frameAt } from './frame-at.ts'
import type { ConnectionEvent, TracedBytes, TraceEvent } from './trace-events.ts'

/** What was said on a connection, in the order of the recording: a packet stands where its last byte came. */
export type TraceEntry =
  | {
      readonly kind: 'packet'
      readonly tMs: number
      readonly connection: number
      readonly transport: 'tcp' | 'udp'
      readonly direction: 'sent' | 'received'
      readonly packet: Packet
      /** Whether its checksum is right. Rollcall and devices drop packets of which it is not. */
      readonly isSound: boolean
      /** As long as the data of the packet: 1 where a byte was masked. */
      readonly marks: Uint8Array
    }
  /** Bytes that are no packet. */
  | ({
      readonly kind: 'raw'
      readonly tMs: number
      readonly connection: number
      readonly direction: 'sent' | 'received'
    } & TracedBytes)
  | { readonly kind: 'connection'; readonly event: ConnectionEvent }

interface Connection {
  readonly transport: 'tcp' | 'udp'
  readonly streams: { readonly sent: TcpStream; readonly received: TcpStream }
}

/** Puts the packets of a trace together. */
export function* traceEntries(events: Iterable<TraceEvent>): Generator<TraceEntry> {
  const connections = new Map<number, Connection>()
  for (const event of events) {
    if (!('bytes' in event)) {
      if (event.event === 'opening') {
        const streams = { sent: new TcpStream(), received: new TcpStream() }
        connections.set(event.connection, { transport: event.transport, streams })
      }
      yield { kind: 'connection', event }
      continue
    }
    const { tMs, connection, event: direction } = event
    const at = { tMs, connection, direction }
    // Where the beginning of a trace was cut away, bytes alone are left of a connection.
    const { transport = 'tcp', streams } = connections.get(connection) ?? {}
    const pieces = transport === 'udp' || !streams ? datagram(event) : streams[direction].push(event)
    for (const { payload, raw } of pieces) {
      if (raw) yield { kind: 'raw', ...at, ...raw }
      if (payload) yield packetEntry(payload, { ...at, transport })
    }
  }
}

type Piece = { readonly payload?: TracedBytes; readonly raw?: TracedBytes }

function datagram(bytes: TracedBytes): Piece[] {
  return [bytes.bytes.length < HEADER_BYTES ? { raw: bytes } : { payload: bytes }]
}

function packetEntry(
  payload: TracedBytes,
  at: { tMs: number; connection: number; transport: 'tcp' | 'udp'; direction: 'sent' | 'received' },
): TraceEntry {
  return {
    kind: 'packet',
    ...at,
    packet: readPacket(payload.bytes),
    isSound: checksumHolds(payload.bytes),
    marks: payload.marks.subarray(HEADER_BYTES),
  }
}

/** One direction of a TCP connection. */
class TcpStream {
  #held: TracedBytes[] = []
  #heldBytes = 0
  #neededBytes = FRAME_PREFIX_BYTES
  #isBroken = false

  push(piece: TracedBytes): Piece[] {
    if (this.#isBroken) return [{ raw: piece }]
    this.#held.push(piece)
    this.#heldBytes += piece.bytes.length
    if (this.#heldBytes < this.#neededBytes) return []
    const { bytes, marks } = joined(this.#held)
    const pieces: Piece[] = []
    let at = 0
    while (at < bytes.length) {
      const frame = frameAt(bytes, at)
      if (frame.kind === 'more') {
        this.#neededBytes = frame.bytes
        break
      }
      this.#isBroken = frame.kind === 'broken'
      const end = frame.kind === 'frame' ? at + frame.bytes : bytes.length
      const from = frame.kind === 'frame' ? at + FRAME_PREFIX_BYTES : at
      const part = { bytes: bytes.subarray(from, end), marks: marks.subarray(from, end) }
      pieces.push(frame.kind === 'frame' ? { payload: part } : { raw: part })
      this.#neededBytes = FRAME_PREFIX_BYTES
      at = end
    }
    this.#held = [{ bytes: bytes.subarray(at), marks: marks.subarray(at) }]
    this.#heldBytes = bytes.length - at
    return pieces
  }
}

function joined(pieces: readonly TracedBytes[]): TracedBytes {
  const length = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const whole = { bytes: new Uint8Array(length), marks: new Uint8Array(length) }
  let at = 0
  for (const { bytes, marks } of pieces) {
    whole.bytes.set(bytes, at)
    whole.marks.set(marks, at)
    at += bytes.length
  }
  return whole
}

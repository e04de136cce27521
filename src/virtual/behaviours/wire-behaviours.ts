import type { Random } from '../../base/random.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import { encodeFrame, FRAME_PREFIX_BYTES } from '../../codec/binary/frame.ts'
import { HEADER_BYTES } from '../../codec/binary/packet.ts'
import type { Behaviour, LineInside, MakeBehaviour, WireChunk } from '../behaviour.ts'
import { NO_DATA, type OutgoingPacket } from '../exchange.ts'

/** How late a late packet is. */
const LATE_MS = { min: 50, max: 1_500 } as const

/** Reply ids that no client reaches in one session. */
const STRAY_REPLY_IDS = { min: 40_000, max: 60_000 } as const

/** Pieces of a torn stream: mostly shorter than a header, sometimes longer than several packets. */
const TORN_BYTES = { short: 16, long: 4_096 } as const

/** A line of 20 KB a second is cut into pieces of this size, each at its time. */
const SLOW_PIECE_BYTES = 1_024

/** Over real sockets, bytes written at once travel together: the first ones of an answer, prefix and header, wait. */
const SPACED_BYTES = 24

/** For ever is bounded: nobody should wait for so many. */
const TRICKLE_BYTES = 100_000
const TRICKLE_PACKET_BYTES = 60_000

const WEB_ANSWER = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/** How the packets of access panels begin (docs/protocol/quirks.md, Q-1); the rest stands for what nobody reads here. */
const PANEL_ANSWER = Uint8Array.of(0xaa, 0x01, 0xc9, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5a, 0x3f, 0x55)

/** What the wire does to packets and bytes. */
export const wireBehaviours = {
  'refuses-connection': () => ({ refusesConnections: true }),
  'never-answers': () => ({ receivePackets: () => [] }),
  'hangs-up': () => ({ sendFrames: (_, { transport }) => (transport === 'tcp' ? [{ close: true }] : []) }),
  'half-open': ({ strikes }) => {
    const forgotten = new WeakSet<LineInside>()
    return {
      receivePackets: (packets, line) => {
        if (packets.some(() => strikes())) forgotten.add(line)
        return forgotten.has(line) ? [] : packets
      },
      sendPackets: (packets, line) => (forgotten.has(line) ? [] : packets),
    }
  },
  'lost-packets': ({ strikes }) => ({
    receivePackets: packets => packets.filter(() => !strikes()),
    sendPackets: packets => packets.filter(() => !strikes()),
  }),
  'doubled-packets': ({ strikes }) => ({
    receivePackets: packets => packets.flatMap(packet => (strikes() ? [packet, packet] : [packet])),
    sendPackets: packets => packets.flatMap(packet => (strikes() ? [packet, packet] : [packet])),
  }),
  'late-packets': ({ strikes, random }) => ({
    sendFrames: (frames, { transport }) =>
      frames.map(frame => {
        if ('close' in frame || !strikes()) return frame
        const lateMs = random.int(LATE_MS.min, LATE_MS.max)
        return transport === 'udp' ? { ...frame, lateMs } : { ...frame, afterMs: frame.afterMs + lateMs }
      }),
  }),
  'torn-packets': ({ random }) => ({
    sendChunks: (chunks, { transport }) => (transport === 'udp' ? chunks : torn(chunks, random)),
  }),
  'single-bytes': () => ({
    sendChunks: (chunks, { transport }) => (transport === 'udp' ? chunks : singleBytes(chunks)),
  }),
  'glued-packets': () => ({
    sendChunks: (chunks, { transport }) => (transport === 'udp' ? chunks : glued(chunks)),
  }),
  'corrupted-bytes': ({ strikes, random }) => ({
    sendFrames: (frames, { transport }) =>
      frames.map(frame => {
        if ('close' in frame || !strikes()) return frame
        const bytes = frame.bytes.slice()
        // The prefix of TCP stays whole: it has no checksum, and a stream without it cannot be read on.
        const at = random.int(transport === 'tcp' ? FRAME_PREFIX_BYTES : 0, bytes.length - 1)
        bytes[at] = (bytes[at] ?? 0) ^ random.int(1, 0xff)
        return { ...frame, bytes }
      }),
  }),
  'cut-connection': ({ strikes }) => ({
    sendFrames: (frames, { transport }) => {
      const index = frames.findIndex(() => strikes())
      const frame = frames[index]
      if (frame === undefined || 'close' in frame) return frames
      if (transport === 'udp') return frames.slice(0, index)
      const half = { ...frame, bytes: frame.bytes.subarray(0, frame.bytes.length >> 1) }
      return [...frames.slice(0, index), half, { close: true }]
    },
  }),
  'slow-20kb': ({ value }) => ({
    sendChunks: (chunks, { transport }) => {
      const pieces = transport === 'udp' ? chunks : chunks.flatMap(chunk => inPieces(chunk, SLOW_PIECE_BYTES))
      return pieces.map(piece =>
        'close' in piece ? piece : { ...piece, afterMs: piece.afterMs + (piece.bytes.length * 1000) / value },
      )
    },
  }),
  'stray-replies': ({ strikes, random }) => ({
    sendPackets: packets =>
      packets.flatMap(packet => {
        if (!strikes()) return [packet]
        const replyId = random.int(STRAY_REPLY_IDS.min, STRAY_REPLY_IDS.max)
        const stray: OutgoingPacket = { command: Reply.Ok, sessionId: packet.sessionId, replyId, data: NO_DATA }
        return [stray, packet]
      }),
  }),
  'garbage-stream': ({ strikes, random }) => ({
    sendFrames: frames =>
      frames.map(frame => {
        const isGarbage = !('close' in frame) && strikes()
        return isGarbage ? { ...frame, bytes: random.bytes(random.int(1, 64)) } : frame
      }),
  }),
  'web-page-at-port': () => strangerAnswering(new TextEncoder().encode(WEB_ANSWER)),
  'access-panel-at-port': () => strangerAnswering(PANEL_ANSWER),
  'trickle-for-ever': ({ value }) => {
    const trickling = new WeakSet<LineInside>()
    return {
      sendChunks: (_, line) => {
        if (trickling.has(line)) return []
        trickling.add(line)
        const data = new Uint8Array(TRICKLE_PACKET_BYTES)
        const frame = encodeFrame({ command: Command.Data, sessionId: 0, replyId: 0, data })
        trickle(line, value, TRICKLE_BYTES)
        return [{ bytes: frame.subarray(0, FRAME_PREFIX_BYTES + HEADER_BYTES), afterMs: 0 }]
      },
    }
  },
} as const satisfies Record<string, MakeBehaviour>

/** Something else than a device has the address: it says the same to whatever comes in. */
function strangerAnswering(bytes: Uint8Array): Behaviour {
  return {
    receivePackets: (_, line) => {
      if (line.transport === 'tcp') line.sendLater(0, () => bytes)
      return []
    },
  }
}

function torn(chunks: readonly WireChunk[], random: Random): WireChunk[] {
  return glued(chunks).flatMap(chunk => {
    if ('close' in chunk) return [chunk]
    const pieces: WireChunk[] = []
    for (let at = 0; at < chunk.bytes.length; ) {
      const length = random.int(1, random.chance(0.5) ? TORN_BYTES.short : TORN_BYTES.long)
      const afterMs = at === 0 ? chunk.afterMs : random.int(0, 1)
      pieces.push({ bytes: chunk.bytes.subarray(at, at + length), afterMs })
      at += length
    }
    return pieces
  })
}

function singleBytes(chunks: readonly WireChunk[]): WireChunk[] {
  return chunks.flatMap(chunk => {
    if ('close' in chunk) return [chunk]
    const pieces = inPieces(chunk, 1)
    return pieces.map((piece, at) => ('close' in piece || at >= SPACED_BYTES ? piece : { ...piece, afterMs: 1 }))
  })
}

/** Joins neighbours that would leave at the same time. */
function glued(chunks: readonly WireChunk[]): WireChunk[] {
  const joined: WireChunk[] = []
  let run: Uint8Array[] = []
  let afterMs = 0
  const finish = (): void => {
    if (run.length > 0) joined.push({ bytes: run.length === 1 ? (run[0] ?? NO_DATA) : Buffer.concat(run), afterMs })
    run = []
  }
  for (const chunk of chunks) {
    if ('close' in chunk || chunk.afterMs > 0 || run.length === 0) finish()
    if ('close' in chunk) {
      joined.push(chunk)
      continue
    }
    if (run.length === 0) afterMs = chunk.afterMs
    run.push(chunk.bytes)
  }
  finish()
  return joined
}

/** Cuts a chunk; only its first piece waits as long as the whole would have. */
function inPieces(chunk: WireChunk, pieceBytes: number): WireChunk[] {
  if ('close' in chunk) return [chunk]
  const pieces: WireChunk[] = []
  for (let at = 0; at < chunk.bytes.length; at += pieceBytes)
    pieces.push({ bytes: chunk.bytes.subarray(at, at + pieceBytes), afterMs: at === 0 ? chunk.afterMs : 0 })
  return pieces
}

function trickle(line: LineInside, pauseMs: number, bytesLeft: number): void {
  if (bytesLeft === 0) return
  line.sendLater(pauseMs, () => {
    trickle(line, pauseMs, bytesLeft - 1)
    return new Uint8Array(1)
  })
}

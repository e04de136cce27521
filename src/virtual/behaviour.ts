import type { Random } from '../base/random.ts'
import type { Packet } from '../codec/binary/packet.ts'
import type { DeviceInside, OutgoingPacket, PeerInside, Request } from './exchange.ts'
import type { RecordDraft } from './record-draft.ts'

/** A piece of the byte stream, or one datagram, on its way out; or the end of the connection. */
export type WireChunk =
  | {
      readonly bytes: Uint8Array
      /** How long it waits behind the chunk before it. */
      readonly afterMs: number
      /** How long it is on the way besides, while later datagrams overtake it. */
      readonly lateMs?: number | undefined
    }
  | { readonly close: true }

/** The wire of one connection, as the behaviours that shape it see it. */
export interface LineInside {
  readonly transport: 'tcp' | 'udp'
  /** Puts more bytes behind everything else some time from now, unless the connection is closed by then. */
  sendLater(ms: number, bytes: () => Uint8Array): void
}

/**
 * One way in which a device differs from the plain one. Behaviours are small, bear the name of a fault, and stack:
 * where several want to answer, the newest wins; where several change what goes out, the newest has the last word.
 */
export interface Behaviour {
  /** Called once, when the behaviour is switched on. */
  begin?(): void
  /** Answers in place of the device. An empty list is silence; `null` leaves the request to the next. */
  answer?(request: Request): OutgoingPacket[] | null
  /** Changes what the device is about to answer. */
  alter?(reply: OutgoingPacket[], request: Request): OutgoingPacket[]
  /** Called after a request was answered. */
  afterwards?(request: Request): void
  /** Whether a client must authenticate even where the comm key is 0. */
  readonly asksForKey?: true
  /** Called when a connection is opened, and when one is lost without `CMD_EXIT`. */
  connected?(peer: PeerInside): void
  lost?(peer: PeerInside): void
  /** Changes the local time that the clock of the device shows, in milliseconds. */
  showTime?(localMs: number): number
  /** Changes the words of the free sizes in place. */
  countSizes?(words: Uint32Array): void
  /** Changes what is about to be stored: none, one or several records. */
  store?(draft: RecordDraft): readonly RecordDraft[]
  /** Changes the bytes of one user in place, before they are sent. */
  scribbleUser?(record: Uint8Array): void
  /** Changes the data of an attendance event. */
  shapeEvent?(data: Uint8Array): Uint8Array
  /** Events are numbered in their reply id, and repeated until that number is acknowledged. */
  readonly cachesEvents?: true
  /** Nothing listens where the device should. */
  readonly refusesConnections?: true
  /** Changes what arrives: none, one or several packets. */
  receivePackets?(packets: readonly Packet[], line: LineInside): readonly Packet[]
  /** Changes what leaves, as packets. */
  sendPackets?(packets: readonly OutgoingPacket[], line: LineInside): readonly OutgoingPacket[]
  /** Changes what leaves as whole packets in bytes: each chunk is one frame, or one datagram. */
  sendFrames?(frames: readonly WireChunk[], line: LineInside): readonly WireChunk[]
  /** Changes how the bytes leave, after everything else: cuts the stream anew, slows it down. */
  sendChunks?(chunks: readonly WireChunk[], line: LineInside): readonly WireChunk[]
}

/** What a behaviour is made of. */
export interface BehaviourParts {
  readonly device: DeviceInside
  /** The number behind the fault's name, or its usual value. */
  readonly value: number
  /** Whether it happens this time, by the chance that `value` gives. */
  readonly strikes: () => boolean
  /** Chance of its own, so that switching one fault on does not change what another does. */
  readonly random: Random
}

export type MakeBehaviour = (parts: BehaviourParts) => Behaviour

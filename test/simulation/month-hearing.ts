import type { Address, Link, LinkHandlers, Network } from '../../src/client/network.ts'
import { Command, EventFlag } from '../../src/codec/binary/commands.ts'
import { FRAME_PREFIX_BYTES, PacketReader } from '../../src/codec/binary/frame.ts'
import { formatLocalTime } from '../../src/codec/binary/packed-time.ts'
import { decodePacket, type Packet } from '../../src/codec/binary/packet.ts'
import { decodeAttendanceEvents } from '../../src/codec/binary/realtime-event.ts'

/** A punch that an event told to a Rollcall that had asked for events. */
export interface HeardPunch {
  readonly host: string
  readonly userId: string
  readonly localTime: string
  readonly lengthBytes: number
  readonly linkOpenedAtMs: number
}

/** Reads along what passes between a process and its devices. */
export interface Listener {
  now(): number
  onPacket(): void
  onHeard(punch: HeardPunch): void
}

/** A network that lets everything pass, and tells of each packet and of each punch that was told over a line that listens. */
export class WatchedNetwork implements Network {
  readonly #inner: Network
  readonly #listener: Listener

  constructor(inner: Network, listener: Listener) {
    this.#inner = inner
    this.#listener = listener
  }

  openTcp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    return this.#open('openTcp', { address, handlers }, signal)
  }

  openUdp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    return this.#open('openUdp', { address, handlers }, signal)
  }

  async #open(
    way: 'openTcp' | 'openUdp',
    to: { address: Address; handlers: LinkHandlers },
    signal: AbortSignal,
  ): Promise<Link> {
    const { address, handlers } = to
    const listener = this.#listener
    const reader = new PacketReader()
    const linkOpenedAtMs = listener.now()
    let isListening = false
    const packetsIn = (bytes: Uint8Array): readonly Packet[] => {
      try {
        return way === 'openTcp' ? reader.push(bytes) : [decodePacket(bytes)]
      } catch {
        return []
      }
    }
    const inner = await this.#inner[way](
      address,
      {
        onData: bytes => {
          listener.onPacket()
          if (isListening) {
            for (const told of packetsIn(bytes).flatMap(punchesIn))
              listener.onHeard({ ...told, host: address.host, linkOpenedAtMs })
          } else packetsIn(bytes)
          handlers.onData(bytes)
        },
        onEnd: error => {
          isListening = false
          handlers.onEnd(error)
        },
      },
      signal,
    )
    return {
      send: bytes => {
        listener.onPacket()
        const command = commandOf(bytes, way)
        if (command === Command.RegisterEvents) isListening = true
        if (command === Command.Exit) isListening = false
        inner.send(bytes)
      },
      close: () => {
        isListening = false
        inner.close()
      },
    }
  }
}

function punchesIn(packet: Packet): Array<Pick<HeardPunch, 'userId' | 'localTime' | 'lengthBytes'>> {
  if (packet.command !== Command.RegisterEvents || packet.sessionId !== EventFlag.Attendance) return []
  try {
    return decodeAttendanceEvents(packet.data)
      .filter(event => event.accepted && event.uid === null && event.userId !== '')
      .map(({ userId, time, raw }) => ({ userId, localTime: formatLocalTime(time), lengthBytes: raw.length }))
  } catch {
    // A form that nobody knows: it tells that something was punched, and neither who nor when.
    return []
  }
}

/** A request leaves in one piece. */
function commandOf(bytes: Uint8Array, way: 'openTcp' | 'openUdp'): number {
  const at = way === 'openTcp' ? FRAME_PREFIX_BYTES : 0
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

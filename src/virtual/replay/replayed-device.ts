import { Buffer } from 'node:buffer'
import type { Clock } from '../../base/clock.ts'
import { CodecError } from '../../base/errors.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import type { Packet } from '../../codec/binary/packet.ts'
import type { Trace } from '../../codec/trace/trace-events.ts'
import { NO_DATA, type OutgoingPacket } from '../exchange.ts'
import type { PeerListener } from '../peer.ts'
import type { ServedDevice } from '../served-device.ts'
import type { Transports } from '../settings.ts'
import { DeviceStats } from '../stats.ts'
import type { WirePeer } from '../wire.ts'
import type { RecordedBuffer } from './recorded-buffer.ts'
import { type RecordedExchange, recordedExchanges } from './recorded-exchanges.ts'

/** UDP clients never say goodbye: beyond this many addresses the oldest is forgotten. */
const UDP_PEERS_MAX = 256

/**
 * The device of a trace, played back at full speed. A request gets what the next exchange with the same command and data got,
 * looked for from where the last one was found, to the end and on from the beginning; a request whose data were masked, as those
 * of `CMD_AUTH` are, is known by its command. Reply ids become those of the client; all else is as it was recorded. A slice that
 * was cut otherwise is put together from those that were recorded. What was never asked is answered 65535.
 */
export class ReplayedDevice implements ServedDevice {
  readonly clock: Clock
  readonly stats = new DeviceStats()
  readonly behaviours = []
  readonly refusesConnections = false
  readonly settings: { readonly transports: Transports }
  readonly #exchanges: readonly RecordedExchange[]
  readonly #udpPeers = new Map<string, ReplayedPeer>()
  #cursor = 0

  /** @throws CodecError `TRACE_INVALID` where the trace holds no conversation. */
  constructor(trace: Trace, parts: { clock: Clock }) {
    const { exchanges, transports } = recordedExchanges(trace)
    if (exchanges.length === 0 || transports === null) {
      throw new CodecError('TRACE_INVALID', 'the trace holds no conversation that could be played back')
    }
    this.clock = parts.clock
    this.#exchanges = exchanges
    this.settings = { transports }
  }

  /** How many requests it knows an answer to. */
  get exchangeCount(): number {
    return this.#exchanges.length
  }

  connect(transport: 'tcp' | 'udp', key: string): WirePeer {
    const known = transport === 'udp' ? this.#udpPeers.get(key) : undefined
    if (known) return known
    const peer = new ReplayedPeer(this, transport)
    this.stats.countConnection(transport)
    if (transport === 'tcp') return peer
    this.#udpPeers.set(key, peer)
    const [oldest] = this.#udpPeers.keys()
    if (this.#udpPeers.size > UDP_PEERS_MAX && oldest !== undefined) this.#udpPeers.delete(oldest)
    return peer
  }

  /** It has no faults but those that were recorded. */
  watchFaults(): Disposable {
    return { [Symbol.dispose]: () => {} }
  }

  /** The next exchange for such a request; null where there is none. */
  find(request: Packet): RecordedExchange | null {
    const count = this.#exchanges.length
    for (let step = 0; step < count; step++) {
      const index = (this.#cursor + step) % count
      const exchange = this.#exchanges[index]
      if (!exchange || !isSameRequest(exchange, request)) continue
      this.#cursor = index + 1
      return exchange
    }
    return null
  }
}

class ReplayedPeer implements WirePeer {
  readonly transport: 'tcp' | 'udp'
  listener: PeerListener | null = null
  readonly #device: ReplayedDevice
  #buffer: RecordedBuffer | null = null
  #last: { readonly request: Packet; readonly exchange: RecordedExchange | null } | null = null
  #isOver = false
  #isClosed = false

  constructor(device: ReplayedDevice, transport: 'tcp' | 'udp') {
    this.#device = device
    this.transport = transport
  }

  get isOver(): boolean {
    return this.#isOver
  }

  receive(request: Packet): OutgoingPacket[] {
    const { stats } = this.#device
    stats.countRequest(request.command)
    // An acknowledgement of an event is answered by nothing.
    if (request.command === Reply.Ok) return []
    const last = this.#last
    const isRepeated = last !== null && isSame(last.request, request) && last.request.replyId === request.replyId
    const exchange = isRepeated ? last.exchange : this.#device.find(request)
    this.#last = { request: { ...request, data: request.data.slice() }, exchange }
    if (!exchange) {
      const slice = request.command === Command.ReadBuffer ? this.#buffer?.answer(request, this.transport) : null
      if (slice) return slice
      return [{ command: Reply.Unknown, sessionId: request.sessionId, replyId: request.replyId, data: NO_DATA }]
    }
    if (request.command === Command.PrepareBuffer) this.#buffer = exchange.buffer
    if (request.command === Command.Connect && !isRepeated) stats.countSession()
    if (request.command === Command.Exit && !isRepeated) stats.exits++
    return this.#answersOf(exchange, request.replyId)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.transport === 'tcp') this.#device.stats.openConnections--
  }

  #answersOf(exchange: RecordedExchange, replyId: number): OutgoingPacket[] {
    const packets: OutgoingPacket[] = []
    for (const answer of exchange.answers) {
      if ('end' in answer) {
        this.#isOver = this.transport === 'tcp'
        break
      }
      const { packet, replyIdOffset } = answer
      packets.push(replyIdOffset === null ? packet : { ...packet, replyId: (replyId + replyIdOffset) & 0xffff })
    }
    return packets
  }
}

function isSameRequest({ request, isMasked }: RecordedExchange, asked: Packet): boolean {
  return isMasked ? request.command === asked.command : isSame(request, asked)
}

function isSame(one: Packet, other: Packet): boolean {
  return one.command === other.command && Buffer.compare(one.data, other.data) === 0
}

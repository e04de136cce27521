import { Command, Reply } from '../codec/binary/commands.ts'
import { HEADER_BYTES, type Packet } from '../codec/binary/packet.ts'
import type { Behaviour } from './behaviour.ts'
import { COMMAND_TABLE } from './commands/table.ts'
import { EventCache, eventPacket, wantsAttendance } from './events.ts'
import {
  type DeviceInside,
  type OutgoingPacket,
  type PeerInside,
  type Request,
  replyTo,
  type Session,
} from './exchange.ts'

/** A device keeps its last reply for a repeated request only where it fits its packet buffer. */
const KEPT_REPLY_BYTES_MAX = 1032

/** After this reply id, and after no other, a lower one is accepted. */
const LAST_REPLY_ID = 65_535

/** What carries the packets of a peer to the other side. */
export interface PeerListener {
  /** Packets that answer no request at this moment: events, late acknowledgements. */
  onPackets(packets: readonly OutgoingPacket[]): void
  /** The device gave the connection up: its power went. Nothing more comes. */
  onGone(): void
}

/** What a peer needs of the device besides what commands see. */
export interface PeerHost extends DeviceInside {
  readonly behaviours: readonly Behaviour[]
  readonly cachesEvents: boolean
  /** The peer is gone; `how` it went says whether its session was left open. */
  forget(peer: Peer, how: 'ended' | 'left'): void
}

/**
 * One client as the device sees it: a TCP connection, or a UDP address and port. Takes whole packets and gives the
 * packets of the answer; what carries them, and what goes wrong on the way, is not its business.
 */
export class Peer implements PeerInside {
  readonly transport: 'tcp' | 'udp'
  session: Session | null = null
  isDeaf = false
  listener: PeerListener | null = null
  readonly #device: PeerHost
  readonly #timers = new Set<Disposable>()
  #events = new EventCache(this)
  #isOver = false
  #isClosed = false

  constructor(device: PeerHost, transport: 'tcp' | 'udp') {
    this.#device = device
    this.transport = transport
  }

  /** The connection is to be closed once what was answered has left. UDP has none, so never there. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Takes a request and gives the packets of its answer. An empty list is silence. */
  receive(packet: Packet): OutgoingPacket[] {
    if (this.#isClosed) return []
    const { stats } = this.#device
    stats.countRequest(packet.command)
    if (this.isDeaf) return []
    if (packet.command === Command.Connect) return this.#answer(packet)
    if (this.session === null || packet.sessionId !== this.session.id) {
      stats.droppedRequests++
      return []
    }
    if (packet.command === Reply.Ok) return this.#acknowledge(packet)
    const { lastReplyId, lastReply } = this.session
    if (packet.replyId === lastReplyId) {
      stats.repeatedRequests++
      return lastReply === null ? [] : [lastReply]
    }
    if (packet.replyId < lastReplyId && lastReplyId !== LAST_REPLY_ID) {
      stats.droppedRequests++
      return []
    }
    return this.#answer(packet)
  }

  /** The other side hung up, or was cut off. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const how = this.session === null ? 'ended' : 'left'
    this.session = null
    for (const timer of this.#timers) timer[Symbol.dispose]()
    this.#timers.clear()
    this.#device.forget(this, how)
  }

  /** The device gives the connection up: its power went. */
  lose(): void {
    const { listener } = this
    this.close()
    listener?.onGone()
  }

  openSession(options: { replyId: number; isAuthenticated: boolean }): Session {
    if (this.session !== null) {
      this.session.lastReplyId = options.replyId
      this.session.isAuthenticated ||= options.isAuthenticated
      return this.session
    }
    this.#device.stats.countSession()
    this.#events = new EventCache(this)
    this.session = {
      id: this.#device.nextSessionId(),
      isAuthenticated: options.isAuthenticated,
      lastReplyId: options.replyId,
      lastReply: null,
      buffer: null,
      eventMask: 0,
    }
    return this.session
  }

  finish(connection: 'close' | 'keep'): void {
    this.session = null
    this.#device.stats.openSessions--
    // The last session to end gives the sensor back to the people.
    if (this.#device.stats.openSessions === 0) this.#device.enable()
    if (this.transport === 'tcp' && connection === 'close') this.#isOver = true
  }

  emit(packets: readonly OutgoingPacket[]): void {
    if (!this.#isClosed && !this.isDeaf && packets.length > 0) this.listener?.onPackets(packets)
  }

  emitLater(ms: number, packets: () => readonly OutgoingPacket[]): void {
    const timer = this.#device.clock.after(ms, () => {
      this.#timers.delete(timer)
      this.emit(packets())
    })
    this.#timers.add(timer)
  }

  collect(action: () => void): OutgoingPacket[] {
    const collected: OutgoingPacket[] = []
    const { listener } = this
    this.listener = { onPackets: packets => collected.push(...packets), onGone: () => listener?.onGone() }
    action()
    this.listener = listener
    return collected
  }

  /** Tells a punch, where this session asked for punches. */
  tellPunch(data: Uint8Array): void {
    if (!wantsAttendance(this.session)) return
    this.#device.stats.eventsSent++
    if (this.#device.cachesEvents) this.#events.send(data)
    else this.emit([eventPacket(data, 0)])
  }

  /** The client confirms an event. Nothing is answered, and no reply id is used up. */
  #acknowledge(packet: Packet): [] {
    if (!this.#device.cachesEvents || this.#events.acknowledge(packet.replyId)) this.#device.stats.eventsAcknowledged++
    return []
  }

  #answer(packet: Packet): OutgoingPacket[] {
    const request: Request = { ...packet, peer: this }
    const { behaviours } = this.#device
    let reply = this.#firstAnswer(request)
    for (const behaviour of behaviours) reply = behaviour.alter?.(reply, request) ?? reply
    this.#remember(packet, reply)
    for (const behaviour of behaviours) behaviour.afterwards?.(request)
    return reply
  }

  #firstAnswer(request: Request): OutgoingPacket[] {
    for (const behaviour of this.#device.behaviours.toReversed()) {
      const reply = behaviour.answer?.(request)
      if (reply) return reply
    }
    const mayAsk = this.session?.isAuthenticated || FREE_COMMANDS.has(request.command)
    if (!mayAsk) return [replyTo(request, Reply.Unauthorized)]
    const handler = COMMAND_TABLE.get(request.command)
    return handler ? handler(request, this.#device) : [replyTo(request, Reply.Unknown)]
  }

  /** The last single packet is what a repeated request gets: after a transfer, only its acknowledgement. */
  #remember(packet: Packet, reply: readonly OutgoingPacket[]): void {
    if (this.session === null) return
    const last = reply.at(-1) ?? null
    const isKept = last !== null && last.data.length + HEADER_BYTES <= KEPT_REPLY_BYTES_MAX
    this.session.lastReplyId = packet.replyId
    this.session.lastReply = isKept ? last : null
  }
}

/** What a client may ask before it has authenticated. */
const FREE_COMMANDS: ReadonlySet<number> = new Set([Command.Connect, Command.Auth])

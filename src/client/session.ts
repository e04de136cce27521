import type { Clock } from '../base/clock.ts'
import { CodecError, ConnectionError } from '../base/errors.ts'
import { Command, commandName, Reply } from '../codec/binary/commands.ts'
import { encodeFrame, PacketReader } from '../codec/binary/frame.ts'
import { decodePacket, encodePacket, type Packet } from '../codec/binary/packet.ts'
import type { Conversation, Listen, Request } from './conversation.ts'
import { type DeviceEvent, EventInbox } from './event-inbox.ts'
import type { Address, Link, LinkHandlers, Network } from './network.ts'
import { linkError } from './reply-errors.ts'

/** How long the first packet of an answer may take, unless the request says otherwise. Old units need seconds. */
const REPLY_TIMEOUT_MS = 10_000
/** UDP loses datagrams: how long to wait before asking again. Longer than the slowest answer seen to a small command. */
const UDP_REPEAT_MS = 2_000
/** No conversation comes near this; devices and clients disagree on what follows 65534, so it is never reached. */
const REPLY_ID_MAX = 65_000

/** Counts of what came in and was not an answer. */
export interface SessionCounters {
  bytesReceived: number
  /** Replies to nobody: late, doubled or invented by the device. Dropped. */
  strayReplies: number
  badPackets: number
  events: number
}

interface Exchange {
  readonly conversation: Conversation<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  /** The request under way, to be sent again over UDP, and until when its answer is waited for. */
  request: { bytes: Uint8Array; command: number; repeats: boolean } | null
  answered: boolean
  timeoutMs: number
  timer: Disposable | null
  repeatTimer: Disposable | null
}

/**
 * Runs conversations over one link, one at a time. Matches answers by reply id alone (devices put other things in the
 * session field), routes events aside at any moment, drops and counts what nobody asked for.
 */
export class Session implements AsyncDisposable {
  readonly transport: 'tcp' | 'udp'
  readonly clock: Clock
  readonly counters: SessionCounters = { bytesReceived: 0, strayReplies: 0, badPackets: 0, events: 0 }
  readonly #where: string
  readonly #reader = new PacketReader()
  readonly #inbox = new EventInbox()
  #link: Link | null = null
  #sessionId = 0
  #replyId = -1
  #exchange: Exchange | null = null
  #fault: Error | null = null
  #ended: (() => void) | null = null

  private constructor(transport: 'tcp' | 'udp', parts: { clock: Clock; where: string }) {
    this.transport = transport
    this.clock = parts.clock
    this.#where = parts.where
  }

  /** Opens the link alone; the first conversation is `connect`. @throws ConnectionError; the reason of `signal`. */
  static async open(
    to: { address: Address; transport: 'tcp' | 'udp' },
    parts: { network: Network; clock: Clock },
    signal: AbortSignal,
  ): Promise<Session> {
    const where = `${to.address.host}:${to.address.port}`
    const session = new Session(to.transport, { clock: parts.clock, where })
    const handlers: LinkHandlers = {
      onData: bytes => session.#receive(bytes),
      onEnd: error => session.#end(linkError(error, where)),
    }
    try {
      const open = to.transport === 'tcp' ? parts.network.openTcp : parts.network.openUdp
      session.#link = await open.call(parts.network, to.address, handlers, signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw linkError(error as Error, where)
    }
    return session
  }

  /** Why the link is of no more use; null while it is. */
  get fault(): Error | null {
    return this.#fault
  }

  /**
   * Runs one conversation to its end. Do not start another before.
   *
   * @throws what the conversation throws; ConnectionError when the link is gone or nothing comes; the reason of `signal`.
   */
  run<Result>(conversation: Conversation<Result>, signal: AbortSignal): Promise<Result> {
    if (this.#exchange) throw new Error('a session runs one conversation at a time')
    return new Promise<Result>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      if (this.#fault) return reject(this.#fault)
      const onAbort = () => this.#finish(exchange, () => reject(signal.reason))
      const exchange: Exchange = {
        conversation,
        resolve: result => {
          signal.removeEventListener('abort', onAbort)
          resolve(result as Result)
        },
        reject: error => {
          signal.removeEventListener('abort', onAbort)
          reject(error)
        },
        request: null,
        answered: false,
        timeoutMs: REPLY_TIMEOUT_MS,
        timer: null,
        repeatTimer: null,
      }
      this.#exchange = exchange
      signal.addEventListener('abort', onAbort, { once: true })
      this.#step(exchange, () => conversation.next())
    })
  }

  /** What the device told unasked; see {@link EventInbox.take}. Conversations may run before and after, not meanwhile. */
  takeEvents(ms: number, signal: AbortSignal): Promise<{ events: DeviceEvent[]; dropped: number }> {
    return this.#inbox.take({ clock: this.clock, ms }, signal)
  }

  /**
   * Tells the device that an event has arrived for good, by the reply id of the event: firmware that numbers its events repeats each
   * until it hears that very number (docs/protocol/realtime.md). Nothing answers.
   */
  acknowledge(event: DeviceEvent): void {
    this.#link?.send(
      this.#encode({ command: Reply.Ok, sessionId: this.#sessionId, replyId: event.replyId, data: NO_DATA }),
    )
  }

  /** Waits until the device has closed its side, at most `ms`; a TCP device does so after `CMD_EXIT`. */
  async untilEnded(ms: number): Promise<void> {
    if (this.#fault || this.transport === 'udp') return
    await new Promise<void>(resolve => {
      const timer = this.clock.after(ms, resolve)
      this.#ended = () => {
        timer[Symbol.dispose]()
        resolve()
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new ConnectionError('CONNECTION_LOST', `the connection to ${this.#where} was closed here`))
  }

  #receive(bytes: Uint8Array): void {
    if (this.#fault) return
    this.counters.bytesReceived += bytes.length
    let packets: Packet[]
    try {
      packets = this.transport === 'tcp' ? this.#reader.push(bytes) : [decodePacket(bytes)]
    } catch (error) {
      if (this.transport === 'udp') {
        this.counters.badPackets++
        return
      }
      this.#end(streamError(error, this.#where))
      return
    }
    if (this.transport === 'tcp') this.counters.badPackets = this.#reader.badChecksums
    for (const packet of packets) this.#route(packet)
    // What follows the last good packet cannot be trusted, so there is nothing to wait for.
    if (this.#reader.fault) this.#end(streamError(this.#reader.fault, this.#where))
    // A large packet that trickles in is life too; anything else that is not an answer does not prolong the wait.
    if (this.#exchange && this.#reader.heldBytes > 0) this.#armTimer(this.#exchange)
  }

  #route(packet: Packet): void {
    const exchange = this.#exchange
    if (packet.command === Command.RegisterEvents) {
      this.counters.events++
      this.#inbox.push(packet)
    } else if (exchange && packet.replyId === this.#replyId) {
      if (exchange.request?.command === Command.Connect) this.#sessionId = packet.sessionId
      exchange.answered = true
      this.#step(exchange, () => exchange.conversation.next(packet))
    } else {
      this.counters.strayReplies++
    }
  }

  /** Resumes the conversation, then does what it yields. */
  #step(exchange: Exchange, resume: () => IteratorResult<Request | Listen, unknown>): void {
    if (this.#exchange !== exchange) return
    let step: IteratorResult<Request | Listen, unknown>
    try {
      step = resume()
      if (!step.done && !('listen' in step.value)) this.#send(exchange, step.value)
    } catch (error) {
      this.#finish(exchange, () => exchange.reject(error))
      return
    }
    if (step.done) {
      const { value } = step
      this.#finish(exchange, () => exchange.resolve(value))
      return
    }
    // A link that broke while it sent has ended the exchange.
    if (this.#exchange !== exchange) return
    exchange.timeoutMs = step.value.timeoutMs ?? REPLY_TIMEOUT_MS
    this.#armTimer(exchange)
  }

  #send(exchange: Exchange, request: Request): void {
    if (this.#replyId >= REPLY_ID_MAX) {
      throw new ConnectionError('CONNECTION_LOST', `the conversation with ${this.#where} has grown too long`)
    }
    this.#replyId++
    const packet: Packet = {
      command: request.command,
      sessionId: this.#sessionId,
      replyId: this.#replyId,
      data: request.data ?? NO_DATA,
    }
    const bytes = this.#encode(packet)
    const repeats = this.transport === 'udp' && request.repeat !== 'once'
    exchange.request = { bytes, command: request.command, repeats }
    exchange.answered = false
    this.#link?.send(bytes)
    if (repeats) this.#armRepeat(exchange, bytes, request.repeatMs ?? UDP_REPEAT_MS)
  }

  #encode(packet: Packet): Uint8Array {
    return this.transport === 'tcp' ? encodeFrame(packet) : encodePacket(packet)
  }

  #armRepeat(exchange: Exchange, bytes: Uint8Array, ms: number): void {
    exchange.repeatTimer?.[Symbol.dispose]()
    exchange.repeatTimer = this.clock.after(ms, () => {
      if (this.#exchange !== exchange || exchange.answered || exchange.request?.bytes !== bytes) return
      this.#link?.send(bytes)
      this.#armRepeat(exchange, bytes, ms)
    })
  }

  #armTimer(exchange: Exchange): void {
    exchange.timer?.[Symbol.dispose]()
    exchange.timer = this.clock.after(exchange.timeoutMs, () => {
      const command = exchange.request?.command ?? 0
      const message = `the device at ${this.#where} did not answer ${commandName(command)} within ${exchange.timeoutMs / 1000} s`
      this.#step(exchange, () => exchange.conversation.throw(new ConnectionError('REPLY_TIMEOUT', message)))
    })
  }

  /** Ends the exchange first, so that what settles it may start the next one. */
  #finish(exchange: Exchange, settle: () => void): void {
    if (this.#exchange !== exchange) return
    this.#exchange = null
    exchange.timer?.[Symbol.dispose]()
    exchange.repeatTimer?.[Symbol.dispose]()
    settle()
  }

  #end(fault: Error): void {
    this.#link?.close()
    this.#ended?.()
    if (this.#fault) return
    this.#fault = fault
    this.#inbox.end(fault)
    const exchange = this.#exchange
    if (exchange) this.#finish(exchange, () => exchange.reject(fault))
  }
}

const NO_DATA = new Uint8Array(0)

function streamError(error: unknown, where: string): Error {
  if (!(error instanceof CodecError)) return error as Error
  if (error.code === 'PACKET_ENCRYPTED') return error
  return new ConnectionError('STREAM_CORRUPT', `what came from ${where} is not the ZK protocol: ${error.message}`, {
    cause: error,
  })
}

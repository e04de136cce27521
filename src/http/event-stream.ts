import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import type { Clock } from '../base/clock.ts'
import type { OpenStreams } from './streams.ts'

/** A client that leaves so much unread is gone or asleep; it comes back and goes on where it was. */
const UNSENT_BYTES_MAX = 1024 * 1024
/** More is not written until the client has taken what there is. */
const UNSENT_BYTES_CALM = 64 * 1024
/** Proxies cut connections that say nothing for a minute. */
const HEARTBEAT_MS = 15_000
/** How long a client has to take what waits for it. */
const STALLED_MS = 30_000

export interface StreamParts {
  readonly clock: Clock
  readonly streams: OpenStreams
  /** Asked at each heartbeat: an answer of false ends the stream. */
  readonly mayGoOn?: () => Promise<boolean>
}

/** One event on the wire. */
export function eventText(name: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`
}

/** An answer of Server-Sent Events, by hand: the reply is hijacked, so that nothing stands between us and what is unsent. */
export class EventStream implements Disposable {
  readonly #reply: FastifyReply
  readonly #parts: StreamParts
  readonly #gone = new AbortController()
  readonly #registered: Disposable
  #heartbeat: Disposable

  constructor(reply: FastifyReply, parts: StreamParts) {
    this.#reply = reply
    this.#parts = parts
    const { raw } = reply
    // What hooks have set, such as the security headers, would be lost with the reply.
    const headers = { ...reply.getHeaders() }
    reply.hijack()
    raw.on('close', () => this.#end())
    raw.on('error', () => this.#end())
    raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-store, no-transform',
      'x-accel-buffering': 'no',
    } as Record<string, string>)
    raw.socket?.setNoDelay(true)
    this.#heartbeat = parts.clock.after(HEARTBEAT_MS, () => this.#beat())
    this.#registered = parts.streams.add(() => this[Symbol.dispose]())
    // It may have left before the stream began, and neither of the two is told a second time.
    if (raw.destroyed) this.#end()
  }

  /** Fires once the client is gone, or the stream was ended. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** How long a client waits before it comes back. */
  retryIn(ms: number): void {
    this.#write(`retry: ${ms}\n\n`)
  }

  /** Gives the client a position to come back with, and no event. */
  standAt(id: string): void {
    this.#write(`id: ${id}\n\n`)
  }

  /** @param data JSON, in one line */
  send(name: string, data: string, id?: string): void {
    this.#write(eventText(name, data, id))
  }

  /** Events as {@link eventText} has them. The bytes are not copied, so that many streams may be given the same. */
  sendBytes(bytes: Uint8Array): void {
    this.#write(bytes)
  }

  /** What is of use now or not at all: left out for a client that has not taken what there is. */
  sendIfCalm(name: string, data: string): void {
    if (this.#reply.raw.writableLength <= UNSENT_BYTES_CALM) this.send(name, data)
  }

  /** Resolves when there is room for more, or the client is gone. One that takes nothing is cut off. */
  async room(): Promise<void> {
    const { raw } = this.#reply
    if (raw.writableLength <= UNSENT_BYTES_CALM || this.gone.aborted) return
    using _stalled = this.#parts.clock.after(STALLED_MS, () => raw.destroy())
    await once(raw, 'drain', { signal: this.gone }).catch(() => {})
  }

  [Symbol.dispose](): void {
    if (this.gone.aborted) return
    this.#reply.raw.end()
    this.#end()
  }

  #write(events: string | Uint8Array): void {
    const { raw } = this.#reply
    if (this.gone.aborted) return
    raw.write(events)
    if (raw.writableLength > UNSENT_BYTES_MAX) raw.destroy()
  }

  #beat(): void {
    if (this.gone.aborted) return
    this.#write(':\n\n')
    this.#heartbeat = this.#parts.clock.after(HEARTBEAT_MS, () => this.#beat())
    const { mayGoOn } = this.#parts
    // Where it cannot be told, the next heartbeat asks again.
    if (mayGoOn)
      void mayGoOn().then(
        may => may || this[Symbol.dispose](),
        () => {},
      )
  }

  #end(): void {
    this.#heartbeat[Symbol.dispose]()
    this.#registered?.[Symbol.dispose]()
    this.#gone.abort()
  }
}

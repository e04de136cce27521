import type { Clock } from '../../base/clock.ts'
import { ConversationMask } from '../../codec/trace/conversation-mask.ts'
import { type MaskedPiece, MaskedStream } from '../../codec/trace/masked-stream.ts'
import type { TraceEvent } from '../../codec/trace/trace-events.ts'
import type { Address, Link, LinkHandlers, Network } from '../network.ts'

/** Where a trace goes, event by event. Must not throw: no conversation fails because of its trace. */
export type TraceSink = (event: TraceEvent) => void

type EventBody = TraceEvent extends infer Event
  ? Event extends TraceEvent
    ? Omit<Event, 'tMs' | 'connection'>
    : never
  : never

/**
 * A network that tells all that passes through it, comm keys and what is private of users masked. Times count from its making.
 */
export function tracingNetwork(inner: Network, parts: { clock: Clock; sink: TraceSink }): Network {
  const { clock, sink } = parts
  const startMs = clock.monotonicMs()
  let connections = 0
  const open = async (transport: 'tcp' | 'udp', address: Address, handlers: LinkHandlers, signal: AbortSignal) => {
    const connection = ++connections
    const recorder = new ConnectionRecorder({
      transport,
      sink: event => sink({ ...event, connection }),
      elapsedMs: () => Math.round((clock.monotonicMs() - startMs) * 10) / 10,
    })
    return await recorder.open(inner, address, { handlers, signal })
  }
  return {
    openTcp: (address, handlers, signal) => open('tcp', address, handlers, signal),
    openUdp: (address, handlers, signal) => open('udp', address, handlers, signal),
  }
}

/** Records one connection, its events in order: what follows a packet that is not whole yet waits for it. */
class ConnectionRecorder {
  readonly #transport: 'tcp' | 'udp'
  readonly #sink: (event: EventBody & { tMs: number }) => void
  readonly #elapsedMs: () => number
  readonly #sent: MaskedStream
  readonly #received: MaskedStream
  readonly #queue: Array<{ piece: MaskedPiece | null; event: () => EventBody & { tMs: number } }> = []
  #isOver = false

  constructor(parts: {
    transport: 'tcp' | 'udp'
    sink: (event: EventBody & { tMs: number }) => void
    elapsedMs: () => number
  }) {
    this.#transport = parts.transport
    this.#sink = parts.sink
    this.#elapsedMs = parts.elapsedMs
    const mask = new ConversationMask(parts.transport)
    // Nothing that Rollcall sends is anything but packets.
    this.#sent = new MaskedStream(parts.transport, { mask: payload => mask.sent(payload), mayKeepRaw: () => false })
    this.#received = new MaskedStream(parts.transport, {
      mask: payload => mask.received(payload),
      mayKeepRaw: () => !mask.mayHoldSecrets,
    })
  }

  async open(inner: Network, address: Address, use: { handlers: LinkHandlers; signal: AbortSignal }): Promise<Link> {
    const { handlers, signal } = use
    const { host, port } = address
    this.#tell({ event: 'opening', host, port, transport: this.#transport })
    const watched: LinkHandlers = {
      onData: bytes => {
        this.#tellBytes('received', this.#received.push(bytes))
        handlers.onData(bytes)
      },
      onEnd: error => {
        this.#finish({ event: 'ended', code: error && codeOf(error) })
        handlers.onEnd(error)
      },
    }
    let link: Link
    try {
      link = await (this.#transport === 'tcp'
        ? inner.openTcp(address, watched, signal)
        : inner.openUdp(address, watched, signal))
    } catch (error) {
      this.#finish({ event: 'failed', code: codeOf(error) })
      throw error
    }
    this.#tell({ event: 'opened' })
    return {
      send: bytes => {
        if (!this.#isOver) this.#tellBytes('sent', this.#sent.push(bytes))
        link.send(bytes)
      },
      close: () => {
        this.#finish({ event: 'closed' })
        link.close()
      },
    }
  }

  #tellBytes(event: 'sent' | 'received', piece: MaskedPiece): void {
    const tMs = this.#elapsedMs()
    this.#queue.push({ piece, event: () => ({ tMs, event, bytes: piece.bytes, marks: piece.marks }) })
    this.#flush()
  }

  #tell(body: EventBody): void {
    const event = { ...body, tMs: this.#elapsedMs() }
    this.#queue.push({ piece: null, event: () => event })
    this.#flush()
  }

  /** The last event: what is left of torn packets is decided. */
  #finish(body: EventBody): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#sent.end()
    this.#received.end()
    this.#tell(body)
  }

  #flush(): void {
    while (this.#queue[0] && this.#queue[0].piece?.isDecided !== false) {
      const next = this.#queue.shift()
      if (next) this.#sink(next.event())
    }
  }
}

/** The code that the system gave, or the kind of error; its text may name more than a trace should. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

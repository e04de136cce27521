import { ApiProblem } from '../api/client.ts'
import { readEventStream, type ServerEvent } from '../api/event-stream.ts'

/** `lost`: the link was broken, or never came about, and is tried again. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'closed'

export interface EventReaderParts {
  /** Opens the stream behind a position; null: from now on. */
  readonly open: (position: string | null, signal: AbortSignal) => Promise<Response>
  readonly onEvent: (event: ServerEvent) => void
  readonly onState: (state: LinkState) => void
  /** A stream has begun that does not go on from where the page stood: everything is to be read anew. */
  readonly onBegin: () => void
  /** The session has ended. */
  readonly onSignedOut: () => void
  /** Resolves after so many ms, or at once when the signal fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1. */
  readonly random: () => number
}

const BACKOFF_MS = [250, 500, 1_000, 2_000, 4_000]
/** The server sends a comment every 15 s. */
const SILENCE_MS_MAX = 45_000

/**
 * Holds one stream of events open, and goes on behind the last event that it has seen whenever the link breaks. Each open page whose
 * window is seen has one.
 */
export class EventReader {
  readonly #parts: EventReaderParts
  #position: string | null = null
  #run: AbortController | null = null
  #waiting: AbortController | null = null

  constructor(parts: EventReaderParts) {
    this.#parts = parts
  }

  /** Opens it, where it is not open. */
  open(): void {
    if (this.#run !== null) return
    this.#run = new AbortController()
    void this.#keep(this.#run.signal)
  }

  /** Closes it; the position is kept, so that {@link open} goes on from there. */
  close(): void {
    this.#run?.abort()
    this.#run = null
    this.#parts.onState('closed')
  }

  /** Does not wait for the next try. */
  tryNow(): void {
    this.#waiting?.abort()
  }

  async #keep(signal: AbortSignal): Promise<void> {
    let failures = 0
    this.#parts.onState('connecting')
    while (!signal.aborted) {
      const outcome = await this.#listen(signal)
      if (signal.aborted) return
      if (outcome === 'signed-out') {
        this.#run = null
        this.#parts.onState('closed')
        this.#parts.onSignedOut()
        return
      }
      failures = outcome === 'heard' ? 1 : failures + 1
      this.#parts.onState('lost')
      await this.#pause(failures, signal)
    }
  }

  async #pause(failures: number, signal: AbortSignal): Promise<void> {
    const ms = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1] ?? 0
    this.#waiting = new AbortController()
    // Not all pages at the same moment, when a server is back.
    await this.#parts.sleep(ms * (0.5 + this.#parts.random()), AbortSignal.any([signal, this.#waiting.signal]))
    this.#waiting = null
  }

  /** @returns once the link is broken: whether it had come about. */
  async #listen(signal: AbortSignal): Promise<'heard' | 'unheard' | 'signed-out'> {
    const link = new AbortController()
    const both = AbortSignal.any([signal, link.signal])
    const silence = new Silence(link, this.#parts.sleep)
    let outcome: 'heard' | 'unheard' = 'unheard'
    try {
      silence.heard()
      const response = await this.#parts.open(this.#position, both)
      outcome = 'heard'
      if (this.#position === null) this.#parts.onBegin()
      this.#parts.onState('live')
      await readEventStream(response, { onSign: () => silence.heard(), onEvent: event => this.#take(event) })
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return 'signed-out'
    } finally {
      silence.end()
      link.abort()
    }
    return outcome
  }

  #take(event: ServerEvent): void {
    if (event.id !== undefined && event.id !== '') this.#position = event.id
    if (event.name === 'reset') this.#parts.onBegin()
    else this.#parts.onEvent(event)
  }
}

/** Ends a link that says nothing. */
class Silence {
  readonly #link: AbortController
  readonly #sleep: EventReaderParts['sleep']
  #current = new AbortController()

  constructor(link: AbortController, sleep: EventReaderParts['sleep']) {
    this.#link = link
    this.#sleep = sleep
  }

  heard(): void {
    this.#current.abort()
    const current = new AbortController()
    this.#current = current
    void this.#sleep(SILENCE_MS_MAX, current.signal).then(() => {
      if (!current.signal.aborted) this.#link.abort()
    })
  }

  end(): void {
    this.#current.abort()
  }
}

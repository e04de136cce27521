import { eventText } from './event-stream.ts'
import type { LiveEvent } from './events.ts'

/** Pages kept: all streams are at the newest but those that came back a moment ago. */
const PAGES_KEPT = 20

/**
 * Pages of events as bytes, made once for all streams that come by the same: a thousand streams with a page each in hand hold it once. A
 * page is known by its first and last event, between which there are always the same.
 */
export class PageBytes {
  readonly #pages = new Map<string, Uint8Array>()

  of(events: readonly LiveEvent[]): Uint8Array {
    const key = `${events[0]?.id}-${events.at(-1)?.id}`
    const known = this.#pages.get(key)
    if (known) return known
    const bytes = Buffer.from(events.map(({ name, data, id }) => eventText(name, data, id)).join(''))
    this.#pages.set(key, bytes)
    if (this.#pages.size > PAGES_KEPT) {
      const [oldest] = this.#pages.keys()
      if (oldest !== undefined) this.#pages.delete(oldest)
    }
    return bytes
  }
}

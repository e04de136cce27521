import type { Base } from '../base/base.ts'
import type { Feed, FeedEntry } from '../model/feed.ts'
import type { AttendanceLog } from '../model/punch.ts'
import type { Store } from '../model/store.ts'
import type { AttendanceLogJson } from './api/attendance.ts'
import type { EventPage, EventSource, LiveEvent, LiveEventName } from './events.ts'
import { deviceJson, syncRunJson } from './views.ts'

export interface FeedParts {
  readonly feed: Feed
  readonly store: { readonly devices: Pick<Store['devices'], 'list'> }
  viewLogs(logs: readonly AttendanceLog[]): Promise<AttendanceLogJson[]>
  readonly base: Pick<Base, 'clock' | 'log'>
}

/** A punch is to be on a page within a second, and a look at a feed without news costs some microseconds. */
const LOOK_EVERY_MS = 250
/** After a look that failed, such as one at a database that is away. */
const LOOK_AGAIN_MS = 1_000
const ENTRIES_AT_ONCE = 100
/** More new logs of one entry than this are told as one event: nobody watches a first read punch by punch. */
const LOGS_TOLD_MAX = 500
/** Events kept for all clients, so that a thousand of them do not ask the database a thousand times. */
const RING_MAX = 1_000
/** Places at which pages begin that are kept; whoever comes back names one, and may name any. */
const PAGES_SHARED = 20

/** Behind `events` events of the entry that follows upon `entry`. Written `12`, or `11.2`. */
interface Place {
  readonly entry: number
  readonly events: number
}

interface Kept {
  readonly place: Place
  readonly event: LiveEvent
}

/** Looks at the feed of the database, and makes events of what it finds, once for everybody who listens. */
export class FeedEvents implements EventSource, AsyncDisposable {
  readonly #parts: FeedParts
  readonly #end = new AbortController()
  readonly #listeners = new Set<() => void>()
  readonly #ring: Kept[] = []
  /** Pages out of the ring as it is, by place and length: a thousand clients are at the same few places. */
  readonly #pages = new Map<string, EventPage>()
  /** The ring holds everything behind this entry, up to {@link #seen}. */
  #ringFrom: number
  #seen: number
  /** There may be news that came after the look under way had begun. */
  #isHurried = false
  #pause = new AbortController()
  readonly #looking: Promise<void>

  private constructor(parts: FeedParts, newest: number) {
    this.#parts = parts
    this.#ringFrom = newest
    this.#seen = newest
    this.#looking = this.#look()
  }

  /** Begins with what comes from now on; what was before is read from the database for whoever asks. */
  static async open(parts: FeedParts): Promise<FeedEvents> {
    return new FeedEvents(parts, (await parts.feed.bounds()).newest)
  }

  async newest(): Promise<string> {
    return String(this.#seen)
  }

  async after(position: string, limit: number): Promise<EventPage | null> {
    const place = placeFrom(position)
    if (place === null) return null
    // Told by another server, which has looked a moment earlier; or made up.
    if (place.entry > this.#seen) {
      return place.entry > (await this.#parts.feed.bounds()).newest ? null : { events: [], next: position }
    }
    if (place.entry >= this.#ringFrom) return this.#sharedPage(position, place, limit)
    return await this.#fromFeed(place, limit)
  }

  watch(listener: () => void): Disposable {
    // Two that are the same function are two listeners.
    const own = () => listener()
    this.#listeners.add(own)
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) }
  }

  /** Does not wait for the time of the next look: this process itself has stored something. */
  hurry(): void {
    this.#isHurried = true
    this.#pause.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error('the server ends'))
    this.#pause.abort()
    await this.#looking
  }

  #sharedPage(position: string, place: Place, limit: number): EventPage {
    const key = `${position} ${limit}`
    const known = this.#pages.get(key)
    if (known) return known
    const page = this.#fromRing(place, limit)
    if (this.#pages.size >= PAGES_SHARED) this.#pages.clear()
    this.#pages.set(key, page)
    return page
  }

  #fromRing(place: Place, limit: number): EventPage {
    // From the end, where nearly everybody is.
    const start = this.#ring.findLastIndex(kept => !isBehind(kept.place, place)) + 1
    const kept = this.#ring.slice(start, start + limit)
    const last = start + limit < this.#ring.length ? kept.at(-1)?.place : { entry: this.#seen, events: 0 }
    const next = placeText(last && isBehind(last, place) ? last : place)
    return { events: kept.map(({ event }) => event), next }
  }

  /** Whole entries, so that a page may be longer than asked for: by the events of one entry at most. */
  async #fromFeed(place: Place, limit: number): Promise<EventPage | null> {
    const entries = await this.#parts.feed.after(place.entry, Math.min(limit, ENTRIES_AT_ONCE))
    // Positions grow by one: where the next is missing, it was too long ago.
    if (entries.length > 0 && entries[0]?.position !== place.entry + 1) return null
    const events: LiveEvent[] = []
    let next = String(place.entry)
    for (const entry of entries) {
      if (events.length >= limit || entry.position > this.#seen) break
      const told = await this.#eventsOf(entry)
      events.push(...told.filter(kept => isBehind(kept.place, place)).map(({ event }) => event))
      next = String(entry.position)
    }
    return { events, next }
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#parts.base
    let isTold = false
    while (!this.#end.signal.aborted) {
      let waitMs = LOOK_EVERY_MS
      this.#isHurried = false
      try {
        if (await this.#takeNews()) waitMs = 0
        isTold = false
      } catch (error) {
        if (!isTold) log.warn(`Live updates wait: ${error instanceof Error ? error.message : String(error)}`)
        isTold = true
        waitMs = LOOK_AGAIN_MS
      }
      if (waitMs === 0 || this.#isHurried || this.#end.signal.aborted) continue
      this.#pause = new AbortController()
      await clock.sleep(waitMs, this.#pause.signal).catch(() => {})
    }
  }

  /** @returns whether there may be more at once. */
  async #takeNews(): Promise<boolean> {
    const before = this.#seen
    const entries = await this.#parts.feed.after(before, ENTRIES_AT_ONCE)
    try {
      for (const entry of entries) {
        const kept = await this.#eventsOf(entry)
        this.#ring.push(...kept)
        this.#seen = entry.position
        this.#pages.clear()
      }
    } finally {
      while (this.#ring.length > RING_MAX) this.#forgetOldest()
      // What came before a failure is not held up by it.
      if (this.#seen !== before) for (const listener of this.#listeners) listener()
    }
    return entries.length === ENTRIES_AT_ONCE
  }

  /** The events of an entry are forgotten together: the ring begins between two entries. */
  #forgetOldest(): void {
    const [oldest] = this.#ring
    if (!oldest) return
    const entry = entryOf(oldest.place)
    const rest = this.#ring.findIndex(kept => entryOf(kept.place) !== entry)
    this.#ring.splice(0, rest === -1 ? this.#ring.length : rest)
    this.#ringFrom = entry
  }

  async #eventsOf(entry: FeedEntry): Promise<Kept[]> {
    const told = await this.#told(entry)
    return told.map(({ name, data }, index) => {
      const isLast = index === told.length - 1
      const place = isLast ? { entry: entry.position, events: 0 } : { entry: entry.position - 1, events: index + 1 }
      return { place, event: { id: placeText(place), name, data: JSON.stringify(data) } }
    })
  }

  async #told(entry: FeedEntry): Promise<Array<{ name: LiveEventName; data: object }>> {
    const { feed, store, viewLogs } = this.#parts
    switch (entry.kind) {
      case 'logs': {
        const { deviceId, firstId, lastId, count } = entry
        if (count > LOGS_TOLD_MAX) {
          const data = { device_id: deviceId, count, first_id: firstId, last_id: lastId }
          return [{ name: 'attendance.bulk', data }]
        }
        const logs = await viewLogs(await feed.logsOf(entry))
        return logs.map(data => ({ name: 'attendance.created', data }))
      }
      case 'run': {
        const run = await feed.runOf(entry.runId)
        return run ? [{ name: 'sync.finished', data: syncRunJson(run) }] : []
      }
      case 'device': {
        const [device] = await store.devices.list({ ids: [entry.deviceId] })
        return [
          { name: 'device.status', data: device ? deviceJson(device) : { id: entry.deviceId, status: 'removed' } },
        ]
      }
      default:
        return entry satisfies never
    }
  }
}

function placeFrom(text: string): Place | null {
  const [, entry, events = '0'] = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? []
  return entry === undefined ? null : { entry: Number(entry), events: Number(events) }
}

function placeText({ entry, events }: Place): string {
  return events === 0 ? String(entry) : `${entry}.${events}`
}

function isBehind(place: Place, other: Place): boolean {
  return place.entry > other.entry || (place.entry === other.entry && place.events > other.events)
}

/** The position of the entry that an event belongs to. */
function entryOf({ entry, events }: Place): number {
  return events === 0 ? entry : entry + 1
}

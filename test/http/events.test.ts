import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { FeedEvents } from '../../src/http/feed-events.ts'
import type { Feed, FeedEntry } from '../../src/model/feed.ts'
import type { AttendanceLog } from '../../src/model/punch.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import { type Answer, HttpScene } from './scene.ts'

/** A feed in memory, of entries of one log each unless said otherwise. */
class MemoryFeed implements Feed {
  readonly entries: FeedEntry[] = []
  oldest = 1
  #ids = 0

  add(count = 1): void {
    const firstId = this.#ids + 1
    this.#ids += count
    this.entries.push({
      position: this.entries.length + 1,
      kind: 'logs',
      deviceId: 1,
      firstId,
      lastId: this.#ids,
      count,
    })
  }

  addDevice(deviceId: number): void {
    this.entries.push({ position: this.entries.length + 1, kind: 'device', deviceId })
  }

  async after(position: number, limit: number): Promise<FeedEntry[]> {
    return this.entries.filter(entry => entry.position > position && entry.position >= this.oldest).slice(0, limit)
  }

  async bounds() {
    return { newest: this.entries.length, oldest: this.oldest }
  }

  async logsOf({ firstId, lastId }: { firstId: number; lastId: number }): Promise<AttendanceLog[]> {
    return Array.from({ length: lastId - firstId + 1 }, (_, index) => ({ id: firstId + index }) as AttendanceLog)
  }

  async runOf() {
    return null
  }
}

class EventScene implements AsyncDisposable {
  readonly http: HttpScene
  readonly events: FeedEvents

  private constructor(http: HttpScene, events: FeedEvents) {
    this.http = http
    this.events = events
  }

  static async open(feed: Feed, fill = 'x'): Promise<EventScene> {
    const events = await FeedEvents.open({
      feed,
      store: { devices: { list: async () => [] } },
      viewLogs: async logs => logs.map(({ id }) => ({ id, fill }) as never),
      base: { clock: systemClock, log: silentLog },
    })
    return new EventScene(await HttpScene.open({ events }), events)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]()
    await this.events[Symbol.asyncDispose]()
  }

  /** The bytes of a stream without a position, as they come, until they match. */
  async readUntil(enough: RegExp): Promise<string> {
    const gone = new AbortController()
    const response = await this.http.fetch('GET', '/api/v1/events', { as: 'viewer', signal: gone.signal })
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      if (enough.test(text)) break
    }
    gone.abort()
    return text
  }

  /** Listens until `enough` holds, then goes away. */
  async listen(lastEventId: string | null, enough: (told: Told[]) => boolean): Promise<Told[]> {
    const gone = new AbortController()
    const headers = lastEventId === null ? {} : { 'last-event-id': lastEventId }
    const response = await this.http.fetch('GET', '/api/v1/events', { as: 'viewer', headers, signal: gone.signal })
    assert.equal(response.status, 200)
    const told: Told[] = []
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const [, id, event, data = '{}'] = /^(?:id: (.*)\n)?event: (.*)\ndata: (.*)$/.exec(block) ?? []
        if (event !== undefined) told.push({ id: id ?? '', event, data: JSON.parse(data) })
      }
      if (enough(told)) break
    }
    gone.abort()
    return told
  }
}

interface Told {
  id: string
  event: string
  data: { id: number; device_id?: number; state?: string }
}

test('what a look has found before it fails is told, and shown to whoever has asked for the same place before', async () => {
  const feed = new MemoryFeed()
  let fails = true
  await using events = await FeedEvents.open({
    feed,
    store: { devices: { list: async () => [] } },
    viewLogs: async logs => {
      if (fails && logs[0]?.id === 2) throw new Error('the database is away')
      return logs.map(({ id }) => ({ id }) as never)
    },
    base: { clock: systemClock, log: silentLog },
  })
  const idsBehind = async (position: string) => (await events.after(position, 10))?.events.map(({ id }) => id)
  const heard = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const watch = events.watch(resolve)
    return promise.finally(() => watch[Symbol.dispose]())
  }
  assert.deepEqual(await idsBehind('0'), [])
  let next = heard()
  feed.add()
  feed.add()
  await next
  assert.deepEqual(await idsBehind('0'), ['1'])
  next = heard()
  fails = false
  events.hurry()
  await next
  assert.deepEqual(await idsBehind('0'), ['1', '2'])
})

test('news of this process are looked for at once, and none are missed that come during a look', async () => {
  const feed = new MemoryFeed()
  const pauses: AbortSignal[] = []
  await using events = await FeedEvents.open({
    feed,
    store: { devices: { list: async () => [] } },
    viewLogs: async logs => logs.map(({ id }) => ({ id }) as never),
    base: {
      log: silentLog,
      // Time stands still: whoever is not woken sleeps for ever.
      clock: {
        ...systemClock,
        sleep: (_ms, signal) =>
          new Promise((_resolve, reject) => {
            assert(signal)
            pauses.push(signal)
            signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          }),
      },
    },
  })
  const heard = async () => {
    using stack = new DisposableStack()
    await new Promise<void>(resolve => stack.use(events.watch(resolve)))
    return await events.newest()
  }
  while (pauses.length === 0) await new Promise(resolve => setImmediate(resolve))
  feed.add()
  let next = heard()
  events.hurry()
  assert.equal(await next, '1')
  // The look that found the first is still under way.
  feed.add()
  next = heard()
  events.hurry()
  assert.equal(await next, '2')
})

describe('events', () => {
  test('whoever comes back goes on without gap or repeat, from any event on', async () => {
    const feed = new MemoryFeed()
    for (let i = 0; i < 30; i++) feed.add(1 + (i % 4))
    await using scene = await EventScene.open(feed)
    const soon = systemClock.after(50, () => {
      for (let i = 0; i < 30; i++) feed.add(1 + (i % 4))
    })
    const total = 2 * 73
    const seen: number[] = []
    for (let last = '0'; seen.length < total; ) {
      const told = await scene.listen(last, all => all.length >= 7 || seen.length + all.length >= total)
      assert(told.every(({ event }) => event === 'attendance.created'))
      const taken = told.slice(0, 7)
      seen.push(...taken.map(({ data }) => data.id))
      last = taken.at(-1)?.id ?? last
    }
    soon[Symbol.dispose]()
    assert.deepEqual(
      seen,
      Array.from({ length: total }, (_, index) => index + 1),
    )
  })

  test('without an id only what is new comes, soon', async () => {
    const feed = new MemoryFeed()
    feed.add()
    await using scene = await EventScene.open(feed)
    const startedMs = systemClock.monotonicMs()
    using _soon = systemClock.after(100, () => {
      feed.add(501)
      feed.addDevice(7)
    })
    const told = await scene.listen(null, all => all.length >= 2)
    assert(systemClock.monotonicMs() - startedMs < 1_000)
    assert.deepEqual(told, [
      { id: '2', event: 'attendance.bulk', data: { device_id: 1, count: 501, first_id: 2, last_id: 502 } },
      { id: '3', event: 'device.status', data: { id: 7, status: 'removed' } },
    ])
  })

  test('a link that breaks before the first event has a position to come back with', async () => {
    const feed = new MemoryFeed()
    feed.add()
    await using scene = await EventScene.open(feed)
    const start = await scene.readUntil(/\n\n.*\n\n/)
    assert.equal(start, 'retry: 1000\n\nid: 1\n\n')
    feed.add()
    const told = await scene.listen('1', all => all.length >= 1)
    assert.deepEqual(
      told.map(({ id, event }) => [id, event]),
      [['2', 'attendance.created']],
    )
  })

  for (const id of ['2', '999', 'nonsense', '1.1'])
    test(`a position that is not known (${id}) is reset, and then goes on`, async () => {
      const feed = new MemoryFeed()
      for (let i = 0; i < 10; i++) feed.add()
      feed.oldest = 6
      await using scene = await EventScene.open(feed)
      using _soon = systemClock.after(100, () => feed.add())
      const told = await scene.listen(id, all => all.length >= 2)
      assert.deepEqual(
        told.map(({ id, event }) => [id, event]),
        [
          ['10', 'reset'],
          ['11', 'attendance.created'],
        ],
      )
    })

  test('a client that takes nothing costs little, and harms nobody', async () => {
    const feed = new MemoryFeed()
    await using scene = await EventScene.open(feed, 'x'.repeat(10_000))
    const { hostname, port } = new URL(scene.http.web.url)
    const slow = connect(Number(port), hostname)
    slow.on('error', () => {})
    slow.write('GET /api/v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer viewer\r\nLast-Event-ID: 0\r\n\r\n')
    slow.pause()
    await systemClock.sleep(100)
    const beforeBytes = process.memoryUsage().rss
    for (let i = 0; i < 900; i++) feed.add()
    const told = await scene.listen('0', all => all.length >= 900)
    assert.equal(told.length, 900)
    assert(process.memoryUsage().rss - beforeBytes < 150 * 1024 * 1024)
    assert.match((await scene.http.get('/metrics')).text, /^rollcall_event_streams [12]$/m)
    slow.destroy()
    let open = ''
    for (let tries = 0; tries < 100 && open !== '0'; tries++) {
      await systemClock.sleep(20)
      open = /^rollcall_event_streams (\d+)$/m.exec((await scene.http.get('/metrics')).text)?.[1] ?? ''
    }
    assert.equal(open, '0', 'nothing is left of clients that are gone')
  })

  test('three hundred clients see everything', async () => {
    const feed = new MemoryFeed()
    await using scene = await EventScene.open(feed)
    const clients = Array.from({ length: 300 }, () => scene.listen('0', all => all.length >= 50))
    for (let i = 0; i < 50; i++) feed.add()
    for (const told of await Promise.all(clients)) assert.equal(told.length, 50)
  })

  test('how far a sync is comes without an id, and does not move the position', async () => {
    const feed = new MemoryFeed()
    feed.add()
    await using scene = await EventScene.open(feed)
    const virtual = new VirtualDevice({ seed: 9 }, { clock: systemClock })
    virtual.fillLog(3_000)
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    const { id } = await scene.http.addDevice({ port: listener.port })
    const asked: Array<Promise<Answer>> = []
    const told = await scene.listen('0', all => {
      if (asked.length === 0) {
        // As the engine of start does for a device that it polls.
        const read = { bytesReceived: 40, bytesTotal: 80, recordsReceived: 1, recordsTotal: 2, startedMsAgo: 1 }
        scene.http.web.tell({ event: 'device.progress', deviceId: 999, device: 'Polled', ...read })
        asked.push(scene.http.ask('POST', `/api/v1/devices/${id}/sync`))
      }
      return all.some(({ data }) => data.state === 'ended')
    })
    assert.equal((await asked[0])?.status, 202)
    const [first, polled, ...own] = told
    assert.deepEqual([first?.id, first?.event], ['1', 'attendance.created'])
    assert(told.slice(1).every(({ event, id: place }) => event === 'sync.progress' && place === ''))
    const numbers = { bytes_received: 40, bytes_total: 80, records_received: 1, records_total: 2 }
    assert.deepEqual(polled?.data, { device_id: 999, state: 'reading', ...numbers })
    assert(own.every(({ data }) => data.device_id === id))
    assert.deepEqual([own[0]?.data.state, own.at(-1)?.data.state], ['started', 'ended'])
  })
})

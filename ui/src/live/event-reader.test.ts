import assert from 'node:assert/strict'
import { test } from 'vitest'
import { ApiProblem } from '../api/client.ts'
import type { ServerEvent } from '../api/event-stream.ts'
import { EventReader, type EventReaderParts, type LinkState } from './event-reader.ts'

/** A server whose links a test opens, feeds and breaks. Pauses end when the test says so. */
class Link {
  readonly body: ReadableStream<Uint8Array>
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null

  constructor(signal: AbortSignal) {
    this.body = new ReadableStream({
      start: controller => {
        this.#controller = controller
      },
    })
    signal.addEventListener('abort', () => this.break(), { once: true })
  }

  say(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text))
  }

  break(): void {
    try {
      this.#controller?.error(new TypeError('network error'))
    } catch {
      // Broken already.
    }
    this.#controller = null
  }
}

class Scene {
  readonly positions: Array<string | null> = []
  readonly links: Link[] = []
  readonly states: LinkState[] = []
  readonly events: ServerEvent[] = []
  readonly pauses: Array<{ ms: number; end: () => void; signal: AbortSignal }> = []
  begun = 0
  signedOut = 0
  answer: 'open' | ApiProblem = 'open'
  readonly reader: EventReader

  constructor() {
    const parts: EventReaderParts = {
      open: async (position, signal) => {
        this.positions.push(position)
        if (this.answer !== 'open') throw this.answer
        const link = new Link(signal)
        this.links.push(link)
        return new Response(link.body)
      },
      onEvent: event => this.events.push(event),
      onState: state => this.states.push(state),
      onBegin: () => this.begun++,
      onSignedOut: () => this.signedOut++,
      sleep: (ms, signal) =>
        new Promise(resolve => {
          const end = () => resolve()
          signal.addEventListener('abort', end, { once: true })
          this.pauses.push({ ms, end, signal })
        }),
      random: () => 0.5,
    }
    this.reader = new EventReader(parts)
  }

  get link(): Link {
    const link = this.links.at(-1)
    assert(link)
    return link
  }

  /** The pause before the next try, as opposed to the watch over a link. */
  get backoff() {
    return this.pauses.findLast(({ ms, signal }) => ms < 45_000 && !signal.aborted)
  }
}

/** Everything that was promised so far has happened. */
const settled = () => new Promise(resolve => setImmediate(resolve))

test('a broken link goes on behind the last event, and says so meanwhile', async () => {
  const scene = new Scene()
  scene.reader.open()
  await settled()
  assert.deepEqual([scene.positions, scene.begun], [[null], 1])
  scene.link.say('id: 41\nevent: attendance.created\ndata: {"id":1}\n\n')
  scene.link.say('event: sync.progress\ndata: {}\n\nid: 42\neve')
  scene.link.say('nt: device.status\ndata: {}\n\n')
  await settled()
  assert.deepEqual(
    scene.events.map(({ id, name }) => [id, name]),
    [
      ['41', 'attendance.created'],
      [undefined, 'sync.progress'],
      ['42', 'device.status'],
    ],
  )
  scene.link.break()
  await settled()
  assert.deepEqual(scene.states, ['connecting', 'live', 'lost'])
  scene.backoff?.end()
  await settled()
  assert.deepEqual([scene.positions, scene.begun], [[null, '42'], 1])
  assert.equal(scene.states.at(-1), 'live')
  scene.reader.close()
})

test('a position alone, as each stream begins with, is no event', async () => {
  const scene = new Scene()
  scene.reader.open()
  await settled()
  scene.link.say('retry: 1000\n\nid: 7\n\nevent: sync.progress\ndata: {}\n\n')
  await settled()
  assert.deepEqual(
    scene.events.map(({ id, name }) => [id, name]),
    [[undefined, 'sync.progress']],
  )
  scene.reader.close()
})

test('where no event came before the link broke, everything is read anew', async () => {
  const scene = new Scene()
  scene.reader.open()
  await settled()
  scene.link.break()
  await settled()
  scene.backoff?.end()
  await settled()
  assert.deepEqual([scene.positions, scene.begun], [[null, null], 2])
  scene.reader.close()
})

test('reset reads everything anew, and goes on from its position', async () => {
  const scene = new Scene()
  scene.reader.open()
  await settled()
  scene.link.say('id: 90\nevent: reset\ndata: {}\n\n')
  await settled()
  assert.deepEqual([scene.begun, scene.events], [2, []])
  scene.link.break()
  await settled()
  scene.backoff?.end()
  await settled()
  assert.equal(scene.positions.at(-1), '90')
  scene.reader.close()
})

test('it waits longer each time, to a bound, and not after somebody says now', async () => {
  const scene = new Scene()
  scene.answer = new ApiProblem({ status: 0, code: 'SERVER_AWAY', detail: '', next_step: '' })
  scene.reader.open()
  const waits: number[] = []
  for (let round = 0; round < 7; round++) {
    await settled()
    waits.push(scene.backoff?.ms ?? 0)
    if (round % 2 === 0) scene.backoff?.end()
    else scene.reader.tryNow()
  }
  assert.deepEqual(waits, [250, 500, 1_000, 2_000, 4_000, 4_000, 4_000])
  scene.reader.close()
})

test('a link that says nothing is given up', async () => {
  const scene = new Scene()
  scene.reader.open()
  await settled()
  scene.link.say(':\n\n')
  await settled()
  const watch = scene.pauses.findLast(({ ms, signal }) => ms === 45_000 && !signal.aborted)
  watch?.end()
  await settled()
  assert.equal(scene.states.at(-1), 'lost')
  assert(scene.pauses.filter(({ ms, signal }) => ms === 45_000 && !signal.aborted).length <= 1, 'old watches are ended')
  scene.reader.close()
})

test('a session that has ended is told once, and nothing is tried again until the next opening', async () => {
  const scene = new Scene()
  scene.answer = new ApiProblem({ status: 401, code: 'NOT_SIGNED_IN', detail: '', next_step: '' })
  scene.reader.open()
  await settled()
  assert.deepEqual([scene.signedOut, scene.positions.length, scene.states.at(-1)], [1, 1, 'closed'])
  scene.answer = 'open'
  scene.reader.open()
  await settled()
  assert.equal(scene.states.at(-1), 'live')
  scene.reader.close()
})

test('closed and opened again it goes on where it was, and a closed one asks nobody', async () => {
  const scene = new Scene()
  scene.reader.open()
  scene.reader.open()
  await settled()
  assert.equal(scene.positions.length, 1)
  scene.link.say('id: 5\nevent: device.status\ndata: {}\n\n')
  await settled()
  scene.reader.close()
  await settled()
  assert.deepEqual([scene.states.at(-1), scene.positions.length], ['closed', 1])
  scene.reader.open()
  await settled()
  assert.deepEqual([scene.positions, scene.begun], [[null, '5'], 1])
  scene.reader.close()
})

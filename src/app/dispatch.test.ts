import assert from 'node:assert/strict'
import { test } from 'vitest'
import { World } from '../../test/simulation/world.ts'
import { QueueError, RollcallError, StoreError } from '../base/errors.ts'
import { type DispatchEvent, dispatch, dispatchOnce } from './dispatch.ts'

const INTERVAL_MS = 60_000

/** A queue that forgets each job at once, unless it is told to fail. */
class Queue {
  readonly rounds: Array<{ atMs: number; ids: readonly number[] }> = []
  error: Error | null = null
  tookMs = 0
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  async enqueue(ids: readonly number[]): Promise<{ queued: number }> {
    this.rounds.push({ atMs: this.#world.clock.monotonicMs(), ids })
    if (this.tookMs > 0) await this.#world.clock.sleep(this.tookMs)
    if (this.error) throw this.error
    return { queued: ids.length }
  }
}

async function stage(world: World) {
  const queue = new Queue(world)
  const events: DispatchEvent[] = []
  const ids = []
  for (const host of ['gate', 'yard', 'roof']) ids.push((await world.add(host, 'tcp')).id)
  const store = await world.store()
  return {
    queue,
    events,
    ids,
    store,
    parts: { store, queue, base: world.base, onEvent: (e: DispatchEvent) => void events.push(e) },
  }
}

test('a round is for all active devices, or for those of them that are named', async () => {
  await using world = new World({ seed: 1 })
  const { queue, events, ids, store, parts } = await stage(world)
  await store.devices.edit(ids[1] ?? 0, { isActive: false })
  await dispatchOnce({}, parts)
  await dispatchOnce({ deviceIds: ids.slice(1) }, parts)
  assert.deepEqual(
    queue.rounds.map(round => round.ids.toSorted()),
    [[ids[0], ids[2]], [ids[2]]],
  )
  assert.deepEqual(
    events.map(event => event.event === 'dispatch.queued' && [event.devices, event.queued]),
    [
      [2, 2],
      [1, 1],
    ],
  )
})

test('a round begins every interval, however long one takes, until the signal fires', async () => {
  await using world = new World({ seed: 1 })
  const { queue, parts } = await stage(world)
  queue.tookMs = 20_000
  const stop = new AbortController()
  const dispatching = dispatch({ intervalMs: INTERVAL_MS }, parts, stop.signal)
  await world.run(world.clock.sleep(5 * INTERVAL_MS + 30_000))
  stop.abort()
  await world.run(dispatching)
  const starts = queue.rounds.map(round => round.atMs)
  assert.equal(starts.length, 6)
  for (let i = 1; i < starts.length; i++) {
    assert(Math.abs((starts[i] ?? 0) - (starts[i - 1] ?? 0) - INTERVAL_MS) < 10, starts.join())
  }
})

for (const [name, error] of [
  ['queue', new QueueError('QUEUE_UNAVAILABLE', 'queue.example:6379 cannot be reached')],
  ['database', new StoreError('STORE_UNAVAILABLE', 'the database is locked')],
  ['defect', new TypeError('x is not a function')],
] as const)
  test(`an outage (${name}) is told once when it begins and once when it ends; tries become fewer meanwhile`, async () => {
    await using world = new World({ seed: 1 })
    const { queue, events, parts } = await stage(world)
    const stop = new AbortController()
    const dispatching = dispatch({ intervalMs: INTERVAL_MS }, parts, stop.signal)
    await world.run(world.clock.sleep(1_000))
    queue.error = error
    await world.run(world.clock.sleep(10 * 60_000))
    const tries = queue.rounds.length - 1
    assert(tries >= 40 && tries <= 90, `${tries} tries in ten minutes`)
    queue.error = null
    await world.run(world.clock.sleep(40_000))
    assert.deepEqual(
      events.map(event => event.event),
      ['dispatch.queued', 'queue.unavailable', 'queue.available', 'dispatch.queued'],
    )
    const [, away, back] = events
    assert(away?.event === 'queue.unavailable' && away.message.includes(error.message) && away.retryInMs < 2_000)
    assert(back?.event === 'queue.available' && back.awayForMs > 8 * 60_000)
    stop.abort()
    await world.run(dispatching)
  })

test('what no try can mend ends the dispatcher', async () => {
  await using world = new World({ seed: 1 })
  const { queue, parts } = await stage(world)
  queue.error = new RollcallError('STORE_SCHEMA_NEWER', 'a newer Rollcall wrote the database')
  await assert.rejects(
    world.run(dispatch({ intervalMs: INTERVAL_MS }, parts, new AbortController().signal)),
    queue.error,
  )
})

test('one round that fails throws what went wrong', async () => {
  await using world = new World({ seed: 1 })
  const { queue, events, parts } = await stage(world)
  queue.error = new QueueError('QUEUE_UNAVAILABLE', 'away')
  await assert.rejects(dispatchOnce({}, parts), queue.error)
  assert.deepEqual(events, [])
})

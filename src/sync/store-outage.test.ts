import assert from 'node:assert/strict'
import { test } from 'vitest'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { StoreError } from '../base/errors.ts'
import { seededRandom } from '../base/random.ts'
import type { SyncEvent } from './events.ts'
import { StoreOutage } from './store-outage.ts'

const GONE = new StoreError('STORE_UNREACHABLE', 'the server cannot be reached')

function scene() {
  const clock = new VirtualClock()
  const events: SyncEvent[] = []
  const server = { isAway: true, looks: 0 }
  const store = {
    async ping() {
      server.looks++
      if (server.isAway) throw GONE
    },
  }
  const outage = new StoreOutage({
    store,
    base: { clock, random: seededRandom(1) },
    onEvent: event => void events.push(event),
  })
  return { clock, events, server, outage }
}

const never = new AbortController().signal

test('an outage that many runs meet is told once, and its end once', async () => {
  const { clock, events, server, outage } = scene()
  for (let run = 0; run < 50; run++) assert(outage.isMetBy(GONE))
  const lost = new StoreError('LEASE_LOST', 'the lease was lost', { cause: GONE })
  assert(outage.isMetBy(lost), 'a lease that could not be renewed')
  assert(!outage.isMetBy(new StoreError('LEASE_LOST', 'overtaken')) && !outage.isMetBy(new Error('other')))
  const waiting = Array.from({ length: 50 }, () => outage.isOver(never))
  await clock.advance(30_000)
  server.isAway = false
  assert.deepEqual(new Set(await clock.run(Promise.all(waiting))), new Set([true]))
  assert.deepEqual(
    events.map(event => event.event),
    ['store.unreachable', 'store.reachable'],
  )
  assert(server.looks < 10, `${server.looks} looks`)
  assert(await outage.isOver(never))
})

test('who waits for so long at most is told that it is not over', async () => {
  const { clock, outage } = scene()
  outage.isMetBy(GONE)
  assert.equal(await clock.run(outage.isOver(never, 60_000)), false)
  assert(clock.monotonicMs() >= 60_000 && clock.monotonicMs() < 75_000, String(clock.monotonicMs()))
})

test('waiting ends with its signal, and leaves no timer behind', async () => {
  const { clock, outage } = scene()
  outage.isMetBy(GONE)
  const ending = new AbortController()
  const waiting = assert.rejects(outage.isOver(ending.signal), /enough/)
  await clock.advance(1_000)
  ending.abort(new Error('enough'))
  await waiting
  assert.equal(clock.waiting, 0)
})

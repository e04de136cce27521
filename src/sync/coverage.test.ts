import assert from 'node:assert/strict'
import { test } from 'vitest'
import { World } from '../../test/simulation/world.ts'

const NEVER = new AbortController().signal
const HOUR_MS = 3_600_000

/** One device, polled once. `spans` gives beginnings and ends in hours since then. */
async function polled(options: Partial<Parameters<World['attach']>[0]> = {}, timezone = 'UTC') {
  const world = new World({ seed: 1 })
  const device = world.attach({ seed: 1, host: 'gate', transports: 'tcp', ...options })
  const entry = await world.add('gate', 'tcp')
  const store = await world.store()
  await store.devices.edit(entry.id, { timezone })
  const engine = await world.engine()
  const startMs = world.clock.now()
  const poll = async () => {
    await world.run(engine.syncOnce({}, NEVER))
    const [run] = await store.punches.runs({ limit: 1 })
    return run
  }
  await poll()
  return {
    world,
    device,
    poll,
    hours: (count: number) => world.run(world.clock.sleep(count * HOUR_MS)),
    spans: async () =>
      (await store.coverage.spans(entry.id)).map(span =>
        [span.provenFrom, span.provenUntil].map(at => Math.round((at.getTime() - startMs) / HOUR_MS)),
      ),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

test('a log that was empty proves nothing of the time until its first record', async () => {
  await using site = await polled()
  site.device.punchBySomebody()
  await site.hours(2)
  site.device.clearLog()
  site.device.addPeople(1)
  await site.hours(2)
  site.device.punchBySomebody()
  await site.hours(2)
  await site.poll()
  assert.deepEqual(await site.spans(), [
    [0, 0],
    [4, 6],
  ])
})

test('a log that stays empty is one span, however often it is looked at', async () => {
  await using site = await polled()
  for (let i = 0; i < 3; i++) {
    await site.hours(24)
    await site.poll()
  }
  assert.equal((await site.spans()).length, 1)
})

test('a slow clock makes no span begin before its first record was made', async () => {
  await using site = await polled({ clockOffsetMs: -5 * HOUR_MS })
  site.device.punchBySomebody()
  await site.hours(2)
  site.device.clearLog()
  await site.hours(2)
  site.device.punchBySomebody()
  await site.poll()
  assert.deepEqual((await site.spans()).at(-1), [4, 4])
})

test('a clock that is slow across a change of summer time makes no span begin an hour early', async () => {
  // The clocks of Berlin went forward on 29 March; 30 days later the device is 33 days behind, and so shows winter time.
  await using site = await polled({ clockOffsetMs: -33 * 24 * HOUR_MS }, 'Europe/Berlin')
  await site.hours(30 * 24)
  site.device.punchBySomebody()
  await site.hours(1)
  site.device.clearLog()
  site.device.punchBySomebody()
  await site.poll()
  assert.deepEqual((await site.spans()).at(-1), [721, 721])
})

test('a clock that is set back between two records makes no span begin before the first', async () => {
  await using site = await polled({ records: 30 })
  await site.hours(2)
  site.device.clearLog()
  await site.hours(2)
  site.device.punchBySomebody()
  await site.hours(2)
  site.device.shiftClock(-5 * HOUR_MS)
  site.device.punchBySomebody()
  site.device.shiftClock(5 * HOUR_MS)
  await site.poll()
  assert.deepEqual((await site.spans()).at(-1), [4, 6])
})

for (const fault of [null, 'counter-too-low'] as const) {
  test(`a circle that is full puts new records among the old ones: tails have missed none (${fault ?? 'sound'})`, async () => {
    await using site = await polled({ records: 50, capacity: 50, whenFull: 'loop' })
    if (fault) site.device.setFault(fault, 'on')
    for (let i = 0; i < 5; i++) {
      await site.hours(1)
      site.device.punchBySomebody()
    }
    const run = await site.poll()
    assert.deepEqual([run?.mode, run?.inserted, run?.missedByTail], ['full', 5, 0])
  })
}

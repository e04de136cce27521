import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { StoreError } from '../../src/base/errors.ts'
import type { Device } from '../../src/model/device.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
/** A first read of these devices takes about so long. */
const FIRST_READ_MS = 50
const GATES = ['gate-1', 'gate-2', 'gate-3', 'gate-4']

/** Four devices, one of them listened to, over a database that goes away as a server does: no statement is answered. */
async function site(seed: number) {
  const server = { isAway: false, statements: 0 }
  const world = new World({
    seed,
    onStatement: () => {
      server.statements++
      if (server.isAway) throw new StoreError('STORE_UNREACHABLE', 'the server cannot be reached')
    },
  })
  const devices = GATES.map((host, i) =>
    world.attach({ seed: seed + i, host, transports: 'tcp', records: 400, packetPauseMs: 10 }),
  )
  const entries: Device[] = []
  for (const host of GATES) entries.push(await world.add(host))
  const store = await world.store()
  const [first] = entries
  assert(first)
  await store.devices.edit(first.id, { isLive: true })
  return {
    world,
    server,
    store,
    devices,
    entries,
    wait: (ms: number) => world.run(world.clock.sleep(ms)),
    named: (event: string) => world.events.filter(told => told.event === event),
    async assertEachOnce() {
      for (const [i, device] of devices.entries()) {
        const entry = entries[i]
        assert(entry)
        assertTruth(device, await storedOf(store, entry.id), { missing: 'none' })
        assert(device.stats.maxOpenSessions <= 1)
      }
    },
  }
}

describe('a database server that goes away', () => {
  for (const [awayMs, what] of [
    [3 * SECOND_MS, 'for a moment'],
    [10 * SECOND_MS, 'for a restart'],
    [5 * MINUTE_MS, 'for longer than a lease'],
  ] as const)
    test(`${what}, at any moment of a sync: told once, no device is blamed, every punch once`, async () => {
      for (let seed = 1; seed <= 12; seed++) {
        const at = await site(seed)
        await using _world = at.world
        const stop = new AbortController()
        const engine = await at.world.engine()
        const running = engine.run({ intervalMs: 5 * SECOND_MS }, stop.signal)
        // Each seed at another moment: in the first reads, while rows are stored, and between two polls.
        await at.wait(seed <= 9 ? (seed * FIRST_READ_MS) / 9 : seed * 130)
        at.server.isAway = true
        for (const device of at.devices) device.punchBySomebody()
        await at.wait(awayMs)
        at.server.isAway = false
        for (const device of at.devices) device.punchBySomebody()
        await at.wait(MINUTE_MS)
        stop.abort()
        await at.world.run(running)
        assert.deepEqual(at.named('device.failed'), [], `seed ${seed}`)
        assert.deepEqual(
          [at.named('store.unreachable').length, at.named('store.reachable').length],
          [1, 1],
          `seed ${seed}`,
        )
        await at.assertEachOnce()
      }
    })

  test('a single pass waits for it and ends well; one that is away for long fails, and says why', async () => {
    const at = await site(7)
    await using _world = at.world
    const engine = await at.world.engine()
    const pass = engine.syncOnce({}, new AbortController().signal)
    await at.wait(FIRST_READ_MS / 2)
    at.server.isAway = true
    await at.wait(10 * SECOND_MS)
    at.server.isAway = false
    assert.equal((await at.world.run(pass)).failed, 0)
    await at.assertEachOnce()

    const vain = engine.syncOnce({ full: true }, new AbortController().signal)
    await at.wait(FIRST_READ_MS / 2)
    at.server.isAway = true
    assert.equal((await at.world.run(vain)).failed, GATES.length)
    for (const event of at.named('device.failed')) assert('code' in event && event.code === 'STORE_UNREACHABLE')
    at.server.isAway = false
  })

  test('a job of a queue is done again as a whole, by the same worker', async () => {
    const at = await site(3)
    await using _world = at.world
    const engine = await at.world.engine()
    const jobs = at.entries.map(entry => engine.syncDevice(entry.id, new AbortController().signal))
    await at.wait(FIRST_READ_MS / 2)
    at.server.isAway = true
    await at.wait(10 * SECOND_MS)
    at.server.isAway = false
    assert.deepEqual(new Set(await at.world.run(Promise.all(jobs))), new Set(['synced']))
    assert.deepEqual(at.named('device.failed'), [])
    await at.assertEachOnce()
  })

  test('who is asked to end while it is away ends at once', async () => {
    const at = await site(5)
    await using _world = at.world
    const stop = new AbortController()
    const engine = await at.world.engine()
    const running = engine.run({ intervalMs: 5 * SECOND_MS }, stop.signal)
    await at.wait(400)
    at.server.isAway = true
    await at.wait(20 * SECOND_MS)
    stop.abort()
    const startedMs = at.world.clock.monotonicMs()
    await at.world.run(running)
    assert(at.world.clock.monotonicMs() - startedMs < 5 * SECOND_MS)
    at.server.isAway = false
  })
})

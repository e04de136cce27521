import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { FaultName } from '../../src/virtual/faults.ts'
import type { VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** A device that is listened to by a running engine. `wait` lets time pass. */
async function listened(options: { transport?: 'tcp' | 'udp'; records?: number } & Partial<VirtualDeviceOptions> = {}) {
  const { transport = 'tcp', records = 30, ...settings } = options
  const world = new World({ seed: 1 })
  const device = world.attach({ seed: 1, host: 'gate', transports: transport, records, ...settings })
  const entry = await world.add('gate', transport)
  const store = await world.store()
  await store.devices.edit(entry.id, { isLive: true })
  const stop = new AbortController()
  const engine = await world.engine()
  const running = engine.run({ intervalMs: 30_000 }, stop.signal)
  const wait = (ms: number) => world.run(world.clock.sleep(ms))
  return {
    world,
    device,
    entry,
    store,
    wait,
    named: (event: string) => world.events.filter(told => told.event === event),
    stored: () => storedOf(store, entry.id),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await world.run(running)
      await world[Symbol.asyncDispose]()
    },
  }
}

for (const transport of ['tcp', 'udp'] as const) {
  test(`over ${transport}: a punch is a row within a second, acknowledged, and one row when the log is read`, async () => {
    await using site = await listened({ transport })
    await site.wait(5 * SECOND_MS)
    assert.equal((await site.store.devices.get(site.entry.id)).liveState, 'listening')
    const before = (await site.stored()).logs.length
    assert.equal(before, 30)
    const acknowledged = site.device.stats.eventsAcknowledged
    site.device.punch({ userId: site.device.users.list()[0]?.userId ?? '1' })
    await site.wait(SECOND_MS)
    const { logs } = await site.stored()
    assert.equal(logs.length, 31)
    assert.equal(logs[30]?.source, 'live')
    assert.equal(logs[30]?.clockDriftSeconds, 0)
    assert.equal(site.device.stats.eventsAcknowledged, acknowledged + 1)
    // Half a minute later the counter has moved, and the end of the log is read.
    await site.wait(MINUTE_MS)
    const after = await site.stored()
    assert.equal(after.logs.length, 31)
    assertTruth(site.device, after, { missing: 'none' })
    const [run] = await site.store.punches.runs({ deviceId: site.entry.id, limit: 1 })
    assert.deepEqual([run?.mode, run?.status, run?.inserted], ['tail', 'ok', 0])
    assert.deepEqual(site.named('device.failed'), [])
  })
}

test('nothing happens for hours: one connection, one cheap question each half minute, and no run is written', async () => {
  await using site = await listened()
  await site.wait(MINUTE_MS)
  const runs = (await site.store.punches.runs({ limit: 1_000 })).length
  const connections = site.device.stats.connections
  const bytes = site.device.stats.bytesSent
  await site.wait(3 * 60 * MINUTE_MS)
  assert.equal((await site.store.punches.runs({ limit: 1_000 })).length, runs)
  assert.equal(site.device.stats.connections, connections)
  const bytesAMinute = (site.device.stats.bytesSent - bytes) / 180
  assert(bytesAMinute < 300, `${bytesAMinute} bytes a minute`)
  const [span] = await site.store.coverage.spans(site.entry.id)
  assert(span && site.world.clock.now() - span.provenUntil.getTime() <= 31 * SECOND_MS)
})

const UNCLEAR: ReadonlyArray<{ name: string; options: Parameters<typeof listened>[0] }> = [
  { name: 'of an unknown length', options: { faults: ['unknown-event-length'] } },
  { name: 'that name a slot', options: { profile: 'black-and-white', layout: '8B', eventBytes: 10, transport: 'udp' } },
  { name: 'of 14 bytes', options: { profile: 'black-and-white', layout: '16', eventBytes: 14, transport: 'udp' } },
]
for (const { name, options } of UNCLEAR) {
  test(`events ${name} make the log be read, at once`, async () => {
    await using site = await listened(options)
    await site.wait(10 * SECOND_MS)
    site.device.punch({ userId: site.device.users.list()[0]?.userId ?? '1' })
    await site.wait(5 * SECOND_MS)
    const stored = await site.stored()
    assert.equal(stored.logs.length, 31)
    assert.equal(stored.logs[30]?.source, 'poll')
    assertTruth(site.device, stored, { missing: 'none' })
  })
}

test('after a reconnect with nothing new an event is a punch at once: the layout is remembered', async () => {
  await using site = await listened()
  await site.wait(10 * SECOND_MS)
  site.world.network.cutConnections(site.device)
  await site.wait(5 * MINUTE_MS)
  site.device.punch({ userId: site.device.users.list()[0]?.userId ?? '1' })
  await site.wait(SECOND_MS)
  assert.equal((await site.stored()).logs[30]?.source, 'live')
})

describe('what is not told is found', () => {
  test('punches between registration and the reads around it', async () => {
    await using site = await listened({ faults: ['records-appended-while-reading'] })
    await site.wait(3 * MINUTE_MS)
    assertTruth(site.device, await site.stored(), { missing: 'none' })
  })

  test('events that are lost: the counter tells within half a minute', async () => {
    await using site = await listened({ transport: 'udp' })
    await site.wait(10 * SECOND_MS)
    site.device.punch({ userId: site.device.users.list()[0]?.userId ?? '1' })
    await site.wait(SECOND_MS)
    site.device.fillLog(2)
    await site.wait(40 * SECOND_MS)
    const stored = await site.stored()
    assert.equal(stored.logs.length, 33)
    assertTruth(site.device, stored, { missing: 'none' })
  })

  test('punches while the cable was out: said once when it goes and once when it is back', async () => {
    await using site = await listened()
    await site.wait(10 * SECOND_MS)
    site.device.setFault('refuses-connection', 'on')
    site.world.network.cutConnections(site.device)
    for (let n = 0; n < 4; n++) {
      await site.wait(2 * MINUTE_MS)
      site.device.punch({ userId: site.device.users.list()[n]?.userId ?? '1' })
    }
    assert.equal((await site.store.devices.get(site.entry.id)).liveState, 'down')
    site.device.setFault('refuses-connection', 'off')
    await site.wait(20 * MINUTE_MS)
    assertTruth(site.device, await site.stored(), { missing: 'none' })
    assert.equal(site.named('device.down').length, 1)
    assert.equal(site.named('device.up').length, 1)
    assert.equal((await site.store.devices.get(site.entry.id)).liveState, 'listening')
  })
})

test('a device that numbers its events and repeats them gets its acknowledgements, and each punch is one row', async () => {
  await using site = await listened({ faults: ['events-cached'] })
  await site.wait(10 * SECOND_MS)
  for (const user of site.device.users.list().slice(0, 12)) {
    site.device.punch({ userId: user.userId })
    await site.wait(SECOND_MS)
  }
  await site.wait(MINUTE_MS)
  const stored = await site.stored()
  assert.equal(stored.logs.length, 42)
  assertTruth(site.device, stored, { missing: 'none' })
})

const LINES: readonly FaultName[] = ['lost-packets', 'doubled-packets', 'late-packets', 'torn-packets', 'stray-replies']
for (const fault of LINES) {
  for (const transport of ['tcp', 'udp'] as const) {
    test(`${fault} over ${transport}: every punch is there a minute after the line is mended`, async () => {
      await using site = await listened({ transport, faults: [fault] })
      for (let n = 0; n < 40; n++) {
        await site.wait(20 * SECOND_MS)
        site.device.punchBySomebody()
      }
      site.device.clearFaults()
      await site.wait(25 * MINUTE_MS)
      assertTruth(site.device, await site.stored(), { missing: 'none' })
    })
  }
}

test('a device that never tells anything is polled, and that is said once', async () => {
  await using site = await listened({ eventBytes: 36 })
  await site.wait(10 * SECOND_MS)
  // Filling tells no events.
  for (let n = 0; n < 10; n++) {
    site.device.fillLog(2)
    await site.wait(MINUTE_MS)
  }
  assert.equal(site.named('device.unheard').length, 1)
  assert.equal((await site.store.devices.get(site.entry.id)).liveState, 'unsupported')
  assertTruth(site.device, await site.stored(), { missing: 'none' })
})

test('the wish ends: the device is told goodbye, and polled', async () => {
  await using site = await listened()
  await site.wait(10 * SECOND_MS)
  assert.equal(site.device.stats.openSessions, 1)
  await site.store.devices.edit(site.entry.id, { isLive: false })
  await site.wait(10 * SECOND_MS)
  assert.equal(site.device.stats.openSessions, 0)
  assert.equal(site.device.stats.sessionsWithoutExit, 0)
  site.device.punchBySomebody()
  await site.wait(MINUTE_MS)
  assertTruth(site.device, await site.stored(), { missing: 'none' })
})

test('who waits for the device gets it within seconds, and the listener comes back', async () => {
  await using site = await listened()
  await site.wait(20 * SECOND_MS)
  const other = await site.world.engine({ dead: 'none' })
  const startMs = site.world.clock.monotonicMs()
  const { failed } = await site.world.run(other.syncOnce({}, new AbortController().signal))
  assert.equal(failed, 0)
  assert(site.world.clock.monotonicMs() - startMs < 15 * SECOND_MS)
  await site.wait(MINUTE_MS)
  assert.equal((await site.store.devices.get(site.entry.id)).liveState, 'listening')
  assert.equal(site.named('device.failed').length, 0)
  assert.equal(site.device.stats.maxOpenSessions, 1)
})

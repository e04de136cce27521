import assert from 'node:assert/strict'
import { test } from 'vitest'
import { assertTruth, storedOf } from '../../test/simulation/truth.ts'
import { World } from '../../test/simulation/world.ts'
import { LEASE_TTL_MS } from './lease-keeper.ts'

const NEVER = new AbortController().signal
const MINUTE_MS = 60_000

/** A colour-screen device on TCP with a filled log, in the database. */
async function attach(world: World, host: string, options: { seed?: number; records?: number } = {}) {
  const device = world.attach({ seed: options.seed ?? 1, host, transports: 'tcp', records: options.records ?? 30 })
  const entry = await world.add(host, 'tcp')
  return { device, entry }
}

test('a dead, a silent and a slow device delay nobody', async () => {
  await using world = new World({ seed: 1 })
  await world.add('192.0.2.9', 'tcp')
  const silent = await attach(world, 'silent', { seed: 2 })
  silent.device.setFault('never-answers', 'on')
  const slow = await attach(world, 'slow', { seed: 3 })
  slow.device.setFault('slow-prepare', 'on')
  await attach(world, 'quick', { seed: 4 })
  const engine = await world.engine()
  const startMs = world.clock.monotonicMs()
  const times = new Map<string, number>()
  const summary = await world.run(engine.syncOnce({}, NEVER))
  for (const event of world.events) if (event.event === 'device.synced') times.set(event.device, event.durationMs)
  assert.deepEqual(summary, { devices: 4, failed: 2, inserted: 60 })
  assert((times.get('quick') ?? Number.POSITIVE_INFINITY) < 1_000, `quick took ${times.get('quick')} ms`)
  // All at once: the pass lasts as long as its slowest device.
  assert(world.clock.monotonicMs() - startMs < (times.get('slow') ?? 0) + 1_000)
})

test('no more devices at a time than the limit says', async () => {
  await using world = new World({ seed: 1 })
  for (let i = 0; i < 7; i++) await attach(world, `site-${i}`, { seed: i })
  let most = 0
  const open = world.network.openTcp.bind(world.network)
  world.network.openTcp = async (...args) => {
    const link = await open(...args)
    most = Math.max(most, world.network.openLinks)
    return link
  }
  const engine = await world.engine({ concurrency: 3 })
  const summary = await world.run(engine.syncOnce({}, NEVER))
  assert.deepEqual(summary, { devices: 7, failed: 0, inserted: 210 })
  assert.equal(most, 3)
})

test('a device that is gone is tried less and less often, and told of once when it goes and once when it is back', async () => {
  await using world = new World({ seed: 1 })
  const { device } = await attach(world, 'gate')
  const stop = new AbortController()
  const engine = await world.engine()
  const polling = engine.run({ intervalMs: 30_000 }, stop.signal)
  await world.run(world.clock.sleep(MINUTE_MS))
  device.setFault('refuses-connection', 'on')
  await world.run(world.clock.sleep(60 * MINUTE_MS))
  const failures = world.events.flatMap(event => (event.event === 'device.failed' ? [event.retryInMs ?? 0] : []))
  assert(failures.length >= 6 && failures.length <= 12, `${failures.length} tries in an hour`)
  assert((failures[3] ?? 0) > 2 * (failures[0] ?? 0))
  device.clearFaults()
  await world.run(world.clock.sleep(15 * MINUTE_MS))
  stop.abort()
  await world.run(polling)
  const told = world.events.map(event => event.event).filter(name => name === 'device.down' || name === 'device.up')
  assert.deepEqual(told, ['device.down', 'device.up'])
})

test('a person who changes a setting does not wait for the next try', async () => {
  await using world = new World({ seed: 1 })
  const { entry } = await attach(world, 'gate')
  const store = await world.store()
  await store.devices.edit(entry.id, { host: 'nowhere' })
  const stop = new AbortController()
  const polling = (await world.engine()).run({ intervalMs: 30_000 }, stop.signal)
  await world.run(world.clock.sleep(10 * MINUTE_MS))
  const failures = world.events.filter(event => event.event === 'device.failed').length
  await store.devices.edit(entry.id, { host: 'gate' })
  await world.run(world.clock.sleep(5_000))
  stop.abort()
  await world.run(polling)
  assert.equal(world.events.filter(event => event.event === 'device.failed').length, failures)
  assert(world.events.some(event => event.event === 'device.synced'))
})

test('a contact with the device is no change of its settings: it is polled at its interval', async () => {
  await using world = new World({ seed: 1 })
  await attach(world, 'gate')
  const stop = new AbortController()
  const polling = (await world.engine()).run({ intervalMs: 30_000 }, stop.signal)
  await world.run(world.clock.sleep(10 * MINUTE_MS))
  stop.abort()
  await world.run(polling)
  const polls = world.events.filter(event => event.event === 'device.synced').length
  assert(polls >= 19 && polls <= 21, `${polls} polls in ten minutes`)
})

test('two processes never speak with one device together, and lose nothing', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world, 'gate')
  device.setFault({ name: 'slow-prepare', value: 900 }, 'on')
  const stop = new AbortController()
  const engines = [await world.engine({ dead: 'none' }), await world.engine({ dead: 'none' })]
  const polling = engines.map(engine => engine.run({ intervalMs: 1_000 }, stop.signal))
  for (let i = 0; i < 60; i++) {
    await world.run(world.clock.sleep(1_000))
    device.punchBySomebody()
  }
  await world.run(world.clock.sleep(10_000))
  stop.abort()
  await world.run(Promise.all(polling))
  assert.equal(device.stats.maxOpenConnections, 1)
  assert.equal(device.stats.maxOpenSessions, 1)
  assert.equal(device.stats.sessionsWithoutExit, 0)
  assertTruth(device, await storedOf(await world.store(), entry.id), { missing: 'none' })
})

test('the lease of a process that vanished expires by itself', async () => {
  await using world = new World({ seed: 1, path: ':memory:' })
  const { entry } = await attach(world, 'gate')
  const store = await world.store()
  const taken = await store.leases.acquire({
    deviceId: entry.id,
    holder: 'somebody far away',
    ttlMs: LEASE_TTL_MS,
    isDead: () => false,
  })
  assert('lease' in taken)
  const engine = await world.engine({ dead: 'none' })
  const startMs = world.clock.monotonicMs()
  const summary = await world.run(engine.syncOnce({}, NEVER))
  assert.equal(summary.inserted, 30)
  const waitedMs = world.clock.monotonicMs() - startMs
  assert(waitedMs >= LEASE_TTL_MS && waitedMs < LEASE_TTL_MS + 5_000, `waited ${waitedMs} ms`)
  assert.equal(world.events.filter(event => event.event === 'device.waiting').length, 1)
})

test('a device with another serial number is refused, with both numbers in the message', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world, 'gate')
  const engine = await world.engine()
  await world.run(engine.syncOnce({}, NEVER))
  device.setFault('wrong-serial', 'on')
  device.punchBySomebody()
  const summary = await world.run(engine.syncOnce({}, NEVER))
  assert.equal(summary.failed, 1)
  const failure = world.events.findLast(event => event.event === 'device.failed')
  assert(failure?.event === 'device.failed' && failure.code === 'SERIAL_MISMATCH')
  assert(failure.message.includes(device.serialNumber), failure.message)
  assert.match(failure.message, /serial number \S+ answers at gate:4370, where serial number \S+ is expected/)
  const { logs } = await storedOf(await world.store(), entry.id)
  assert.equal(logs.length, 30)
})

test('one device under two entries is read under the first alone', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world, 'gate')
  await world.run((await world.engine()).syncOnce({}, NEVER))
  world.network.attach({ host: 'other-name', port: 4370 }, device, 'tcp')
  const second = await world.add('other-name', 'tcp')
  const summary = await world.run((await world.engine()).syncOnce({}, NEVER))
  assert.equal(summary.failed, 1)
  const failure = world.events.findLast(event => event.event === 'device.failed')
  assert(failure?.event === 'device.failed' && failure.code === 'DEVICE_TWICE' && failure.deviceId === second.id)
  const store = await world.store()
  assert.equal((await storedOf(store, entry.id)).logs.length, 30)
  assert.equal((await storedOf(store, second.id)).logs.length, 0)
})

test('a device that does not tell its people loses no punch by it', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world, 'gate')
  const open = world.network.openTcp.bind(world.network)
  // The request for users (1503, or 9 itself) never arrives.
  world.network.openTcp = async (...args) => {
    const link = await open(...args)
    const isForUsers = (bytes: Uint8Array) => bytes[16] === 1 && bytes[17] === 9
    return { ...link, send: (bytes: Uint8Array) => void (isForUsers(bytes) || link.send(bytes)) }
  }
  const summary = await world.run((await world.engine()).syncOnce({}, NEVER))
  assert.deepEqual(summary, { devices: 1, failed: 0, inserted: 30 })
  assert.equal(world.warnings.length, 1)
  assertTruth(device, await storedOf(await world.store(), entry.id), { missing: 'none' })
})

test('a database that is away for a moment forgets no outage', async () => {
  await using world = new World({ seed: 1 })
  const { device } = await attach(world, 'gate')
  const store = await world.store()
  const list = store.devices.list.bind(store.devices)
  let isAway = false
  store.devices.list = filter => (isAway ? Promise.reject(new Error('away')) : list(filter))
  const stop = new AbortController()
  const polling = (await world.engine()).run({ intervalMs: 30_000 }, stop.signal)
  await world.run(world.clock.sleep(MINUTE_MS))
  device.setFault('refuses-connection', 'on')
  for (let i = 0; i < 6; i++) {
    await world.run(world.clock.sleep(5 * MINUTE_MS))
    isAway = i % 2 === 0
  }
  isAway = false
  device.clearFaults()
  await world.run(world.clock.sleep(15 * MINUTE_MS))
  stop.abort()
  await world.run(polling)
  const told = world.events.map(event => event.event).filter(name => name === 'device.down' || name === 'device.up')
  assert.deepEqual(told, ['device.down', 'device.up'])
})

test('a lease is renewed for as long as a read lasts', async () => {
  await using world = new World({ seed: 1 })
  const { device } = await attach(world, 'gate', { records: 40_000 })
  device.setFault('slow-20kb', 'on')
  const first = await world.engine({ dead: 'none' })
  const second = await world.engine({ dead: 'none' })
  await world.run(Promise.all([first.syncOnce({}, NEVER), second.syncOnce({}, NEVER)]))
  assert(world.clock.monotonicMs() > 2 * LEASE_TTL_MS)
  assert.equal(device.stats.maxOpenConnections, 1)
  assert.equal(world.events.filter(event => event.event === 'device.failed').length, 0)
})

test('a slow read gets the time that it needs, by the buffer and directly', async () => {
  for (const fault of ['slow-20kb', 'no-buffered-read'] as const) {
    await using world = new World({ seed: 1 })
    const { device } = await attach(world, 'gate', { records: 70_000 })
    device.setFault('slow-20kb', 'on')
    device.setFault(fault, 'on')
    const summary = await world.run((await world.engine()).syncOnce({}, NEVER))
    assert.deepEqual(summary, { devices: 1, failed: 0, inserted: 70_000 })
    assert(world.clock.monotonicMs() > 120_000)
  }
})

test('a count that the device contradicts is a failed run: its punches are stored, its checkpoint is not', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world, 'gate')
  device.setFault('counter-too-high', 'on')
  await world.run((await world.engine()).syncOnce({}, NEVER))
  const store = await world.store()
  const [run] = await store.punches.runs({ deviceId: entry.id, limit: 1 })
  assert.deepEqual(
    [run?.status, run?.error?.code, run?.inserted, run?.countProof],
    ['failed', 'COUNT_MISMATCH', 30, 'mismatch'],
  )
  assert.equal(await store.punches.checkpoint(entry.id), null)
  assertTruth(device, await storedOf(store, entry.id), { missing: 'none' })
})

test('without a usable counter the announced size decides, and the run says so', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world, 'gate')
  device.setFault('sizes-zero-count', 'on')
  await world.run((await world.engine()).syncOnce({}, NEVER))
  const [run] = await (await world.store()).punches.runs({ deviceId: entry.id, limit: 1 })
  assert.deepEqual([run?.status, run?.countProof, run?.received], ['ok', 'announced-size', 30])
})

test('the proven layout, transport, identity and people are remembered', async () => {
  await using world = new World({ seed: 1 })
  const device = world.attach({ seed: 1, host: 'gate', transports: 'udp', layout: '49', records: 30 })
  const entry = await world.add('gate', 'auto')
  await world.run((await world.engine()).syncOnce({}, NEVER))
  const store = await world.store()
  const known = await store.devices.get(entry.id)
  assert.equal(known.provenTransport, 'udp')
  assert.equal(known.serialNumber, device.serialNumber)
  assert.equal((await store.punches.checkpoint(entry.id))?.layout, '49')
  const people = await store.people.spans(entry.id)
  const byId = (a: { userId: string }, b: { userId: string }) => (a.userId < b.userId ? -1 : 1)
  assert.deepEqual(
    people.map(({ uid, userId, name }) => ({ uid, userId, name })).sort(byId),
    device.users
      .list()
      .map(({ uid, userId, name }) => ({ uid, userId, name }))
      .sort(byId),
  )
})

test('an abort in the middle of a read says goodbye to the device and leaves the truth behind', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world, 'gate', { records: 5_000 })
  device.setFault('slow-20kb', 'on')
  const stop = new AbortController()
  const polling = (await world.engine()).run({ intervalMs: 30_000 }, stop.signal)
  await world.run(world.clock.sleep(4_000))
  const abortedAtMs = world.clock.monotonicMs()
  stop.abort()
  await world.run(polling)
  assert(world.clock.monotonicMs() - abortedAtMs < 5_000)
  assert.equal(world.network.openLinks, 0)
  const [run] = await (await world.store()).punches.runs({ deviceId: entry.id, limit: 1 })
  assert.deepEqual([run?.status, run?.error?.code], ['failed', 'RUN_INTERRUPTED'])
  assert(!world.events.some(event => event.event === 'device.failed'), 'to be stopped is no failure')
  assert.equal((await (await world.store()).devices.get(entry.id)).lastError, null)
  assert.equal(device.stats.sessionsWithoutExit, 0)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { assertTruth, storedOf } from '../../test/simulation/truth.ts'
import { World } from '../../test/simulation/world.ts'
import { RollcallError } from '../base/errors.ts'
import { LEASE_TTL_MS } from './lease-keeper.ts'

const NEVER = new AbortController().signal

async function attach(world: World) {
  const device = world.attach({ seed: 1, host: 'gate', transports: 'tcp', records: 30 })
  return { device, entry: await world.add('gate', 'tcp') }
}

test('one device is synced, and no other', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world)
  world.attach({ seed: 2, host: 'yard', transports: 'tcp', records: 30 })
  await world.add('yard', 'tcp')
  const engine = await world.engine()
  assert.equal(await world.run(engine.syncDevice(entry.id, NEVER)), 'synced')
  assertTruth(device, await storedOf(await world.store(), entry.id), { missing: 'none' })
  assert.deepEqual(
    world.events.filter(event => event.event === 'device.synced').map(event => event.deviceId),
    [entry.id],
  )
})

test('a device that another process is reading is left to it', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world)
  device.setFault('slow-prepare', 'on')
  const engines = [await world.engine({ dead: 'none' }), await world.engine({ dead: 'none' })]
  const ends = await world.run(Promise.all(engines.map(engine => engine.syncDevice(entry.id, NEVER))))
  assert.deepEqual(ends.toSorted(), ['held', 'synced'])
  assert.equal(device.stats.maxOpenConnections, 1)
  assert.equal(world.events.filter(event => event.event === 'device.waiting').length, 1)
})

test('a device whose reader vanished on another machine is synced once its lease is over', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world)
  const engine = await world.engine({ dead: 'none' })
  const { leases } = await world.store()
  await leases.acquire({ deviceId: entry.id, holder: 'gone', ttlMs: LEASE_TTL_MS, isDead: () => false })
  await world.run(world.clock.sleep(LEASE_TTL_MS / 4))
  assert.equal(await world.run(engine.syncDevice(entry.id, NEVER)), 'held')
  await world.run(world.clock.sleep(LEASE_TTL_MS / 4))
  assert.equal(await world.run(engine.syncDevice(entry.id, NEVER)), 'synced')
  assertTruth(device, await storedOf(await world.store(), entry.id), { missing: 'none' })
})

test('a device that was disabled or removed is nothing to do', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world)
  const engine = await world.engine()
  const { devices } = await world.store()
  await devices.edit(entry.id, { isActive: false })
  assert.equal(await world.run(engine.syncDevice(entry.id, NEVER)), 'inactive')
  await devices.remove(entry.id)
  assert.equal(await world.run(engine.syncDevice(entry.id, NEVER)), 'inactive')
  assert.equal(device.stats.sessions, 0)
  assert.deepEqual(world.events, [])
})

test('a device that is removed while it fails is nothing to do either', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world)
  device.setFault('never-answers', 'on')
  const engine = await world.engine()
  const syncing = engine.syncDevice(entry.id, NEVER)
  await world.run(world.clock.sleep(100))
  await (await world.store()).devices.remove(entry.id)
  assert.equal(await world.run(syncing), 'inactive')
})

test('a run that failed is told and thrown, each time', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world)
  device.setFault('refuses-connection', 'on')
  const engine = await world.engine()
  for (let tries = 1; tries <= 2; tries++) {
    await assert.rejects(
      world.run(engine.syncDevice(entry.id, NEVER)),
      (error: unknown) => error instanceof RollcallError && error.code === 'CONNECTION_REFUSED',
    )
    assert.equal(world.events.filter(event => event.event === 'device.failed').length, tries)
  }
  device.clearFaults()
  assert.equal(await world.run(engine.syncDevice(entry.id, NEVER)), 'synced')
  const told = world.events.map(event => event.event).filter(name => name === 'device.down' || name === 'device.up')
  assert.deepEqual(told, ['device.down', 'device.up'])
})

test('a run that is to end says goodbye, and fails with the reason', async () => {
  await using world = new World({ seed: 1 })
  const { device, entry } = await attach(world)
  device.setFault('slow-prepare', 'on')
  const stop = new AbortController()
  const engine = await world.engine()
  const syncing = engine.syncDevice(entry.id, stop.signal)
  syncing.catch(() => {})
  await world.run(world.clock.sleep(500))
  stop.abort(new Error('given back'))
  await assert.rejects(world.run(syncing), /given back/)
  assert.equal(device.stats.sessionsWithoutExit, 0)
  assert(!world.events.some(event => event.event === 'device.failed'))
})

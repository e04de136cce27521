import assert from 'node:assert/strict'
import { test } from 'vitest'
import { storedOf } from '../../test/simulation/truth.ts'
import { World } from '../../test/simulation/world.ts'

const SECOND_MS = 1_000

for (const end of ['the line breaks', 'Rollcall ends'] as const) {
  test(`what was told during a look at the device is stored, though ${end} before it is done and the log is cleared`, async () => {
    await using world = new World({ seed: 1 })
    const device = world.attach({ seed: 1, host: 'gate', transports: 'tcp', records: 30 })
    const { id } = await world.add('gate', 'tcp')
    const store = await world.store()
    await store.devices.edit(id, { isLive: true })
    const stop = new AbortController()
    const listening = (await world.engine()).run({ intervalMs: 60 * SECOND_MS }, stop.signal)
    await world.run(world.clock.sleep(5 * SECOND_MS))
    assert(world.events.some(({ event }) => event === 'device.listening'))

    // After half a minute of silence the counter is asked, and that question is lost: its answer is waited for.
    world.wire.failAt(1, 'lost')
    await world.run(world.clock.sleep(30 * SECOND_MS))
    const told = device.punchBySomebody()
    await world.run(world.clock.sleep(SECOND_MS))
    assert.equal((await storedOf(store, id)).logs.length, 30, 'a look at the device is under way')
    device.clearLog()
    if (end === 'the line breaks') world.network.cutConnections(device)
    else stop.abort(new Error('ended'))
    await world.run(world.clock.sleep(3 * SECOND_MS))

    const { logs } = await storedOf(store, id)
    assert(
      logs.some(log => log.source === 'live' && log.localTime === told?.localTime && log.deviceUserId === told.userId),
    )
    stop.abort()
    await world.run(listening)
    assert.equal(world.network.openLinks, 0)
  })
}

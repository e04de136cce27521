import assert from 'node:assert/strict'
import { test } from 'vitest'
import { describeOnServers } from '../servers/describe-on-servers.ts'
import { QueueSite } from './queue-site.ts'

const DEVICES = 50
const RECORDS = 200
const PUNCHES_EACH = 20
/** A read takes as long as to be met by another process that wants the same device. */
const PACKET_PAUSE_MS = 5
/** For machines that others use too. */
const SYNCED_MS_MAX = 100_000
/** Each device is in the hands of two or three of the pollers; single passes go over all of them. */
const POLLED = [
  [1, 30],
  [16, 45],
  [26, 50],
] as const

describeOnServers('four processes on one database', ({ server }) => {
  test('fifty devices in overlapping hands: every punch once, and none ever sees two at a time', async () => {
    const url = server().url(await server().createDatabase())
    await using site = await QueueSite.open({ DATABASE_URL: url })
    await site.addDevices(DEVICES, { seed: 0x7e57, records: RECORDS, packetPauseMs: PACKET_PAUSE_MS })
    const pollers = POLLED.map(([first, last]) => {
      const ids = site.devices.slice(first - 1, last).flatMap(({ id }) => ['--device-id', String(id)])
      return site.start('attendance:sync', '--interval', '1', ...ids)
    })
    let punched = 0
    let isDone = false
    const makePasses = async () => {
      let count = 0
      for (; !isDone; count++) await site.run('attendance:sync', '--once')
      return count
    }
    const everyPunch = site.until('every punch', SYNCED_MS_MAX, async () => {
      for (const { child, output } of pollers) assert.equal(child.exitCode ?? child.signalCode, null, output)
      if (punched < PUNCHES_EACH) {
        punched++
        for (const { device } of site.devices) device.punchBySomebody()
      }
      return punched === PUNCHES_EACH && (await site.rollcall.store.logs.count({})) >= site.truth()
    })
    const [passes] = await Promise.all([makePasses(), everyPunch.finally(() => (isDone = true))])
    assert(passes > 0)
    // One may have found all of its devices in other hands so far.
    const hasSynced = ({ output }: { output: string }) => /^✓ Gate \d+ - \d+ new log\(s\) synced$/m.test(output)
    await site.until('a sync by each of them', SYNCED_MS_MAX, () => pollers.every(hasSynced))
    await Promise.all(pollers.map(poller => poller.stop()))
    assert.equal(await site.assertPunches({ missing: 'none' }), site.truth())
    site.assertOneAtATime()
  })
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { mayTest, SERVERS, type ServerName, startServer, TEST_PASSWORD_SIGN } from '../servers/recipes.ts'
import { databaseOutages } from './database-outages.ts'
import { QueueSite } from './queue-site.ts'

const TOLD_MS_MAX = 30_000

for (const server of Object.keys(SERVERS) as ServerName[]) {
  const what = `the server is stopped in the middle of a sync (${server}; npm run outage-test has 20 rounds of 10 s)`
  test.skipIf(!mayTest(server, 'outages of the database'))(what, async () => {
    const options = { server, rounds: 2, devices: 5, awayMs: 1_500, seed: 0x7e57 }
    const report = await databaseOutages({ ...options, tell: () => {} })
    assert(report.rounds === 2 && report.rows > 5 * 300, JSON.stringify(report))
  })

  test.skipIf(!mayTest(server, 'a start before the database'))(
    `a service may start before ${server} does`,
    async () => {
      await using running = await startServer(server)
      await using site = await QueueSite.open({ DATABASE_URL: running.url(await running.createDatabase()) })
      await site.addDevices(1, { seed: 1, records: 50 })
      await running.stop()

      const once = site.start('attendance:count')
      assert.equal(await once.ended(), 1)
      assert.match(once.output, /cannot be reached.*\n {2}Check that the server of DATABASE_URL runs/)

      const ended = site.start('attendance:sync', '--interval', '1')
      await site.until('a word that it waits', TOLD_MS_MAX, () => /^✗ Database - .* \(waiting/m.test(ended.output))
      await ended.stop()

      const processes = ['attendance:sync', 'queue:work', 'attendance:live-sync'].map(command => site.start(command))
      for (const process of processes)
        await site.until('a word that it waits', TOLD_MS_MAX, () => /^✗ Database - /m.test(process.output))
      await running.start()
      for (const process of processes)
        await site.until('a word on its end', TOLD_MS_MAX, () => /^✓ Database - back after/m.test(process.output))
      await site.until('every punch', TOLD_MS_MAX, async () => (await site.assertPunches({ missing: 'some' })) === 50)
      await Promise.all(processes.map(process => process.stop()))
      for (const { output } of [once, ended, ...processes]) assert(!output.includes(TEST_PASSWORD_SIGN))
    },
  )
}

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { mayTest, SERVERS, type ServerName } from '../servers/recipes.ts'
import { databaseOutages } from './database-outages.ts'

for (const server of Object.keys(SERVERS) as ServerName[]) {
  const what = `the server is stopped in the middle of a sync (${server}; npm run outage-test has 20 rounds of 10 s)`
  test.skipIf(!mayTest(server, 'outages of the database'))(what, async () => {
    const options = { server, rounds: 2, devices: 5, awayMs: 1_500, seed: 0x7e57 }
    const report = await databaseOutages({ ...options, tell: () => {} })
    assert(report.rounds === 2 && report.rows > 5 * 300, JSON.stringify(report))
  })
}

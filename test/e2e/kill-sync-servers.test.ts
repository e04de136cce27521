import assert from 'node:assert/strict'
import { test } from 'vitest'
import { describeOnServers } from '../servers/describe-on-servers.ts'
import { killSync } from './kill-sync.ts'

describeOnServers('kill -9 of a sync', ({ server }) => {
  test('at random moments, then one more sync: every punch once (more of them: npm run kill-test -- --engine)', async () => {
    const database = async () => server().url(await server().createDatabase())
    const report = await killSync({ kills: 4, seed: 0x7e57, database, tell: () => {} })
    assert.equal(report.killed + report.ended, 4)
    assert(report.killed > 0 && report.rows > 0)
  })
})

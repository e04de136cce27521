import assert from 'node:assert/strict'
import { test } from 'vitest'
import { killSync } from './kill-sync.ts'

test('kill -9 at random moments, then one more sync: every punch once (200 of them: npm run kill-test)', async () => {
  const report = await killSync({ kills: 8, seed: 0x7e57, tell: () => {} })
  assert.equal(report.killed + report.ended, 8)
  assert(report.killed > 0 && report.rows > 0)
})

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { syncReplayed, syncVirtual } from './scene.ts'
import { readTrace, TRACE_FOLDER, traceNames, VIRTUAL_TRACES } from './vectors.ts'

describe('every trace of test/vectors/traces, played back, is synced to the rows beside it', () => {
  test.each(traceNames())('%s', async name => {
    const path = join(TRACE_FOLDER, `${name}.rows.json`)
    assert(existsSync(path), `no rows yet: npm run adopt-trace -- test/vectors/traces/${name}.jsonl`)
    assert.deepEqual(await syncReplayed(readTrace(name)), JSON.parse(readFileSync(path, 'utf8')))
  })
})

describe('a trace of a virtual device, played back, is synced to the same rows as the device itself', () => {
  test.each(Object.entries(VIRTUAL_TRACES))('%s', async (name, scene) => {
    const { outcome } = await syncVirtual(scene)
    assert.equal(outcome.error_code, null)
    assert.equal(outcome.attendance_logs.length, scene.records)
    assert.deepEqual(await syncReplayed(readTrace(name)), outcome)
  })
})

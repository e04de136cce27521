import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { SyncRunJson } from '../../api/types.ts'
import { durationMs, hasCounts, proofOf, stateOf } from './run-facts.ts'

const RUN = {
  status: 'ok',
  started_at: '2026-01-01T00:00:00.000Z',
  finished_at: '2026-01-01T00:00:01.500Z',
  count_proof: 'counter',
  records_on_device: 500,
  counter_before: 499,
  counter_after: 500,
} as Partial<SyncRunJson> as SyncRunJson

test('a run without an end is open, whatever its status', () => {
  assert.equal(stateOf(RUN), 'ok')
  assert.equal(stateOf({ ...RUN, status: 'failed' }), 'failed')
  assert.equal(stateOf({ ...RUN, finished_at: null }), 'open')
})

test('how long it took', () => {
  assert.equal(durationMs(RUN), 1500)
  assert.equal(durationMs({ ...RUN, finished_at: null }), null)
  assert.equal(durationMs({ ...RUN, finished_at: '2025-12-31T23:59:59.000Z' }), 0, 'a clock that was set back')
})

test('a proof by the counter has the counts around the read', () => {
  assert.deepEqual(proofOf(RUN), { kind: 'counter', records: 500, before: 499, after: 500 })
})

test('what is not told is no number of its own', () => {
  const untold = { ...RUN, count_proof: null, records_on_device: null, counter_before: null, counter_after: null }
  assert.deepEqual(proofOf(untold), { kind: 'none', records: 0, before: 0, after: 0 })
  const announced = { ...RUN, count_proof: 'announced-size', counter_before: null, counter_after: null } as const
  assert.deepEqual(proofOf(announced), { kind: 'announced-size', records: 500, before: 500, after: 500 })
})

test('counts are shown where something was counted', () => {
  assert.equal(hasCounts({ ...RUN, received: 5, status: 'failed' }), true)
  assert.equal(hasCounts({ ...RUN, received: 0, mode: 'full' }), true, 'the log was empty')
  assert.equal(hasCounts({ ...RUN, received: 0, mode: 'unchanged' }), false)
  assert.equal(hasCounts({ ...RUN, received: 0, mode: 'full', status: 'failed' }), false)
})

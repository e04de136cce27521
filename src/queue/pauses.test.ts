import assert from 'node:assert/strict'
import { test } from 'vitest'
import { seededRandom } from '../base/random.ts'
import { JOB_PAUSES_MS, JOB_TRIES } from '../model/job-queue.ts'
import { pauseAfterMs } from './pauses.ts'

test('the pauses of the model stand between its tries', () => {
  assert.equal(JOB_PAUSES_MS.length, JOB_TRIES - 1)
})

test('a pause is its time give or take a fifth, and there is none after the last try', () => {
  assert.equal(pauseAfterMs(1, JOB_PAUSES_MS, { float: () => 0 }), 8_000)
  assert.equal(pauseAfterMs(1, JOB_PAUSES_MS, { float: () => 0.5 }), 10_000)
  assert.equal(pauseAfterMs(2, JOB_PAUSES_MS, { float: () => 1 }), 36_000)
  assert.equal(pauseAfterMs(3, JOB_PAUSES_MS, { float: () => 0.5 }), null)
  const random = seededRandom(1)
  const drawn = new Set(Array.from({ length: 20 }, () => pauseAfterMs(1, JOB_PAUSES_MS, random)))
  assert(drawn.size > 15)
})

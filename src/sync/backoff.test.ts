import assert from 'node:assert/strict'
import { test } from 'vitest'
import { DeviceError } from '../base/errors.ts'
import { seededRandom } from '../base/random.ts'
import { BACKOFF_MS_MAX, backoffMs } from './backoff.ts'

const MIDDLE = { ...seededRandom(1), float: () => 0.5 }
const BUSY = new DeviceError('DEVICE_BUSY', 'busy')
const REFUSED = new DeviceError('COMM_KEY_REFUSED', 'refused')

const CASES = [
  { error: BUSY, failuresInRow: 1, intervalMs: 30_000, ms: 30_000 },
  { error: BUSY, failuresInRow: 2, intervalMs: 30_000, ms: 60_000 },
  { error: BUSY, failuresInRow: 4, intervalMs: 30_000, ms: 240_000 },
  { error: BUSY, failuresInRow: 6, intervalMs: 30_000, ms: BACKOFF_MS_MAX },
  { error: BUSY, failuresInRow: 5_000, intervalMs: 30_000, ms: BACKOFF_MS_MAX },
  { error: BUSY, failuresInRow: 1, intervalMs: 1_000, ms: 5_000 },
  { error: REFUSED, failuresInRow: 1, intervalMs: 30_000, ms: BACKOFF_MS_MAX },
]
for (const { ms, ...failure } of CASES) {
  const { error, failuresInRow, intervalMs } = failure
  test(`failure ${failuresInRow} in a row with ${error.code}, every ${intervalMs} ms: again in ${ms} ms`, () => {
    assert.equal(backoffMs(failure, MIDDLE), ms)
  })
}

test('tries are spread by a fifth each way', () => {
  const random = seededRandom(0x7e57)
  const waits = Array.from({ length: 500 }, () =>
    backoffMs({ error: BUSY, failuresInRow: 1, intervalMs: 100_000 }, random),
  )
  assert(Math.min(...waits) >= 80_000 && Math.max(...waits) <= 120_000)
  assert(Math.max(...waits) - Math.min(...waits) > 30_000)
})

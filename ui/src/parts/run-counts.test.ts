import { expect, test } from 'vitest'
import { type Beat, beatAt, countRuns } from './run-counts.ts'

const beat = (state: Beat['state'], inserted: number): Beat => ({
  run_id: 1,
  state,
  started_at: '2026-03-02T08:00:00.000Z',
  inserted,
  error_code: null,
})

test('runs are counted by how they ended, and what they brought is added up', () => {
  const beats = [beat('ok', 3), beat('failed', 0), beat('ok', 4), beat('running', 1)]
  expect(countRuns(beats)).toEqual({ ok: 2, failed: 1, interrupted: 0, running: 1, inserted: 8 })
  expect(countRuns([])).toEqual({ ok: 0, failed: 0, interrupted: 0, running: 0, inserted: 0 })
})

test.each([
  { share: 0, count: 4, at: 0 },
  { share: 0.24, count: 4, at: 0 },
  { share: 0.25, count: 4, at: 1 },
  { share: 1, count: 4, at: 3 },
  { share: 1.2, count: 4, at: 3 },
  { share: -0.1, count: 4, at: 0 },
  { share: 0.5, count: 0, at: null },
])('at $share of $count beats lies $at', ({ share, count, at }) => {
  expect(beatAt(share, count)).toBe(at)
})

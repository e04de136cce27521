import assert from 'node:assert/strict'
import { test } from 'vitest'
import { barOf, gapCount, lengthMs, type Stretch } from './stretch-bar.ts'

const HOUR_MS = 3_600_000
const at = (hour: number) => new Date(hour * HOUR_MS).toISOString()

function stretch(kind: Stretch['kind'], from: number, until: number | null): Stretch {
  return { kind, from: at(from), until: until === null ? null : at(until), reason: '', why: null, missing: null }
}

test('pieces are in proportion to their time and fill the bar', () => {
  const bar = barOf([stretch('complete', 0, 30), stretch('gap', 30, 40)], 0)
  assert.deepEqual(
    bar.map(({ percent }) => percent),
    [75, 25],
  )
})

test('a gap that lasts goes on until now', () => {
  const open = stretch('gap', 10, null)
  assert.equal(lengthMs(open, 25 * HOUR_MS), 15 * HOUR_MS)
  assert.equal(lengthMs(open, 5 * HOUR_MS), 0, 'a clock of the browser that is behind')
  const [first, second] = barOf([stretch('complete', 0, 10), open], 20 * HOUR_MS)
  assert.equal(first?.percent, second?.percent)
})

test('a short gap in a long time is seen, and the bar is no wider for it', () => {
  const bar = barOf([stretch('complete', 0, 8000), stretch('gap', 8000, 8001), stretch('complete', 8001, 9000)], 0)
  assert(bar[1] && bar[1].percent > 1)
  assert(Math.abs(bar.reduce((sum, { percent }) => sum + percent, 0) - 100) < 1e-9)
})

test('a single moment fills the bar, and nothing gives none', () => {
  assert.deepEqual(
    barOf([stretch('complete', 5, 5)], 0).map(({ percent }) => percent),
    [100],
  )
  assert.deepEqual(barOf([], 0), [])
})

test('of very many stretches the newest are shown', () => {
  const many = Array.from({ length: 100 }, (_, hour) => stretch(hour % 2 ? 'gap' : 'complete', hour, hour + 1))
  const bar = barOf(many, 0)
  assert.equal(bar.length, 40)
  assert.equal(bar.at(-1)?.key, `gap ${at(99)}`)
  assert.equal(gapCount(many), 50)
})

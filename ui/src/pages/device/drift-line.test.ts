import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { ClockReadingJson } from '../../api/types.ts'
import { driftLine } from './drift-line.ts'

const BOX = { width: 120, height: 60, margin: 10 }

function reading(minute: number, driftS: number, kind: ClockReadingJson['kind'] = 'read'): ClockReadingJson {
  const at = new Date(minute * 60_000).toISOString()
  return { read_at: at, local_time: '2026-01-01 00:00:00', drift_s: driftS, kind }
}

test('too few readings are no line', () => {
  assert.equal(driftLine([], BOX), null)
  assert.equal(driftLine([reading(0, 3)], BOX), null)
})

test('the oldest is at the start, whatever the order; ahead is up', () => {
  const line = driftLine([reading(10, -20), reading(5, 0), reading(0, 20)], BOX)
  assert.equal(line?.points, '10,10 60,30 110,50')
  assert.equal(line?.zeroY, 30)
  assert.deepEqual([line?.leastS, line?.mostS], [-20, 20])
})

test('a clock that is right stays near the line of zero', () => {
  const line = driftLine([reading(0, 0), reading(10, 1)], BOX)
  assert.equal(line?.points, '10,30 110,26')
})

test('zero is in the box of a clock that is far off', () => {
  const line = driftLine([reading(0, 3600), reading(10, 3600)], BOX)
  assert(line && line.zeroY > 49 && line.zeroY <= 50)
})

test('sets are marked where they happened', () => {
  const line = driftLine([reading(0, 40), reading(5, 40, 'set'), reading(10, 0)], BOX)
  assert.deepEqual(
    line?.sets.map(({ x }) => x),
    [60],
  )
})

test('readings of one instant are a line all the same', () => {
  assert.equal(driftLine([reading(0, 1), reading(0, 2)], BOX)?.points.includes('NaN'), false)
})

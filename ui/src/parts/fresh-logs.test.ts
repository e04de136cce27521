import assert from 'node:assert/strict'
import { test } from 'vitest'
import { firstSeen, freshIds } from './fresh-logs.ts'

const rows = (...ids: readonly number[]) => ids.map(id => ({ id }))

test('a punch that comes in is fresh, wherever it stands among those seen first', () => {
  const seen = firstSeen(rows(7, 5, 3))
  assert.deepEqual([...freshIds(rows(9, 7, 8, 5, 3), seen)], [9, 8])
})

test('what was asked for behind the last row is not fresh, even where it was stored later', () => {
  const seen = firstSeen(rows(7, 5, 3))
  assert.deepEqual([...freshIds(rows(7, 5, 3, 11, 2), seen)], [])
})

test('in a list that was empty everything is fresh', () => {
  assert.deepEqual([...freshIds(rows(2, 1), firstSeen([]))], [2, 1])
})

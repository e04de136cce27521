import assert from 'node:assert/strict'
import { test } from 'vitest'
import { chosenOf, toggled } from './chosen.ts'

const rows = (...ids: readonly number[]) => ids.map(id => ({ id }))

test('what is no longer listed is not dismissed with the rest', () => {
  assert.deepEqual(chosenOf(rows(9, 7, 5), new Set([5, 6, 9])), [9, 5])
})

test('no more are chosen than the API takes at once', () => {
  const all = Array.from({ length: 1_200 }, (_, index) => index + 1)
  assert.equal(chosenOf(rows(...all), new Set(all)).length, 1_000)
})

test('choosing twice is not choosing', () => {
  const once = toggled(new Set([1]), 2)
  assert.deepEqual([...once], [1, 2])
  assert.deepEqual([...toggled(once, 2)], [1])
})

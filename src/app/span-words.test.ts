import assert from 'node:assert/strict'
import { test } from 'vitest'
import { agoText, driftText, spanText } from './span-words.ts'

for (const [ms, text] of [
  [0, '0 s'],
  [119_400, '119 s'],
  [120_000, '2 min'],
  [7_199_000, '120 min'],
  [7_200_000, '2 h'],
  [172_799_000, '48 h'],
  [172_800_000, '2 days'],
  [41 * 86_400_000, '41 days'],
] as const)
  test(`${ms} ms are ${text}`, () => assert.equal(spanText(ms), text))

test('how long ago', () => {
  assert.deepEqual(
    [agoText(null, 0), agoText(new Date(1500), 2000), agoText(new Date(5000), 2000), agoText(new Date(0), 60_000)],
    ['never', 'just now', 'just now', '60 s ago'],
  )
})

test('how far a clock is off', () => {
  assert.deepEqual([0, 4, -37, -3600].map(driftText), [
    'right to the second',
    '4 s ahead',
    '37 s behind',
    '60 min behind',
  ])
})

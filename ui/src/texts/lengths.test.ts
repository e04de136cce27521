import assert from 'node:assert/strict'
import { test } from 'vitest'
import { lengthText } from './lengths.ts'

for (const [seconds, words] of [
  [0, '0 seconds'],
  [1, '1 second'],
  [119, '119 seconds'],
  [120, '2 minutes'],
  [7_199, '120 minutes'],
  [7_200, '2 hours'],
  [2 * 86_400, '2 days'],
  [400 * 86_400, '400 days'],
  [-5, '0 seconds'],
] as const)
  test(`${seconds} s are ${words}`, () => {
    assert.equal(lengthText('en', seconds * 1000), words)
  })

test('other languages have their own forms', () => {
  assert.notEqual(lengthText('ar', 2000), lengthText('ar', 3000))
  assert.match(lengthText('ar', 5 * 3_600_000), /ساعات/)
})

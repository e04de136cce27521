import assert from 'node:assert/strict'
import { test } from 'vitest'
import { agoText } from './moments.ts'

const NOW = Date.parse('2026-03-02T08:00:00Z')
const S = 1_000
const MIN = 60 * S
const H = 60 * MIN

test.each([
  [-1 * S, null],
  [-2 * S, '2 seconds ago'],
  [-119 * S, '119 seconds ago'],
  [-2 * MIN, '2 minutes ago'],
  [-119 * MIN, '119 minutes ago'],
  [-2 * H, '2 hours ago'],
  [-47 * H, '47 hours ago'],
  [-48 * H, '2 days ago'],
  [-400 * 24 * H, '400 days ago'],
  [5 * MIN, 'in 5 minutes'],
])('%d ms from now is %j', (ms, expected) => {
  assert.equal(agoText('en', NOW + ms, NOW), expected)
})

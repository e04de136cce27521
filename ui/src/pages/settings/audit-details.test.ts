import assert from 'node:assert/strict'
import { test } from 'vitest'
import { detailLines } from './audit-details.ts'

test('details on lines, whatever their values are', () => {
  const details = { role: 'admin', is_disabled: false, log: null, ids: [3, 4], deep: { a: 1 } }
  assert.deepEqual(detailLines(details), [
    'role: admin',
    'is_disabled: false',
    'log: null',
    'ids: 3, 4',
    'deep: {"a":1}',
  ])
})

test('of a thousand ids some are shown, and how many more there are', () => {
  const [line] = detailLines({ ids: Array.from({ length: 1_000 }, (_, index) => index) })
  assert.match(line ?? '', /^ids: 0, 1, .*, 19, … \+980$/)
})

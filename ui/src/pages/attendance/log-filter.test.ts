import assert from 'node:assert/strict'
import { test } from 'vitest'
import { exportAddress, filterOf, isFiltered } from './log-filter.ts'

test('an export has the filters of the address, and not the log that is explained', () => {
  const filter = filterOf({ device: [1, 3], user: '007', since: '2026-11-22T00:00:00.000Z', explain: 5 })
  assert.equal(
    exportAddress('csv', filter),
    '/api/v1/attendance-logs/export?format=csv&device_id=1&device_id=3&user=007&since=2026-11-22T00%3A00%3A00.000Z',
  )
})

test('what is explained filters nothing', () => {
  assert.equal(isFiltered(filterOf({ explain: 5 })), false)
  assert.equal(isFiltered(filterOf({ user: '0' })), true)
})

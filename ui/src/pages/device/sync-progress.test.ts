import assert from 'node:assert/strict'
import { test } from 'vitest'
import { percentOf } from './sync-progress.ts'

const NONE = { device_id: 1, bytes_received: 0, bytes_total: 0, records_received: 0, records_total: 0 }

test('records tell how much is done, bytes where records are not known yet', () => {
  assert.equal(percentOf(NONE), null)
  assert.equal(percentOf({ ...NONE, bytes_received: 10, bytes_total: 40 }), 25)
  assert.equal(percentOf({ ...NONE, bytes_total: 40, bytes_received: 40, records_received: 1, records_total: 3 }), 33)
})

test('more than was announced is no more than all', () => {
  assert.equal(percentOf({ ...NONE, records_received: 5, records_total: 4 }), 100)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { attendanceSearch, devicesSearch, signInSearch } from './search.ts'

test.each([
  ['/devices/3?x=1', '/devices/3?x=1'],
  ['//elsewhere.example', undefined],
  ['/\\elsewhere.example', undefined],
  ['https://elsewhere.example', undefined],
  [7, undefined],
])('after signing in %j leads to %j', (next, expected) => {
  assert.equal(signInSearch({ next }).next, expected)
})

test('what does not fit is left out', () => {
  assert.deepEqual(devicesSearch({ state: 'down', q: '', sort: 'colour', down: 'yes', tag: 5 }), {
    state: 'down',
    tag: '5',
  })
  assert.deepEqual(attendanceSearch({ device: [1, 'x', -2], user: 7, since: 'then', until: '2026-01-01T00:00:00Z' }), {
    device: [1],
    user: '7',
    until: '2026-01-01T00:00:00Z',
  })
  assert.deepEqual(attendanceSearch({ device: 3, explain: 1.5 }), { device: [3] })
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { AttendanceLogJson, DeviceDetailJson, DeviceStandingJson, OverviewJson } from '../api/types.ts'
import { countPunch, insertLog, isIn, type LogPages, tellDetail, tellPunch } from './patch-cache.ts'

function log(id: number, punchedAt: string, rest: Partial<AttendanceLogJson> = {}): AttendanceLogJson {
  return { id, device_id: 1, device_user_id: '7', punched_at: punchedAt, ...rest } as AttendanceLogJson
}

function pages(...lists: Array<{ data: AttendanceLogJson[]; next: string | null }>): LogPages {
  return {
    pages: lists.map(({ data, next }) => ({ data, next_cursor: next })),
    pageParams: lists.map(() => null),
  }
}

const idsOf = (list: LogPages | null) => list?.pages.map(page => page.data.map(({ id }) => id))

const T1 = '2026-03-02T08:00:00.000Z'
const T2 = '2026-03-02T08:01:00.000Z'
const T3 = '2026-03-02T08:02:00.000Z'

test('a punch goes to its place: in front, between, and of one second by id', () => {
  const list = pages({ data: [log(3, T3), log(1, T1)], next: null })
  assert.deepEqual(idsOf(insertLog(list, log(4, '2026-03-02T08:03:00.000Z'))), [[4, 3, 1]])
  assert.deepEqual(idsOf(insertLog(list, log(4, T2))), [[3, 4, 1]])
  assert.deepEqual(idsOf(insertLog(list, log(4, T3))), [[4, 3, 1]])
  assert.deepEqual(idsOf(insertLog(list, log(2, T3))), [[3, 2, 1]])
})

test('a punch that is there already changes nothing, also where it was told twice', () => {
  const list = pages({ data: [log(3, T3)], next: 'a' }, { data: [log(1, T1)], next: null })
  assert.equal(insertLog(list, log(3, T3)), list)
  assert.equal(insertLog(list, log(1, T1)), list)
})

test('the oldest of all is put at the end only where the end is loaded', () => {
  const old = log(9, '2020-01-01T00:00:00.000Z')
  assert.deepEqual(idsOf(insertLog(pages({ data: [log(3, T3)], next: null }), old)), [[3, 9]])
  assert.deepEqual(idsOf(insertLog(pages({ data: [log(3, T3)], next: 'more' }), old)), [[3]])
  assert.deepEqual(idsOf(insertLog(pages({ data: [], next: null }), old)), [[9]])
})

test('a punch between two pages goes to the second one', () => {
  const list = pages({ data: [log(3, T3)], next: 'a' }, { data: [log(1, T1)], next: 'b' })
  assert.deepEqual(idsOf(insertLog(list, log(2, T2))), [[3], [2, 1]])
})

test('a list that has grown by a thousand is read anew', () => {
  const many = Array.from({ length: 1_050 }, (_, index) => log(2_000 - index, T2))
  assert.equal(insertLog(pages({ data: many, next: null }), log(9_999, T3)), null)
})

test('a list of which somebody has opened a thousand is not: it would be as long again', () => {
  const opened = Array.from({ length: 30 }, (_, page) => ({
    data: Array.from({ length: 50 }, (_, index) => log(2_000 - 50 * page - index, T2)),
    next: 'more',
  }))
  const grown = idsOf(insertLog(pages(...opened), log(9_999, T3)))
  assert.deepEqual(grown?.[0]?.slice(0, 2), [9_999, 2_000])
})

test.each([
  [{}, true],
  [{ device_id: [1, 2] }, true],
  [{ device_id: [] }, true],
  [{ device_id: [2] }, false],
  [{ user: '7' }, true],
  [{ user: '007' }, false],
  [{ since: T2, until: T2 }, true],
  [{ since: T3 }, false],
  [{ until: T1 }, false],
])('a list with the filter %j holds it: %j', (filter, expected) => {
  assert.equal(isIn(filter, log(1, T2)), expected)
})

function overview(): OverviewJson {
  const hours = [0, 1, 2].map(hour => ({ from: `2026-03-02T0${hour + 5}:00:00.000Z`, punches: hour }))
  return { today: { timezone: 'UTC', date: '2026-03-02', punches: 3, hours } } as OverviewJson
}

test('a punch is counted in its hour, and one of another day in none', () => {
  const counted = countPunch(overview(), log(1, '2026-03-02T06:59:59.000Z'))
  assert.deepEqual(
    counted.today.hours.map(({ punches }) => punches),
    [0, 2, 2],
  )
  assert.equal(counted.today.punches, 4)
  for (const at of ['2026-03-02T04:59:59.000Z', '2026-03-02T08:00:00.000Z'])
    assert.deepEqual(countPunch(overview(), log(1, at)), overview())
})

test('the last punch of a device only ever gets newer', () => {
  const standing = (last: string | null) => [{ device: { id: 1 }, last_punch_at: last }] as DeviceStandingJson[]
  assert.equal(tellPunch(standing(null), log(1, T1))[0]?.last_punch_at, T1)
  assert.equal(tellPunch(standing(T1), log(1, T2))[0]?.last_punch_at, T2)
  assert.equal(tellPunch(standing(T3), log(1, T2))[0]?.last_punch_at, T3)
  assert.equal(tellPunch(standing(T1), log(1, T2, { device_id: 2 }))[0]?.last_punch_at, T1)
})

test('a device that is looked at has one punch more, and perhaps a newer one', () => {
  const detail = { device: { id: 1 }, last_punch_at: T2, attendance_logs: 5 } as DeviceDetailJson
  assert.deepEqual(tellDetail(detail, log(1, T3)), { ...detail, last_punch_at: T3, attendance_logs: 6 })
  assert.deepEqual(tellDetail(detail, log(1, T1)), { ...detail, attendance_logs: 6 })
})

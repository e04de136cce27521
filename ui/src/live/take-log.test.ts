import assert from 'node:assert/strict'
import { QueryClient } from '@tanstack/react-query'
import { test } from 'vitest'
import { logsQuery, overviewQuery } from '../api/resources.ts'
import type { AttendanceLogJson } from '../api/types.ts'
import type { LogPages } from './patch-cache.ts'
import { takeLog } from './take-log.ts'

const log = { id: 7, device_id: 1, device_user_id: '4711', punched_at: '2026-01-05T08:30:00.000Z' } as AttendanceLogJson
const never = () => new Promise<never>(() => {})

function scene() {
  const queries = new QueryClient()
  const wanted: string[] = []
  return { queries, wanted, take: () => takeLog(log, { queries, want: key => void wanted.push(key) }) }
}

function pages(...data: AttendanceLogJson[]): LogPages {
  return { pages: [{ data, next_cursor: null }], pageParams: [null] }
}

function idsIn(queries: QueryClient, filter: Parameters<typeof logsQuery>[0]) {
  const list = queries.getQueryData<LogPages>(logsQuery(filter).queryKey)
  return list?.pages.flatMap(page => page.data.map(({ id }) => id))
}

test('a punch stands in each list that holds it, and the server is not asked', () => {
  const { queries, wanted, take } = scene()
  queries.setQueryData(logsQuery({}).queryKey, pages())
  queries.setQueryData(logsQuery({ device_id: [2] }).queryKey, pages())
  take()
  assert.deepEqual([idsIn(queries, {}), idsIn(queries, { device_id: [2] })], [[7], []])
  assert.deepEqual(wanted, [])
})

test('a list whose first answer is under way is read anew: the answer may be older than the punch', () => {
  const { queries, wanted, take } = scene()
  void queries.fetchInfiniteQuery({ ...logsQuery({}), queryFn: never })
  take()
  assert.deepEqual(wanted, ['logs'])
})

test('so is a list that is being read again; it shows the punch meanwhile', () => {
  const { queries, wanted, take } = scene()
  queries.setQueryData(logsQuery({}).queryKey, pages())
  void queries.fetchInfiniteQuery({ ...logsQuery({}), queryFn: never })
  take()
  assert.deepEqual([idsIn(queries, {}), wanted], [[7], ['logs']])
})

test('counts that are under way are read anew as well, and lists that nobody has asked for are not', () => {
  const { queries, wanted, take } = scene()
  void queries.fetchQuery({ ...overviewQuery, queryFn: never })
  take()
  assert.deepEqual(wanted, ['overview'])
})

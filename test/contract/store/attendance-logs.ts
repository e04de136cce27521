import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { AttendanceLog } from '../../../src/model/punch.ts'
import type { LogFilter, Store } from '../../../src/model/store.ts'
import {
  batchOf,
  freshStores,
  manyPunches,
  type OpenStore,
  punch,
  rejectsWith,
  startRun,
  storedPunches,
} from './fixture.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000)

export function attendanceLogsContract(open: OpenStore): void {
  describe('attendance logs', () => {
    const under = freshStores(open)

    /** Two devices, four users, forty seconds; equal instants within a device and across both. */
    async function fillTwoDevices(store: Store): Promise<[number, number, AttendanceLog[]]> {
      const [a, b] = [await startRun(store), await startRun(store)]
      for (const [i, run] of [a, b, a, b].entries()) {
        const punches = Array.from({ length: 20 }, (_, k) => punch(String((k + i) % 4), ((k * 7) % 10) + i * 10))
        await store.punches.commit(batchOf(run, { punches: [...punches, punch('late', 5), punch('early', 5)] }))
      }
      const all: AttendanceLog[] = []
      for await (const log of store.logs.scan({})) all.push(log)
      return [a.device.id, b.device.id, all]
    }

    /** What the filter means, said once more in plain words. */
    function matches(filter: LogFilter, log: AttendanceLog): boolean {
      return (
        (!filter.deviceIds || filter.deviceIds.includes(log.deviceId)) &&
        (filter.user === undefined || filter.user === log.deviceUserId) &&
        (!filter.since || log.punchedAt >= filter.since.toISOString()) &&
        (!filter.until || log.punchedAt <= filter.until.toISOString())
      )
    }
    const newestFirst = (x: AttendanceLog, y: AttendanceLog) =>
      Date.parse(y.punchedAt) - Date.parse(x.punchedAt) || y.id - x.id

    test('one log comes with the run that brought it', async () => {
      const { store } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: manyPunches(1) }))
      await store.punches.commit({ ...batchOf(run, { punches: [punch('told live', 5)] }), runId: null, source: 'live' })
      const [polled, heard] = await Array.fromAsync(store.logs.scan({}))
      assert(polled && heard)
      const one = await store.logs.get(polled.id)
      assert.deepEqual([one.log, one.run?.id], [polled, run.runId])
      assert.deepEqual(await store.logs.get(heard.id), { log: heard, run: null })
      await rejectsWith('NOT_FOUND', store.logs.get(heard.id + 1))
    })

    test('page, count and scan agree on every filter, and pages of any size join without gap or repeat', async () => {
      const { store } = under
      const [a, b, all] = await fillTwoDevices(store)
      assert.equal(all.length, 84)
      const filters: LogFilter[] = []
      for (const deviceIds of [undefined, [a], [b, a], [999], []])
        for (const user of [undefined, '0', 'late', 'nobody'])
          for (const span of [
            {},
            { since: at(5) },
            { until: at(5) },
            { since: at(5), until: at(25) },
            { since: at(99) },
          ])
            filters.push({ ...(deviceIds && { deviceIds }), ...(user !== undefined && { user }), ...span })
      for (const filter of filters) {
        const expected = all.filter(log => matches(filter, log))
        const said = JSON.stringify(filter)
        assert.equal(await store.logs.count(filter), expected.length, said)
        assert.deepEqual(await scanned(store, filter), expected, said)
        const sorted = expected.toSorted(newestFirst)
        for (const limit of [1, 7, 1000])
          assert.deepEqual(await paged(store, filter, limit), sorted, `${said} by ${limit}`)
      }
    })

    test('new punches above the place of a reader do not disturb the pages below', async () => {
      const { store } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: manyPunches(10) }))
      const [first] = await store.logs.page({}, { limit: 1 })
      assert(first)
      await store.punches.commit(batchOf(run, { punches: manyPunches(10, 10) }))
      const before = { punchedAtMs: Date.parse(first.punchedAt), id: first.id }
      const below = await store.logs.page({}, { limit: 99, before })
      assert.deepEqual(
        below.map(log => log.punchedAt),
        Array.from({ length: 9 }, (_, i) => at(8 - i).toISOString()),
      )
    })

    test('instants are compared to the millisecond, and both ends are included', async () => {
      const { store } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: [punch('1', 1.25), punch('2', 1.5), punch('3', 2)] }))
      assert.equal(await store.logs.count({ since: at(1.25), until: at(1.5) }), 2)
      assert.equal(await store.logs.count({ since: at(1.251), until: at(1.499) }), 0)
    })

    for (const [since, until] of [
      [new Date(8.64e15), new Date(8.64e15)],
      [new Date(-8.64e15), new Date(-8.64e15)],
    ] as const)
      test(`bounds as far off as ${since.getTime()} find nothing and everything`, async () => {
        const { store } = under
        const run = await startRun(store)
        await store.punches.commit(batchOf(run, { punches: manyPunches(3) }))
        const isPast = since.getTime() < 0
        assert.equal(await store.logs.count({ since }), isPast ? 3 : 0)
        assert.equal(await store.logs.count({ until }), isPast ? 0 : 3)
      })

    test('a scan goes through many pages, past gaps, and ends though rows are added to it', async () => {
      const { store } = under
      const gone = await startRun(store)
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: manyPunches(4500) }))
      await store.punches.commit(batchOf(gone, { punches: manyPunches(9000) }))
      await store.punches.commit(batchOf(run, { punches: manyPunches(4500, 4500) }))
      await store.devices.remove(gone.device.id)
      let seen = 0
      let lastId = 0
      for await (const log of store.logs.scan({ deviceIds: [run.device.id] })) {
        assert(log.id > lastId)
        lastId = log.id
        if (seen++ % 1000 === 0) await store.punches.commit(batchOf(run, { punches: manyPunches(1000, 9000 + seen) }))
      }
      assert.equal(seen, 9000)
    })

    test('a scan goes over ids that are gone or were never used', async () => {
      const { store } = under
      const run = await startRun(store)
      const other = await startRun(store)
      // Some engines give an id to each row that they then refuse.
      for (let i = 0; i < 3; i++) await store.punches.commit(batchOf(run, { punches: manyPunches(3000) }))
      await store.punches.commit(batchOf(other, { punches: manyPunches(3000) }))
      await store.devices.remove(other.device.id)
      await store.punches.commit(batchOf(run, { punches: manyPunches(3100) }))
      const stored = await storedPunches(store)
      assert.deepEqual([stored.length, new Set(stored).size], [3100, 3100])
    })

    test('a scan may be left early', async () => {
      const { store } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: manyPunches(10) }))
      for await (const log of store.logs.scan({})) if (log.punchedAt >= at(3).toISOString()) break
      assert.equal((await store.punches.commit(batchOf(run, { punches: [punch('x', 99)] }))).inserted, 1)
    })

    test('an empty database has no logs', async () => {
      const { store } = under
      assert.deepEqual(await store.logs.page({}, { limit: 5 }), [])
      assert.deepEqual(await scanned(store, {}), [])
      assert.equal(await store.logs.count({}), 0)
    })
  })
}

async function scanned(store: Store, filter: LogFilter): Promise<AttendanceLog[]> {
  const logs: AttendanceLog[] = []
  for await (const log of store.logs.scan(filter)) logs.push(log)
  return logs
}

async function paged(store: Store, filter: LogFilter, limit: number): Promise<AttendanceLog[]> {
  const logs: AttendanceLog[] = []
  for (;;) {
    const last = logs.at(-1)
    const before = last && { punchedAtMs: Date.parse(last.punchedAt), id: last.id }
    const page = await store.logs.page(filter, { limit, ...(before && { before }) })
    assert(page.length <= limit)
    logs.push(...page)
    if (page.length < limit) return logs
  }
}

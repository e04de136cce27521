import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { LogFilter, Store } from '../../../src/model/store.ts'
import { openMysqlStore } from '../../../src/store/mysql/open-mysql-store.ts'
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts'
import type { ServerAddress } from '../../../src/store/server-address.ts'
import type { ServerStoreOptions } from '../../../src/store/server-engine.ts'
import type { ProcessServer } from '../../servers/process-server.ts'
import { mayTest, type ServerName, startServer } from '../../servers/recipes.ts'
import { batchOf, punch, type Running, StandingClock, settings, takeLease, turningBox } from './fixture.ts'
import { FILLED, fillMysql, fillPostgres, keyOfRow } from './server-plans-data.ts'
import { mysqlAccesses, mysqlPlan, type Plan, postgresPlan } from './server-plans-explain.ts'

const PAGE_ROWS = 50
const SCAN_STEP_ROWS = 2000
const RETENTION_STEP_ROWS = 500
const RUNS_EACH = 20

/** What plain-sql.test.ts of SQLite asks of its planner, on tables that are large enough for a server to have a choice. */
function plansOn(parts: {
  name: ServerName
  open: (options: ServerStoreOptions) => Promise<Store>
  fill: (address: ServerAddress) => Promise<void>
  planOf: (address: ServerAddress, sql: string, values: readonly unknown[]) => Promise<Plan>
}): void {
  const { name, planOf } = parts
  describe.skipIf(!mayTest(name, `the query plans of ${name}`))(`query plans: ${name}`, () => {
    let server: ProcessServer
    let address: ServerAddress
    let store: Store
    let sent: string[] = []
    beforeAll(async () => {
      server = await startServer(name)
      address = server.address(await server.createDatabase())
      const onStatement = (sql: string) => void sent.push(sql)
      store = await parts.open({ address, clock: new StandingClock(), secrets: turningBox, onStatement })
      for (let i = 0; i < FILLED.devices; i++) await store.devices.add(settings())
      await parts.fill(address)
    })
    afterAll(async () => {
      await store?.[Symbol.asyncDispose]()
      await server?.[Symbol.asyncDispose]()
    })

    /** The statements that `work` sends, each executed once more with values from the middle of the tables. */
    async function plansOf(work: () => Promise<unknown>, limit: number): Promise<Array<Plan & { sql: string }>> {
      sent = []
      await work()
      assert(sent.length > 0)
      const plans: Array<Plan & { sql: string }> = []
      for (const sql of new Set(sent)) plans.push({ sql, ...(await planOf(address, sql, valuesFor(sql, limit))) })
      return plans
    }

    const isOneUserOfDevices = (filter: LogFilter) => filter.user !== undefined && filter.deviceIds !== undefined

    const before = { punchedAtMs: FILLED.dayEnd.getTime(), id: FILLED.middleId }
    for (const filter of filters())
      for (const cursor of [undefined, before])
        test(`a page ${shown(filter)}${cursor ? ', below a cursor' : ''}`, async () => {
          const page = () => store.logs.page(filter, { limit: PAGE_ROWS, ...(cursor && { before: cursor }) })
          for (const plan of await plansOf(page, PAGE_ROWS)) {
            assert(!plan.readsWholeTable, told(plan))
            // Their ids, their rows, and those of the same instant as the cursor. What one person has may be gone through whole.
            const ofUser = isOneUserOfDevices(filter) ? FILLED.rowsOfUserAtMost : 0
            assert(plan.touchedRows <= 2 * PAGE_ROWS + FILLED.rowsOfInstant + ofUser, told(plan))
            assert(plan.sortedRows <= ofUser, told(plan))
          }
        })

    test('a step of a scan goes through its own rows once, and sorts nothing', async () => {
      for (const filter of filters()) {
        const scan = () => store.logs.scan(filter)[Symbol.asyncIterator]().next()
        for (const plan of await plansOf(scan, SCAN_STEP_ROWS)) {
          assert(!plan.readsWholeTable && plan.sortedRows === 0, told(plan))
          assert(plan.touchedRows <= SCAN_STEP_ROWS, told(plan))
        }
      }
    })

    test('a step of a removal begins where the last one ended', async () => {
      const after = { punchedAtMs: FILLED.dayBegin.getTime(), id: FILLED.middleId }
      const survey = () => store.retention.survey({ deviceId: 1, before: FILLED.dayEnd, after })
      const plans = (await plansOf(survey, RETENTION_STEP_ROWS)).filter(plan => /attendance_logs/.test(plan.sql))
      assert.equal(plans.length, 1)
      for (const plan of plans) {
        assert(!plan.readsWholeTable && plan.sortedRows === 0, told(plan))
        assert(plan.touchedRows <= 2 * RETENTION_STEP_ROWS + FILLED.rowsOfInstant, told(plan))
      }
    })

    test('pages of runs and of quarantined records, of all devices and of one', async () => {
      const limit = PAGE_ROWS
      const pages = [
        () => store.punches.runs({ limit }),
        () => store.punches.runs({ deviceId: 1, limit }),
        () => store.punches.quarantine({ limit }),
        () => store.punches.quarantine({ deviceId: 1, limit }),
      ]
      for (const page of pages)
        for (const plan of await plansOf(page, limit)) {
          assert(!plan.readsWholeTable && plan.sortedRows === 0 && plan.touchedRows <= 2 * limit, told(plan))
        }
    })

    test('how devices stand goes through no more rows than it tells of', async () => {
      const ids = Array.from({ length: FILLED.devices }, (_, i) => i + 1)
      const { standings } = store
      const within = { since: FILLED.dayBegin, until: FILLED.dayEnd }
      const day = { from: within.since, until: within.until }
      const asked: Array<{ work: () => Promise<unknown>; limit: number; rows: number }> = [
        // Their ids, and then their rows.
        { work: () => standings.newestRuns(ids, RUNS_EACH), limit: RUNS_EACH, rows: 2 * FILLED.devices * RUNS_EACH },
        { work: () => standings.newestPunches(ids), limit: 1, rows: 2 * FILLED.devices },
        { work: () => standings.punchCounts(ids, within), limit: 0, rows: FILLED.rowsOfDay },
        { work: () => standings.punchesIn([day, day]), limit: 0, rows: 2 * FILLED.rowsOfDay },
      ]
      for (const { work, limit, rows } of asked) {
        const plans = await plansOf(work, limit)
        assert.equal(plans.length, 1)
        for (const plan of plans) {
          assert(!plan.readsWholeTable && plan.touchedRows > 0 && plan.touchedRows <= rows, told(plan))
        }
      }
    })

    if (name === 'MariaDB')
      test('the bulk insert looks up each row by its whole key, not among all rows of the device', async () => {
        const device = await store.devices.get(1)
        const lease = await takeLease(store, 1)
        const run: Running = { device, lease, runId: await store.punches.beginRun(lease, 'full') }
        const rows = Array.from({ length: 500 }, (_, i) => keyOfRow(FILLED.middleId + 1 + 2 * i))
        sent = []
        const punches = rows.map(row => punch(row.userId, 0, row))
        const { inserted } = await store.punches.commit(batchOf(run, { punches }))
        assert.equal(inserted, 0)
        const insert = sent.find(sql => /json_table/.test(sql))
        assert(insert)
        const json = JSON.stringify(
          rows.map(row => [row.userId, '2026-01-01 00:00:00', row.localTime, null, 0, 0, 0, '40', 1, 1]),
        )
        const accesses = await mysqlAccesses(address, insert, [
          ...[1, 'poll', null, '2026-01-01 00:00:00', null],
          ...[Buffer.of(0), json, 1],
        ])
        const known = accesses.find(access => access.table_name === 'known')
        assert.equal(known?.key, 'attendance_logs_punch')
        assert.deepEqual(known?.used_key_parts, ['device_id', 'device_user_id', 'local_time'])
        assert.equal(known?.access_type, 'eq_ref')
      })
  })
}

plansOn({ name: 'PostgreSQL', open: openPostgresStore, fill: fillPostgres, planOf: postgresPlan })
plansOn({ name: 'MariaDB', open: openMysqlStore, fill: fillMysql, planOf: mysqlPlan })

function* filters(): Generator<LogFilter> {
  const since = FILLED.dayBegin
  const until = FILLED.dayEnd
  for (const deviceIds of [undefined, [1], [2], [1, 2]])
    for (const user of [undefined, FILLED.user])
      for (const span of [{}, { since }, { until }, { since, until }])
        yield { ...(deviceIds && { deviceIds }), ...(user && { user }), ...span }
}

function shown(filter: LogFilter): string {
  const { deviceIds, user, since, until } = filter
  const devices = deviceIds ? `of device ${deviceIds.join(' and ')}` : 'of all devices'
  const span = since && until ? ' on a day' : since ? ' since a day' : until ? ' until a day' : ''
  return `${devices}${user === undefined ? '' : ', one user'}${span}`
}

/** Values for the places of a statement, told by what stands before each. */
function valuesFor(sql: string, limit: number): unknown[] {
  const places = Array.from(sql.matchAll(/\$\d+|\?/g), place => sql.slice(0, place.index).replaceAll('`', '"'))
  const instant = (date: Date) => date.toISOString().slice(0, sql.includes('`') ? -1 : undefined)
  let devices = 0
  return places.map(before => {
    if (/limit $/.test(before)) return limit
    if (/"device_id" \+ $/.test(before)) return 0
    if (/"device_user_id" = $/.test(before)) return FILLED.user
    if (/"punched_at" >=? $/.test(before)) return instant(FILLED.dayBegin)
    if (/ device_id = $/.test(before)) return ++devices
    if (/"punched_at" <=? $/.test(before)) return instant(FILLED.dayEnd)
    if (/"id" <= $/.test(before)) return FILLED.middleId + limit
    if (/"id" [<>] $/.test(before)) return FILLED.middleId
    if (/"device_id"\)? (?:= |in \((?:\S+, )*)$/.test(before) || /"device_id" \+ \S+ in \((?:\S+, )?$/.test(before))
      return ++devices
    throw new Error(`no value for the place after ${before}`)
  })
}

function told({ sql, ...plan }: Plan & { sql: string }): string {
  return `${sql}\ntouched ${plan.touchedRows}, sorted ${plan.sortedRows}\n${plan.text}`
}

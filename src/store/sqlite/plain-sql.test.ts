import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { freshFolder } from '../../../test/contract/store/test-database.ts'
import type { Store } from '../../model/store.ts'

/** What other programs, and the planner, find in the file. */
describe('plain SQL', () => {
  const under = freshFolder()

  async function withOnePunch(
    options: Parameters<typeof under.open>[0] = {},
  ): Promise<{ store: Store; deviceId: number }> {
    const store = await under.open(options)
    const settings = { name: 'n', host: 'h', port: 4370, transport: 'auto', timezone: 'UTC', isActive: true } as const
    const { id: deviceId } = await store.devices.add({ ...settings, isLive: false, setsClock: false, commKey: 0 })
    const taken = await store.leases.acquire({ deviceId, holder: 'one', ttlMs: 60_000, isDead: () => false })
    assert('lease' in taken)
    const runId = await store.punches.beginRun(taken.lease, 'full')
    const punch = {
      userId: '007',
      localTime: '2026-01-05 09:30:00',
      punchState: 0,
      verifyMode: 1,
      workCode: 0,
      layout: '40',
      raw: Uint8Array.of(0, 1, 255),
      punchedAtMs: Date.UTC(2026, 0, 5, 8, 30),
      timeNote: null,
    }
    const quarantined = [{ raw: Uint8Array.of(0, 0x0a, 0xff), reason: 'NO_TIME' as const }]
    const batch = {
      lease: taken.lease,
      runId,
      source: 'poll',
      driftSeconds: -2,
      punches: [punch],
      quarantined,
    } as const
    await store.punches.commit(batch)
    return { store, deviceId }
  }

  test('values have the types and forms that docs/database.md promises', async () => {
    await withOnePunch()
    const row = under.withPlainSql(database =>
      database
        .prepare(
          `select device_user_id, punched_at, local_time, typeof(raw_record) as raw_type, hex(raw_record) as raw_hex,
             unixepoch(punched_at) as seconds, is_active, raw, sync_run_id, clock_drift_s
           from attendance_logs l join devices d on d.id = l.device_id join quarantined_records q on q.device_id = d.id`,
        )
        .get(),
    )
    assert.deepEqual(row, {
      device_user_id: '007',
      punched_at: '2026-01-05T08:30:00.000Z',
      local_time: '2026-01-05 09:30:00',
      raw_type: 'blob',
      raw_hex: '0001FF',
      seconds: Date.UTC(2026, 0, 5, 8, 30) / 1000,
      is_active: 1,
      raw: '000aff',
      sync_run_id: 1,
      clock_drift_s: -2,
    })
  })

  test('the database itself refuses a duplicate, a value of the wrong type and a punch of no device', async () => {
    await withOnePunch()
    const copy = (column: string, value: string) => () =>
      under.withPlainSql(database => {
        const columns = 'device_id device_user_id punched_at local_time punch_state verify_mode work_code'.split(' ')
        columns.push('source', 'record_layout', 'raw_record', 'created_at')
        const values = columns.map(each => (each === column ? value : each))
        database.exec(`insert into attendance_logs (${columns}) select ${values} from attendance_logs limit 1`)
      })
    assert.throws(copy('punch_state', '5'), /UNIQUE/)
    assert.throws(copy('device_user_id', 'null'), /NOT NULL/)
    assert.throws(copy('raw_record', `'text'`), /cannot store TEXT/)
    assert.throws(copy('source', `'fax'`), /CHECK/)
    assert.throws(copy('device_id', '99'), /FOREIGN KEY/)
    assert.doesNotThrow(copy('local_time', `'2026-01-05 09:30:01'`))
  })

  function planOf(sql: string): string[] {
    const plan = under.withPlainSql(database => {
      const parameters = Array.from(sql.matchAll(/\?/g), () => 0)
      return database.prepare(`explain query plan ${sql}`).all(...parameters) as Array<{ detail: string }>
    })
    return plan.map(step => step.detail)
  }

  test('no query of a reader sorts what an index has in order, and none goes through a whole table', async () => {
    const seen = new Set<string>()
    const { store, deviceId } = await withOnePunch({ onStatement: sql => seen.add(sql) })
    seen.clear()
    const since = new Date(0)
    for (const before of [undefined, { punchedAtMs: 1e15, id: 9 }])
      for (const deviceIds of [undefined, [deviceId], [deviceId, 2]])
        for (const user of [undefined, '007'])
          for (const span of [{}, { since }, { until: since }]) {
            const filter = { ...(deviceIds && { deviceIds }), ...(user && { user }), ...span }
            await store.logs.page(filter, { limit: 5, ...(before && { before }) })
            for await (const log of store.logs.scan(filter)) assert.equal(log.deviceId, deviceId)
          }
    await store.punches.runs({ limit: 5 })
    await store.punches.runs({ deviceId, limit: 5 })
    await store.quarantine.page({ limit: 5 })
    await store.quarantine.page({ deviceId, limit: 5 })
    await store.coverage.spans(deviceId)
    await store.clocks.series(deviceId, { limit: 5 })
    const [entry] = await store.feed.after(1, 5)
    assert(entry?.kind === 'logs')
    assert.equal((await store.feed.logsOf(entry)).length, 1)
    assert.equal((await store.feed.bounds()).newest, 2)
    await store.feed.runOf(1)
    assert(seen.size > 30, `${seen.size} statements`)
    for (const sql of seen) {
      const steps = planOf(sql)
      assert(!steps.some(step => /TEMP B-TREE/.test(step)), `${sql}\n${steps.join('\n')}`)
      if (/"device_user_id" = /.test(sql) && !/ from \(select \* from /.test(sql)) {
        assert(
          steps.some(step => /newest_of_user/.test(step)),
          `${sql}\n${steps.join('\n')}`,
        )
      }
    }
  })

  test('how devices stand is read out of indexes, whatever the tables hold', async () => {
    const seen = new Set<string>()
    const { store, deviceId } = await withOnePunch({ onStatement: sql => seen.add(sql) })
    seen.clear()
    const ids = [deviceId, 2, 3]
    const { standings } = store
    await standings.newestRuns(ids, 20)
    await standings.newestPunches(ids)
    await standings.newestReadings(ids)
    await standings.punchCounts(ids, { since: new Date(0), until: new Date(1) })
    await standings.openQuarantine(ids)
    await standings.openQuarantine()
    await standings.punchesIn([{ from: new Date(0), until: new Date(1) }])
    await standings.spans(ids, new Date(0))
    await standings.recordCounts(ids)
    await standings.leases(ids)
    assert.equal(seen.size, 10)
    const large = /(?:SCAN|SEARCH) (attendance_logs|sync_runs|clock_readings|coverage_spans|checkpoints|device_leases)/
    for (const sql of seen) {
      const steps = planOf(sql)
      const readings = steps.filter(step => large.test(step))
      assert(
        readings.every(step => /^SEARCH/.test(step)) && !steps.some(step => /TEMP B-TREE/.test(step)),
        `${sql}\n${steps.join('\n')}`,
      )
      if (/newest_of_device|span_0/.test(sql))
        assert(
          steps.some(step => /COVERING INDEX/.test(step)),
          steps.join('\n'),
        )
    }
  })

  test('a removal of old rows begins each step where the last one ended, and finds what goes by its id', async () => {
    const seen = new Set<string>()
    const { store, deviceId } = await withOnePunch({ onStatement: sql => seen.add(sql) })
    under.withPlainSql(database =>
      database.exec(`insert into checkpoints (device_id, record_count, counter, updated_at, compared_at, is_trusted)
        values (1, 0, 0, '2099-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 1)`),
    )
    seen.clear()
    const before = new Date(Date.UTC(2027, 0, 1))
    await store.retention.survey({ deviceId, before, after: { punchedAtMs: 0, id: 9 } })
    const { removable } = await store.retention.remove({ deviceId, before, after: null })
    assert.equal(removable, 1)
    const steps = [...seen].filter(sql => /attendance_logs/.test(sql)).flatMap(planOf)
    // Twice the ids of a step and then their rows, and once what goes.
    const byId = 'SEARCH attendance_logs USING INTEGER PRIMARY KEY (rowid=?)'
    const inOrder = 'SEARCH attendance_logs USING COVERING INDEX attendance_logs_newest_of_device'
    assert.deepEqual(steps.sort(), [
      ...['CO-ROUTINE step', 'CO-ROUTINE step', 'SCAN step', 'SCAN step'],
      `${inOrder} (device_id=? AND punched_at<?)`,
      `${inOrder} (device_id=? AND punched_at>? AND punched_at<?)`,
      ...[byId, byId, byId],
    ])
  })

  test('more kinds of statements than are kept prepared', async () => {
    const { store, deviceId } = await withOnePunch()
    for (let length = 1; length <= 450; length++) {
      const ids = Array.from({ length }, (_, i) => deviceId + i)
      assert.equal((await store.devices.list({ ids })).length, 1)
    }
    assert.equal((await store.devices.list({ ids: [deviceId] })).length, 1)
  })
})

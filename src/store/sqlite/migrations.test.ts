import assert from 'node:assert/strict'
import Sqlite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { describe, test } from 'vitest'
import { freshFolder } from '../../../test/contract/store/test-database.ts'
import { MIGRATIONS } from './migrations.ts'

const FIRST = '0001-initial'

describe('a database of the first schema', () => {
  const under = freshFolder()

  /** As the first version left it: one device with a lease, a run, a punch, people, a quarantined record, a checkpoint. */
  async function leaveOldDatabase(): Promise<void> {
    const database = new Sqlite(under.path)
    const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
    const first = MIGRATIONS[FIRST]
    assert(first)
    const { error } = await new Migrator({
      db: kysely,
      provider: { getMigrations: async () => ({ [FIRST]: first }) },
      migrationTableName: 'rollcall_migrations',
      migrationLockTableName: 'rollcall_migrations_lock',
    }).migrateToLatest()
    assert.equal(error, undefined)
    database.exec(`
      insert into devices (name, host, port, transport, proven_transport, timezone, is_active, comm_key_sealed,
          serial_number, firmware, last_synced_at, created_at, updated_at)
        values ('Gate', 'h', 4370, 'auto', 'tcp', 'UTC', 1, '7', 'CJ1', 'F', '2026-01-05T08:31:00.000Z',
          '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z');
      insert into attendance_logs (device_id, device_user_id, punched_at, local_time, punch_state, verify_mode,
          work_code, source, record_layout, raw_record, sync_run_id, created_at)
        values (1, '007', '2026-01-05T08:30:00.000Z', '2026-01-05 08:30:00', 0, 1, 0, 'poll', '40', x'0001ff', 1,
          '2026-01-05T08:31:00.000Z');
      insert into sync_runs (device_id, mode, status, started_at, finished_at, received, inserted, duplicates,
          quarantined, bytes)
        values (1, 'full', 'ok', '2026-01-05T08:30:59.000Z', '2026-01-05T08:31:00.000Z', 2, 1, 0, 1, 136);
      insert into quarantined_records (device_id, raw, reason, created_at)
        values (1, '00', 'NO_TIME', '2026-01-05T08:31:00.000Z');
      insert into device_users (device_id, uid, user_id, name, first_seen_local, last_seen_local)
        values (1, 1, '007', 'A', '2026-01-05 08:31:00', '2026-01-05 08:31:00');
      insert into device_leases (device_id, token, ttl_ms) values (1, 4, 30000);
      insert into checkpoints (device_id, record_count, counter, layout, firmware, updated_at)
        values (1, 2, 2, '40', 'F', '2026-01-05T08:31:00.000Z');`)
    await kysely.destroy()
  }

  test('keeps every row, and each gets what is new', async () => {
    await leaveOldDatabase()
    const store = await under.open()
    const device = await store.devices.get(1)
    assert.deepEqual(
      [device.name, device.serialNumber, device.isActive, device.isLive, device.setsClock, device.liveState],
      ['Gate', 'CJ1', true, false, false, null],
    )
    assert.deepEqual([device.recordsOnDevice, device.logCapacity], [null, null])
    assert.equal(await store.devices.commKey(1), 7)
    const [log] = await store.logs.page({}, { limit: 9 })
    assert.deepEqual(
      [log?.deviceUserId, log?.localTime, log?.rawRecord, log?.clockDriftSeconds],
      ['007', '2026-01-05 08:30:00', '0001ff', null],
    )
    const [run] = await store.punches.runs({ limit: 9 })
    assert.deepEqual([run?.received, run?.inserted, run?.fullBecause, run?.missedByTail], [2, 1, null, 0])
    assert.equal((await store.quarantine.page({ limit: 9 })).length, 1)
    assert.equal((await store.people.spans(1)).length, 1)
    assert.deepEqual(await store.coverage.spans(1), [])
    assert.deepEqual(await store.clocks.series(1, { limit: 9 }), [])
    assert.deepEqual(await store.feed.bounds(), { newest: 0, oldest: 1 })
    assert.deepEqual(await store.jobs.counts(), { waiting: 0, active: 0, failed: 0 })
  })

  test('its checkpoints are not trusted, so that everything is read once again', async () => {
    await leaveOldDatabase()
    const store = await under.open()
    assert.deepEqual(await store.punches.checkpoint(1), {
      recordCount: 2,
      counter: 2,
      layout: '40',
      firmware: 'F',
      tail: new Uint8Array(0),
      comparedAt: null,
      isTrusted: false,
      takesSlices: true,
      oldestLocal: null,
    })
  })

  test('refuses the same punch again, and goes on with ids and lease tokens', async () => {
    await leaveOldDatabase()
    const store = await under.open()
    const taken = await store.leases.acquire({ deviceId: 1, holder: 'one', ttlMs: 1000, isDead: () => false })
    assert('lease' in taken && taken.lease.token === 5)
    const { lease } = taken
    const runId = await store.punches.beginRun(lease, 'full')
    assert.equal(runId, 2)
    const punch = {
      userId: '007',
      localTime: '2026-01-05 08:30:00',
      punchState: 0,
      verifyMode: 1,
      workCode: 0,
      layout: '40',
      raw: Uint8Array.of(0),
      punchedAtMs: Date.UTC(2026, 0, 5, 8, 30),
      timeNote: null,
    }
    const punches = [punch, { ...punch, localTime: '2026-01-05 08:30:01' }]
    const batch = { lease, runId, source: 'poll', driftSeconds: 1, punches, quarantined: [] } as const
    assert.equal((await store.punches.commit(batch)).inserted, 1)
  })

  test('is not opened for reading alone before it is brought to the current schema', async () => {
    await leaveOldDatabase()
    await assert.rejects(under.open({ access: 'read-only' }), /run rollcall migrate/)
    await under.open()
    await under.open({ access: 'read-only' })
  })
})

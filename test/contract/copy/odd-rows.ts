import type { Engine } from '../../../src/store/engine.ts'
import type { AttendanceLogsTable, SyncRunsTable } from '../../../src/store/tables.ts'

const DEVICE = {
  host: '192.168.1.201',
  port: 4370,
  transport: 'auto',
  timezone: 'Asia/Kathmandu',
  created_at: '2026-01-05T08:30:00.001Z',
  updated_at: '2026-01-05T08:30:00.990Z',
  is_active: 1,
  is_live: 0,
  sets_clock: 1,
} as const

/** User ids that some comparison somewhere takes for one. */
const ALIKE = ['a', 'A', 'a ', 'á', 'a\u0301', '007', '7', ' 7']

/** Devices 1, 2 and 4, of which 1 has `logs` attendance logs besides the odd ones. The ids above were given out and are gone again. */
export async function fillOddly(engine: Engine, logs: number): Promise<void> {
  // An id that comes with its row is no id that every engine has given out.
  await engine.raiseLastId('devices', 9)
  await engine.transaction(async transaction => {
    await transaction
      .insertInto('devices')
      .values([
        { id: 1, name: 'Haupteingang “Süd” 門 🚪', ...DEVICE, comm_key_sealed: 'v1:abc+/=', serial_number: 'S-1' },
        { id: 2, name: `O'Brien "x" \\ %_\n\t;--`, ...DEVICE, is_active: 0, last_error: 'lang '.repeat(3000) },
        { id: 4, name: ' ', ...DEVICE, live_state: 'down', proven_transport: 'udp', log_capacity: 2 ** 40 },
        { id: 9, name: 'gone', ...DEVICE },
      ])
      .execute()
    await transaction.deleteFrom('devices').where('id', '=', 9).execute()
    const tags = [...ALIKE, 'Süd 門 🚪', ' '].map(tag => ({ device_id: 1, tag }))
    await transaction
      .insertInto('device_tags')
      .values([...tags, { device_id: 4, tag: 'a' }, { device_id: 2, tag: 'gone' }])
      .execute()
    await transaction
      .insertInto('device_users')
      .values(
        ALIKE.map((user_id, uid) => ({
          id: uid + 5,
          device_id: 1,
          uid,
          user_id,
          name: `${user_id} Ñ ß İ 李`,
          ...SEEN,
        })),
      )
      .execute()
    await transaction
      .insertInto('device_leases')
      .values([
        { device_id: 1, holder: 'pid 1 on elsewhere', token: 41, ttl_ms: 30_000, expires_at: DEVICE.created_at },
        { device_id: 4, holder: null, token: 7, ttl_ms: 0, expires_at: null },
      ])
      .execute()
    const checkpoint = { record_count: 5, updated_at: DEVICE.updated_at, is_trusted: 1, takes_slices: 0 }
    await transaction
      .insertInto('checkpoints')
      .values([
        { ...checkpoint, device_id: 1, tail: Uint8Array.from({ length: 256 }, (_, byte) => byte), counter: 0 },
        { ...checkpoint, device_id: 4, tail: new Uint8Array(), layout: '40', firmware: 'Ver 6.60', oldest_local: 'x' },
      ])
      .execute()
  })
  await engine.transaction(async transaction => {
    await transaction
      .insertInto('sync_runs')
      .values([run(3, 1), run(8, 4, { status: 'failed', finished_at: null })])
      .execute()
    const quarantined = { device_id: 1, created_at: DEVICE.created_at }
    await transaction
      .insertInto('quarantined_records')
      .values([
        { ...quarantined, raw: '', reason: 'NO_TIME' },
        { ...quarantined, raw: '00ff'.repeat(5000), reason: 'SAME_SECOND' },
      ])
      .execute()
    const span = { device_id: 4, proven_from: '1970-01-01T00:00:00.000Z', proven_until: DEVICE.created_at }
    await transaction
      .insertInto('coverage_spans')
      .values({ ...span, seen_until: '2026-01-05T08:30:00.123Z', because: 'log-cleared' })
      .execute()
    await transaction
      .insertInto('clock_readings')
      .values({
        device_id: 2,
        read_at: DEVICE.created_at,
        local_time: '2000-01-01 00:00:00',
        drift_s: -8e8,
        kind: 'set',
      })
      .execute()
    const job = {
      tries: 3,
      token: 9,
      queued_at: DEVICE.created_at,
      error_message: 'ü\u2028 \r\n',
      error_stack: 'at x\n'.repeat(99),
    }
    await transaction
      .insertInto('sync_jobs')
      .values([
        {
          ...job,
          id: 6,
          device_id: 1,
          state: 'failed',
          is_failed: 1,
          failed_at: DEVICE.created_at,
          error_code: 'DEFECT',
        },
        { ...job, id: 7, device_id: 77, state: 'waiting', is_failed: 0, not_before: '2026-01-05T08:30:00.500Z' },
      ])
      .execute()
  })
  await fillPeople(engine)
  await addLogs(
    engine,
    ALIKE.map((user, i) => log(1000 + i, 4, { device_user_id: user, work_code: 4_294_967_295 })),
  )
  await addLogs(
    engine,
    Array.from({ length: logs }, (_, i) => log(2000 + i, 1, { local_time: `t ${i}`, sync_run_id: 3 })),
  )
  await engine.transaction(transaction => transaction.deleteFrom('attendance_logs').where('id', '=', 2001).execute())
}

/** Accounts 3 and 5 with their passwords, and a session, which is left behind. */
async function fillPeople(engine: Engine): Promise<void> {
  const at = { created_at: DEVICE.created_at, updated_at: DEVICE.updated_at }
  await engine.transaction(async transaction => {
    await transaction
      .insertInto('accounts')
      .values([
        { id: 3, email: 'ada@example.org', role: 'admin', is_disabled: 0, ...at },
        { id: 5, email: 'ben@example.org', role: 'viewer', is_disabled: 1, ...at },
      ])
      .execute()
    const login = { provider: 'credential', password_hash: '$argon2id$v=19$m=64,t=3,p=1$c2FsdHNhbHQ$aGFzaA', ...at }
    await transaction
      .insertInto('account_logins')
      .values([3, 5].map(account_id => ({ ...login, account_id, subject: String(account_id) })))
      .execute()
    await transaction
      .insertInto('account_sessions')
      .values({ account_id: 3, token_sha256: 'ab', expires_at: '2026-02-01T00:00:00.000Z', ...at })
      .execute()
    await transaction
      .insertInto('api_tokens')
      .values([
        { name: 'Süd', role: 'viewer', prefix: 'rc_abcd', token_sha256: 'aa', created_at: DEVICE.created_at },
        {
          name: 'old',
          role: 'admin',
          prefix: 'rc_',
          token_sha256: 'bb',
          created_at: DEVICE.created_at,
          revoked_at: DEVICE.updated_at,
        },
      ])
      .execute()
    const entry = {
      created_at: DEVICE.created_at,
      who: 'command line',
      action: 'token.created',
      details: '{"name":"Süd"}',
    }
    await transaction
      .insertInto('audit_entries')
      .values([entry, { ...entry, subject: 'token 1' }])
      .execute()
  })
}

const SEEN = { first_seen_local: '2026-01-05 08:30:00', last_seen_local: '9999-12-31 23:59:59' }

export function run(id: number, device_id: number, changes: Partial<Omit<SyncRunsTable, 'id'>> = {}) {
  return {
    id,
    device_id,
    mode: 'full',
    status: 'ok',
    started_at: '1000-01-01T00:00:00.000Z',
    finished_at: '9999-12-31T23:59:59.999Z',
    received: 2 ** 40,
    inserted: 0,
    duplicates: 0,
    quarantined: 1,
    bytes: 2 ** 52,
    error_message: null,
    missed_by_tail: 0,
    ...changes,
  } as const
}

export function log(id: number, device_id: number, changes: Partial<Omit<AttendanceLogsTable, 'id'>> = {}) {
  return {
    id,
    device_id,
    device_user_id: '1',
    punched_at: `2026-01-05T08:30:00.${String(id % 1000).padStart(3, '0')}Z`,
    local_time: '2026-01-05 08:30:00',
    time_note: id % 2 ? 'repeated' : null,
    punch_state: 255,
    verify_mode: 15,
    work_code: 0,
    source: 'live',
    record_layout: '40',
    raw_record: Uint8Array.of(0, id & 0xff, 0x27, 0x5c, 0x80, 0xff, 0),
    sync_run_id: null,
    created_at: '2026-01-05T08:30:59.999Z',
    clock_drift_s: id % 3 ? -id : null,
    ...changes,
  } as const
}

type LogRow = ReturnType<typeof log>

export async function addLogs(engine: Engine, logs: readonly LogRow[]): Promise<void> {
  for (let from = 0; from < logs.length; from += 500) {
    const part = logs.slice(from, from + 500)
    await engine.transaction(transaction => transaction.insertInto('attendance_logs').values(part).execute())
  }
}

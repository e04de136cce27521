import type { ServerAddress } from '../../../src/store/server-address.ts'
import { withMysql, withPostgres } from '../../servers/recipes.ts'

const ROWS = 200_000
const ROWS_A_STEP_OF_TIME = 4
const MINUTES_A_STEP_OF_TIME = 10
const USERS = 499

/**
 * What {@link fillPostgres} and {@link fillMysql} make: every second row is one of device 1 and the others share the rest, users
 * come in an order that follows no device, and four rows have one instant. Made by the server itself, in some seconds.
 */
export const FILLED = {
  devices: 20,
  rowsOfDevice1: ROWS / 2,
  user: '7',
  rowsOfUserAtMost: Math.ceil(ROWS / USERS),
  rowsOfInstant: ROWS_A_STEP_OF_TIME,
  /** A day and an id in the middle. */
  dayBegin: instantOfRow(ROWS / 2),
  dayEnd: new Date(instantOfRow(ROWS / 2).getTime() + 86_400_000),
  /** Both ends included. */
  rowsOfDay: ((24 * 60) / MINUTES_A_STEP_OF_TIME + 1) * ROWS_A_STEP_OF_TIME,
  middleId: ROWS / 2,
} as const

const LOG_COLUMNS = `(device_id, device_user_id, punched_at, local_time, punch_state, verify_mode, work_code, source,
  record_layout, raw_record, sync_run_id, created_at)`
const RUN_COLUMNS = '(device_id, mode, status, started_at, received, inserted, duplicates, quarantined, bytes)'
const RUNS = 50_000
const QUARANTINED = 20_000

/** The n-th row is punched then. */
function instantOfRow(n: number): Date {
  return new Date(Date.UTC(2025, 0, 1) + Math.floor(n / ROWS_A_STEP_OF_TIME) * MINUTES_A_STEP_OF_TIME * 60_000)
}

/** A key of the n-th row: as many as there are, and no two rows of one instant have the same user. */
export function keyOfRow(n: number): { userId: string; localTime: string; punchedAtMs: number } {
  const at = instantOfRow(n)
  const localTime = at.toISOString().slice(0, 19).replace('T', ' ')
  return { userId: String((n * 7919) % USERS), localTime, punchedAtMs: at.getTime() }
}

export async function fillPostgres(address: ServerAddress): Promise<void> {
  await withPostgres(address, async client => {
    await client.query(`insert into attendance_logs ${LOG_COLUMNS}
      select case when n % 2 = 1 then 1 else 2 + (n / 2) % ${FILLED.devices - 1} end, ((n * 7919) % ${USERS})::text, at,
        to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), 0, 1, 0, 'poll', '40', decode(repeat('00', 40), 'hex'), 1, at
      from generate_series(1::bigint, ${ROWS}) n, lateral (select timestamptz '2025-01-01Z'
        + (n / ${ROWS_A_STEP_OF_TIME}) * interval '${MINUTES_A_STEP_OF_TIME} minutes' as at) instants`)
    await client.query(`insert into sync_runs ${RUN_COLUMNS}
      select 1 + n % ${FILLED.devices}, 'tail', 'ok', timestamptz '2025-01-01Z' + n * interval '1 minute', 0, 0, 0, 0, 0
      from generate_series(1, ${RUNS}) n`)
    // All of one device but its first: the other one's page is not to go through them.
    await client.query(`insert into quarantined_records (device_id, raw, reason, created_at)
      select case when n < 10 then 1 else 2 end, lpad(to_hex(n), 80, '0'), 'NO_TIME', timestamptz '2025-01-01Z'
      from generate_series(1, ${QUARANTINED}) n`)
    await client.query('vacuum analyze')
  })
}

export async function fillMysql(address: ServerAddress): Promise<void> {
  await withMysql(address, async connection => {
    await connection.query(`insert into attendance_logs ${LOG_COLUMNS}
      select if(n % 2 = 1, 1, 2 + (n div 2) % ${FILLED.devices - 1}), cast((n * 7919) % ${USERS} as char), at,
        date_format(at, '%Y-%m-%d %H:%i:%s'), 0, 1, 0, 'poll', '40', repeat(x'00', 40), 1, at
      from (select seq as n, timestamp '2025-01-01 00:00:00'
        + interval (seq div ${ROWS_A_STEP_OF_TIME}) * ${MINUTES_A_STEP_OF_TIME} minute as at from seq_1_to_${ROWS}) instants`)
    await connection.query(`insert into sync_runs ${RUN_COLUMNS}
      select 1 + seq % ${FILLED.devices}, 'tail', 'ok', timestamp '2025-01-01 00:00:00' + interval seq minute, 0, 0, 0, 0, 0
      from seq_1_to_${RUNS}`)
    await connection.query(`insert into quarantined_records (device_id, raw, reason, created_at)
      select if(seq < 10, 1, 2), lpad(lower(hex(seq)), 80, '0'), 'NO_TIME', timestamp '2025-01-01 00:00:00'
      from seq_1_to_${QUARANTINED}`)
    await connection.query('analyze table attendance_logs, sync_runs, quarantined_records')
  })
}

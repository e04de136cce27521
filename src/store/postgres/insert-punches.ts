import { CompiledQuery } from 'kysely'
import type { Engine, NewRows, PunchColumns, SharedColumns } from '../engine.ts'
import { partsOf } from '../parts.ts'

/** Rows in one statement. More are hardly faster (docs/performance.md), and are held in memory twice. */
const ROWS_A_STATEMENT = 500

/** The columns that differ from row to row, each sent as one array, and those that do not. */
const PUNCH_TYPES = {
  device_user_id: 'text',
  punched_at: 'timestamptz',
  local_time: 'text',
  time_note: 'text',
  punch_state: 'integer',
  verify_mode: 'integer',
  work_code: 'bigint',
  record_layout: 'text',
  raw_record: 'bytea',
} as const satisfies Record<keyof PunchColumns, string>
const SHARED_TYPES = {
  device_id: 'bigint',
  source: 'text',
  sync_run_id: 'bigint',
  created_at: 'timestamptz',
  clock_drift_s: 'bigint',
} as const satisfies Record<keyof SharedColumns, string>

const PUNCH_COLUMNS = Object.keys(PUNCH_TYPES) as Array<keyof typeof PUNCH_TYPES>
const SHARED_COLUMNS = Object.keys(SHARED_TYPES) as Array<keyof typeof SHARED_TYPES>

const INSERT = insertStatement()

/** Inserts punches as arrays of columns, one statement for many, and lets the unique index decide which are new. */
export const insertNewPunches: Engine['insertNewPunches'] = async (transaction, { shared, rows }) => {
  const sharedValues = SHARED_COLUMNS.map(column => shared[column])
  let count = 0
  let first = Number.POSITIVE_INFINITY
  let last = 0
  for (const part of partsOf(rows, { rows: ROWS_A_STATEMENT })) {
    const columns = PUNCH_COLUMNS.map(column => part.map(row => sendable(row[column])))
    const { rows: fresh } = await transaction.executeQuery<{ id: number }>(
      CompiledQuery.raw(INSERT, [...sharedValues, ...columns]),
    )
    count += fresh.length
    for (const { id } of fresh) {
      if (id < first) first = id
      if (id > last) last = id
    }
  }
  return { count, ids: count === 0 ? null : { first, last } } satisfies NewRows
}

function insertStatement(): string {
  const shared = SHARED_COLUMNS.map((column, i) => `$${i + 1}::${SHARED_TYPES[column]}`)
  const arrays = PUNCH_COLUMNS.map((column, i) => `$${SHARED_COLUMNS.length + i + 1}::${PUNCH_TYPES[column]}[]`)
  return `/* rollcall-insert-punches */
  insert into attendance_logs (${[...SHARED_COLUMNS, ...PUNCH_COLUMNS].join(', ')})
  select ${[...shared, ...PUNCH_COLUMNS].join(', ')} from unnest(${arrays.join(', ')}) as new(${PUNCH_COLUMNS.join(', ')})
  on conflict (device_id, device_user_id, local_time) do nothing returning id`
}

/** The driver takes the bytes in an array as a Buffer alone. */
function sendable(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

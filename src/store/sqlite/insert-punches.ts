import type { Engine, NewPunches, NewRows, PunchColumns, SharedColumns } from '../engine.ts'
import type { SqliteHandle } from './handle.ts'

/** The columns that differ from row to row, then those that do not. */
const PUNCH_COLUMNS = [
  'device_user_id',
  'punched_at',
  'local_time',
  'time_note',
  'punch_state',
  'verify_mode',
  'work_code',
  'record_layout',
  'raw_record',
] as const satisfies ReadonlyArray<keyof PunchColumns>
const SHARED_COLUMNS = [
  'device_id',
  'source',
  'sync_run_id',
  'created_at',
  'clock_drift_s',
] as const satisfies ReadonlyArray<keyof SharedColumns>
const COLUMNS = [...PUNCH_COLUMNS, ...SHARED_COLUMNS]

/**
 * Rows in one statement, the largest first. A thousand would be a tenth faster, but so many parameters outlive collections, for which
 * V8 grows its heap by 30 MB in the course of a large log (bench, memory). A few sizes in place of any size, so that few
 * statements stay prepared.
 */
const ROWS_A_STATEMENT = [400, 50, 5, 1] as const

const NEWEST_ID = 'select max(id) as id from attendance_logs'

/**
 * Inserts punches many at a time, and lets the unique index decide which are new.
 *
 * `or rollback` is about speed: the only conflict that is expected does nothing, and any other ends the transaction as a whole. So
 * SQLite need not keep a journal for undoing half a statement, which costs a quarter of the time (bench/store-insert.ts).
 */
export function punchInserter(handle: SqliteHandle): Engine['insertNewPunches'] {
  const statements = ROWS_A_STATEMENT.map(rows => ({ rows, sql: insertOf(rows) }))
  const newestId = () => Number((handle.prepare(NEWEST_ID).all([])[0] as { id: number | null }).id ?? 0)
  // The transaction holds the one connection of the handle, so what runs on the handle now runs within it.
  return async (_transaction, punches) => {
    const before = newestId()
    const count = insertAll(handle, statements, punches)
    // Nobody else writes meanwhile, and ids grow: whatever is above is new.
    return { count, ids: count === 0 ? null : { first: before + 1, last: newestId() } } satisfies NewRows
  }
}

function insertAll(
  handle: SqliteHandle,
  statements: ReadonlyArray<{ rows: number; sql: string }>,
  punches: NewPunches,
): number {
  const shared = SHARED_COLUMNS.map(column => punches.shared[column])
  const [largest] = statements as [{ rows: number; sql: string }]
  let changes = 0
  let waiting: unknown[] = []
  let waitingRows = 0
  for (const row of punches.rows) {
    for (const column of PUNCH_COLUMNS) waiting.push(row[column])
    for (const value of shared) waiting.push(value)
    waitingRows++
    if (waitingRows < largest.rows) continue
    changes += handle.run(largest.sql, waiting)
    waiting = []
    waitingRows = 0
  }
  let from = 0
  for (const { rows: size, sql } of statements) {
    for (; waitingRows >= size; waitingRows -= size, from += size * COLUMNS.length) {
      changes += handle.run(sql, waiting.slice(from, from + size * COLUMNS.length))
    }
  }
  return changes
}

function insertOf(rows: number): string {
  const places = `(${COLUMNS.map(() => '?').join(', ')})`
  return `insert or rollback into attendance_logs (${COLUMNS.join(', ')}) values ${Array(rows).fill(places).join(', ')}
  on conflict (device_id, device_user_id, local_time) do nothing`
}

import type { Engine } from '../engine.ts'
import type { NewAttendanceLogRow } from '../tables.ts'
import type { SqliteHandle } from './handle.ts'

const COLUMNS = [
  'device_id',
  'device_user_id',
  'punched_at',
  'local_time',
  'time_note',
  'punch_state',
  'verify_mode',
  'work_code',
  'source',
  'record_layout',
  'raw_record',
  'sync_run_id',
  'created_at',
] as const satisfies ReadonlyArray<keyof NewAttendanceLogRow>

const INSERT = `insert into attendance_logs (${COLUMNS.join(', ')}) values (${COLUMNS.map(() => '?').join(', ')})
  on conflict (device_id, device_user_id, local_time) do nothing`

/**
 * Inserts punches by one prepared statement, executed for each row. Statements of many rows are no faster here: SQLite
 * keeps a journal of its own for each of them, so that it can undo half of one (bench/store-insert.ts).
 */
export function punchInserter(handle: SqliteHandle): Engine['insertNewPunches'] {
  // The transaction holds the one connection of the handle, so what runs on the handle now runs within it.
  return async (_transaction, rows) => handle.runEach(INSERT, parametersOf(rows))
}

function* parametersOf(rows: Iterable<NewAttendanceLogRow>): Generator<unknown[]> {
  for (const row of rows) yield COLUMNS.map(column => row[column])
}

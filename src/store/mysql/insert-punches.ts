import { CompiledQuery, type Transaction } from 'kysely'
import type { Engine, NewRows, PunchColumns, SharedColumns } from '../engine.ts'
import { partsOf } from '../parts.ts'
import type { Tables } from '../tables.ts'
import { mysqlInstant } from './instant-parameters.ts'

/**
 * What goes into one statement: half a megabyte of the 16 that a server takes, and fewer rows where records are long. With 500 rows, a
 * statement costs a tenth more (docs/performance.md).
 */
const A_STATEMENT = { rows: 2500, bytes: 2 << 20 } as const

const SHARED_COLUMNS = [
  'device_id',
  'source',
  'sync_run_id',
  'created_at',
  'clock_drift_s',
] as const satisfies ReadonlyArray<keyof SharedColumns>

/**
 * The columns that differ from row to row, as the statement reads them out of a JSON array. All are short: with one text of any length
 * among them, the server would write the rows into a file first, which costs half as much as the rest (docs/performance.md).
 */
const PUNCH_TYPES = {
  device_user_id: 'varchar(64) character set utf8mb4',
  punched_at: 'datetime(3)',
  local_time: 'varchar(19) character set utf8mb4',
  time_note: 'varchar(16) character set utf8mb4',
  punch_state: 'int',
  verify_mode: 'int',
  work_code: 'bigint',
  record_layout: 'varchar(64) character set utf8mb4',
} as const satisfies Record<Exclude<keyof PunchColumns, 'raw_record'>, string>
/** Where the bytes of a row lie in those of all rows, which are sent in one piece. */
const BYTES_FIELDS = ['raw_at', 'raw_length'] as const
const PUNCH_COLUMNS = Object.keys(PUNCH_TYPES) as Array<keyof typeof PUNCH_TYPES>

const INSERT = insertStatement()

/**
 * Inserts punches, one statement for many. Those that are there already are passed over by a look into the unique index first: to
 * insert such a row and be refused costs this engine more than a new one (docs/performance.md). The index decides all the same.
 */
export const insertNewPunches: Engine['insertNewPunches'] = async (transaction, { shared, rows }) => {
  const sharedValues = SHARED_COLUMNS.map(column => sendable(column, shared[column]))
  let count = 0
  let first: number | null = null
  for (const part of partsOf(rows, { ...A_STATEMENT, sizeOf: row => row.raw_record.length })) {
    const { numAffectedRows = 0n, insertId } = await transaction.executeQuery(
      CompiledQuery.raw(INSERT, [...sharedValues, ...parametersOf(part), shared.device_id]),
    )
    count += Number(numAffectedRows)
    if (numAffectedRows > 0n) first ??= Number(insertId)
  }
  // Others insert meanwhile, and their ids lie between: but for this device nobody does.
  return { count, ids: first === null ? null : { first, last: await newestId(transaction) } } satisfies NewRows
}

function insertStatement(): string {
  const columns = [...SHARED_COLUMNS, ...PUNCH_COLUMNS].join(', ')
  const shared = SHARED_COLUMNS.map(() => '?').join(', ')
  const own = PUNCH_COLUMNS.map(column => `fresh.${column}`).join(', ')
  const typed = [
    ...PUNCH_COLUMNS.map(column => `${column} ${PUNCH_TYPES[column]}`),
    ...BYTES_FIELDS.map(field => `${field} int`),
  ]
  const fields = typed.map((field, i) => `${field} path '$[${i}]' error on error`)
  return `insert into attendance_logs (${columns}, raw_record)
  select ${shared}, ${own}, substring(?, fresh.raw_at, fresh.raw_length)
  from json_table(?, '$[*]' columns (${fields.join(', ')})) fresh
  left join attendance_logs known force index (attendance_logs_punch) on known.device_id = ?
    and known.device_user_id = fresh.device_user_id and known.local_time = fresh.local_time
  where known.id is null
  on duplicate key update id = attendance_logs.id`
}

/** The bytes of all rows, and the JSON of everything else. */
function parametersOf(part: readonly PunchColumns[]): [Uint8Array, string] {
  let at = 1
  const fields = part.map(row => {
    const { length } = row.raw_record
    const values = [...PUNCH_COLUMNS.map(column => sendable(column, row[column])), at, length]
    at += length
    return values
  })
  return [Buffer.concat(part.map(row => row.raw_record)), JSON.stringify(fields)]
}

async function newestId(transaction: Transaction<Tables>): Promise<number> {
  const { id } = await transaction
    .selectFrom('attendance_logs')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirstOrThrow()
  return Number(id)
}

function sendable(column: string, value: unknown): unknown {
  return column.endsWith('_at') && typeof value === 'string' ? mysqlInstant(value) : value
}

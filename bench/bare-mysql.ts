import { Readable } from 'node:stream'
import type mysql from 'mysql2/promise'
import { BARE_COLUMNS, type BareRow, type BareWay } from './bare-insert.ts'

const ROWS_OF_VALUES = 1000
/** Rows in one piece of what is loaded: some 150 KB. */
const ROWS_OF_LOAD = 1000

const COLUMNS = BARE_COLUMNS.join()
const INTO = `insert into attendance_logs (${COLUMNS}) values`
const ONE = `(${BARE_COLUMNS.map(() => '?').join()})`

export const MYSQL_WAYS: Readonly<Record<string, BareWay<mysql.Connection>>> = {
  'load data local infile': async (connection, rows) => {
    const columns = COLUMNS.replace('raw_record', '@raw')
    await connection.query({
      sql: `load data local infile 'rows' into table attendance_logs (${columns}) set raw_record = unhex(@raw)`,
      infileStreamFactory: () => Readable.from(loadChunks(rows)),
    })
  },
  'rows of values as text, one transaction': async (connection, rows) => {
    await connection.query('begin')
    for (const part of partsOf(rows, ROWS_OF_VALUES)) {
      await connection.query(`${INTO} ?`, [part])
    }
    await connection.query('commit')
  },
  'rows of values, prepared, one transaction': async (connection, rows) => {
    await connection.query('begin')
    for (const part of partsOf(rows, ROWS_OF_VALUES)) {
      await connection.execute(`${INTO} ${part.map(() => ONE).join()}`, part.flat())
    }
    await connection.query('commit')
  },
}

/** MySQL refuses the letter of the zone. */
export function mysqlRows(rows: readonly BareRow[]): BareRow[] {
  const isInstant = BARE_COLUMNS.map(column => column.endsWith('_at'))
  return rows.map(row => row.map((value, i) => (isInstant[i] ? String(value).slice(0, -1) : value)))
}

function* partsOf(rows: readonly BareRow[], size: number): Generator<readonly BareRow[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
}

/** Rows as lines of text. Nothing of these rows needs an escape. */
function* loadChunks(rows: readonly BareRow[]): Generator<Buffer> {
  for (const part of partsOf(rows, ROWS_OF_LOAD)) {
    yield Buffer.from(part.map(row => `${row.map(loadText).join('\t')}\n`).join(''))
  }
}

function loadText(value: BareRow[number]): string {
  if (value === null) return '\\N'
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value)
}

import Sqlite, { type Database } from 'better-sqlite3'
import { BARE_COLUMNS, type BareWay } from './bare-insert.ts'

/** Rows in one statement of several, as the store has them. */
const ROWS_A_STATEMENT = 400

const ONE = `(${BARE_COLUMNS.map(() => '?').join()})`

export const SQLITE_WAYS: Readonly<Record<string, BareWay<Database>>> = {
  'one prepared statement, one transaction': async (database, rows) => {
    const insert = database.prepare(`insert into attendance_logs (${BARE_COLUMNS.join()}) values ${ONE}`)
    database.exec('begin immediate')
    for (const row of rows) insert.run(row)
    database.exec('commit')
  },
  [`${ROWS_A_STATEMENT} rows a prepared statement, one transaction`]: async (database, rows) => {
    const insertOf = (count: number) =>
      database.prepare(
        `insert or rollback into attendance_logs (${BARE_COLUMNS.join()}) values ${Array(count).fill(ONE).join()}`,
      )
    const insert = insertOf(ROWS_A_STATEMENT)
    database.exec('begin immediate')
    for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
      const part = rows.slice(from, from + ROWS_A_STATEMENT)
      const statement = part.length === ROWS_A_STATEMENT ? insert : insertOf(part.length)
      statement.run(part.flat())
    }
    database.exec('commit')
  },
}

/** With the settings that the store has. */
export function openBareSqlite(path: string): Database {
  const database = new Sqlite(path)
  database.pragma('foreign_keys = on')
  database.pragma('synchronous = normal')
  database.pragma('wal_autocheckpoint = 8000')
  return database
}

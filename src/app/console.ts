import Sqlite from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import type { AttendanceLog } from '../model/punch.ts'
import type { LogFilter } from '../model/store.ts'
import type { Tables } from '../store/tables.ts'
import type { Rollcall } from './rollcall.ts'

const LATEST = 20

/** What stands in scope in `rollcall tinker`. */
export interface ConsoleScope {
  /** Kysely over the tables, for reading alone: a slip of the keyboard cannot lose a punch. */
  readonly db: Kysely<Tables>
  /** Tag for plain SQL: `await sql`select 1`.execute(db)`. */
  readonly sql: typeof sql
  readonly devices: Rollcall['store']['devices']
  readonly attendanceLogs: {
    /** The newest first. */
    latest(count?: number, filter?: LogFilter): Promise<AttendanceLog[]>
    count(filter?: LogFilter): Promise<number>
    /** All of them, oldest first, as an async iterable. */
    scan(filter?: LogFilter): AsyncIterable<AttendanceLog>
  }
}

/** Opens a scope over a running Rollcall. */
export function openConsole(rollcall: Rollcall): { scope: ConsoleScope } & AsyncDisposable {
  const { store, config } = rollcall
  const database = new Sqlite(config.database.path, { readonly: true })
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
  return {
    scope: {
      db,
      sql,
      devices: store.devices,
      attendanceLogs: {
        latest: (count = LATEST, filter = {}) => store.logs.page(filter, { limit: count }),
        count: (filter = {}) => store.logs.count(filter),
        scan: (filter = {}) => store.logs.scan(filter),
      },
    },
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

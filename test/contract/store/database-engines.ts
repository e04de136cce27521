import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type mysql from 'mysql2/promise'
import type { Store } from '../../../src/model/store.ts'
import { openMysqlStore } from '../../../src/store/mysql/open-mysql-store.ts'
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts'
import type { ServerAddress } from '../../../src/store/server-address.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts'
import type { ProcessServer } from '../../servers/process-server.ts'
import { startServer, withMysql, withPostgres } from '../../servers/recipes.ts'
import type { EngineName } from './database-page.ts'
import { StandingClock, turningBox } from './fixture.ts'

const OURS = `table_name not like 'rollcall\\_%'`

/** A fresh database of an engine, seen by the store and by another program. */
export interface SeenDatabase extends AsyncDisposable {
  readonly store: Store
  /** What another program gets for a query: the values of each row, numbers as text. */
  rows(sql: string): Promise<Array<Array<string | null>>>
  /** Each `table.column type`, `, null` behind it where the value may be missing. */
  columns(): Promise<string[]>
  /** Null where the engine is a file. */
  readonly onServer: { readonly server: ProcessServer; readonly address: ServerAddress } | null
}

export async function openSeenDatabase(engine: EngineName): Promise<SeenDatabase> {
  switch (engine) {
    case 'sqlite':
      return openSqlite()
    case 'postgres':
      return openPostgres()
    case 'mysql':
      return openMysql()
    default:
      return engine satisfies never
  }
}

async function openSqlite(): Promise<SeenDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-doc-'))
  const path = join(folder, 'rollcall.db')
  const store = await openSqliteStore({ path, clock: new StandingClock(), secrets: turningBox })
  const database = new Sqlite(path, { readonly: true })
  return {
    store,
    onServer: null,
    rows: async sql => valuesOf(database.prepare(sql).all() as object[]),
    columns: async () =>
      database
        .prepare<[], string>(
          `select t.name || '.' || c.name || ' ' || lower(c.type) || iif(c."notnull" or c.pk, '', ', null')
           from sqlite_schema t, pragma_table_info(t.name) c
           where t.type = 'table' and t.name not like 'sqlite_%' and t.name not like 'rollcall_%' order by t.rowid, c.cid`,
        )
        .pluck()
        .all() as string[],
    async [Symbol.asyncDispose]() {
      database.close()
      await store[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

async function openPostgres(): Promise<SeenDatabase> {
  const server = await startServer('PostgreSQL')
  const address = server.address(await server.createDatabase())
  const store = await openPostgresStore({ address, clock: new StandingClock(), secrets: turningBox })
  const rows = (sql: string) => withPostgres(address, async client => valuesOf((await client.query<object>(sql)).rows))
  return {
    store,
    onServer: { server, address },
    rows,
    columns: async () =>
      (
        await rows(
          `select table_name || '.' || column_name || ' '
             || case when data_type = 'timestamp with time zone' then 'timestamptz(' || datetime_precision || ')' else data_type end
             || case when is_nullable = 'YES' then ', null' else '' end
           from information_schema.columns where table_schema = 'public' and ${OURS}`,
        )
      ).map(([text]) => text ?? ''),
    [Symbol.asyncDispose]: () => closeAll(store, server),
  }
}

async function openMysql(): Promise<SeenDatabase> {
  const server = await startServer('MariaDB')
  const address = server.address(await server.createDatabase())
  const store = await openMysqlStore({ address, clock: new StandingClock(), secrets: turningBox })
  const rows = (sql: string) =>
    withMysql(address, async connection => valuesOf((await connection.query<mysql.RowDataPacket[]>(sql))[0]))
  return {
    store,
    onServer: { server, address },
    rows,
    columns: async () =>
      // What MariaDB calls int(11) is int on MySQL. A computed column cannot be declared as never null.
      (
        await rows(
          `select concat(table_name, '.', column_name, ' ', regexp_replace(column_type, '^(int|bigint)[(][0-9]+[)]', '\\\\1'),
             if(is_nullable = 'YES' and extra not like '%GENERATED%', ', null', ''))
           from information_schema.columns where table_schema = database() and ${OURS.replace('\\', '\\\\')}`,
        )
      ).map(([text]) => text ?? ''),
    [Symbol.asyncDispose]: () => closeAll(store, server),
  }
}

async function closeAll(store: Store, server: ProcessServer): Promise<void> {
  await store[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
}

function valuesOf(rows: readonly object[]): Array<Array<string | null>> {
  return rows.map(row => Object.values(row).map(value => (value === null ? null : String(value))))
}

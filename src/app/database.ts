import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { SecretBox, Store } from '../model/store.ts'
import type { Engine } from '../store/engine.ts'
import type { DatabaseUse } from '../store/migrate.ts'
import { type ServerAddress, shownAddress } from '../store/server-address.ts'
import type { Tables } from '../store/tables.ts'
import type { DatabaseConfig } from './config.ts'

/** The modules of an engine are loaded where it is chosen. */
export async function openStore(
  database: DatabaseConfig,
  parts: { clock: Pick<Clock, 'now' | 'sleep'>; secrets: SecretBox },
): Promise<Store> {
  switch (database.engine) {
    case 'sqlite': {
      const { openSqliteStore } = await import('../store/sqlite/open-sqlite-store.ts')
      return openSqliteStore({ path: database.path, ...parts })
    }
    case 'postgres': {
      const { openPostgresStore } = await import('../store/postgres/open-postgres-store.ts')
      return openPostgresStore({ address: database.address, ...parts })
    }
    case 'mysql': {
      const { openMysqlStore } = await import('../store/mysql/open-mysql-store.ts')
      return openMysqlStore({ address: database.address, ...parts })
    }
    default:
      return database satisfies never
  }
}

/** The tables themselves, brought to the current schema. */
export async function openEngine(
  database: DatabaseConfig,
  parts: { clock: Pick<Clock, 'sleep' | 'now'>; use?: DatabaseUse },
): Promise<Engine> {
  switch (database.engine) {
    case 'sqlite': {
      const { openSqliteEngine } = await import('../store/sqlite/open-sqlite-store.ts')
      return openSqliteEngine({ path: database.path, ...parts })
    }
    case 'postgres': {
      const { openPostgresEngine } = await import('../store/postgres/open-postgres-store.ts')
      return openPostgresEngine({ address: database.address, ...parts })
    }
    case 'mysql': {
      const { openMysqlEngine } = await import('../store/mysql/open-mysql-store.ts')
      return openMysqlEngine({ address: database.address, ...parts })
    }
    default:
      return database satisfies never
  }
}

/** The tables for reading alone: the database refuses every change. */
export async function openReader(
  database: DatabaseConfig,
): Promise<{ readonly kysely: Kysely<Tables> } & AsyncDisposable> {
  const kysely = await readerOf(database)
  return { kysely, [Symbol.asyncDispose]: () => kysely.destroy() }
}

async function readerOf(database: DatabaseConfig): Promise<Kysely<Tables>> {
  switch (database.engine) {
    case 'sqlite': {
      const { openSqliteReader } = await import('../store/sqlite/open-sqlite-store.ts')
      return openSqliteReader(database.path)
    }
    case 'postgres': {
      const { openPostgresReader } = await import('../store/postgres/open-postgres-store.ts')
      return openPostgresReader(database.address)
    }
    case 'mysql': {
      const { openMysqlReader } = await import('../store/mysql/open-mysql-store.ts')
      return openMysqlReader(database.address)
    }
    default:
      return database satisfies never
  }
}

/** `sqlite:/srv/rollcall.db`, `postgres://db.example:5432/hr`: how messages name a database. No secret is in it. */
export function shownDatabase(database: DatabaseConfig): string {
  return database.engine === 'sqlite' ? `sqlite:${database.path}` : shownServer(database.engine, database.address)
}

function shownServer(engine: 'postgres' | 'mysql', address: ServerAddress): string {
  return `${engine}://${shownAddress(address)}`
}

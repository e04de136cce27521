import type { Kysely } from 'kysely'
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type { Store } from '../../model/store.ts'
import type { Engine } from '../engine.ts'
import type { ServerAddress } from '../server-address.ts'
import {
  openServerEngine,
  openServerReader,
  openServerStore,
  type ServerKind,
  type ServerStoreOptions,
} from '../server-engine.ts'
import type { Tables } from '../tables.ts'
import { lastId, raiseLastId } from './ids.ts'
import { insertNewPunches } from './insert-punches.ts'
import { MIGRATIONS } from './migrations.ts'
import { PostgresPool } from './pool.ts'

const POSTGRES: ServerKind = {
  pool: (address, setting) => new PostgresPool(address, setting),
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: kysely => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  plugins: [],
  insertNewPunches,
  hexOf: column => sql<string>`encode(${sql.ref(column)}, 'hex')`,
  instantParameter: text => text,
  lastId,
  raiseLastId,
  schema: async kysely => ({
    migrations: MIGRATIONS,
    async tableNames() {
      const tables = await sql<{
        name: string
      }>`select tablename as name from pg_tables where schemaname = current_schema()`.execute(kysely)
      return tables.rows.map(row => row.name)
    },
  }),
}

/** Opens the store on PostgreSQL 13 or later; see {@link openServerStore}. */
export function openPostgresStore(options: ServerStoreOptions): Promise<Store> {
  return openServerStore(options, POSTGRES)
}

export function openPostgresEngine(options: Omit<ServerStoreOptions, 'secrets'>): Promise<Engine> {
  return openServerEngine(options, POSTGRES)
}

export function openPostgresReader(address: ServerAddress): Kysely<Tables> {
  return openServerReader(address, POSTGRES)
}

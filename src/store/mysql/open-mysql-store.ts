import type { Kysely } from 'kysely'
import { MysqlAdapter, MysqlIntrospector, sql } from 'kysely'
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
import { MysqlCompiler } from './compiler.ts'
import { lastId, raiseLastId } from './ids.ts'
import { insertNewPunches } from './insert-punches.ts'
import { InstantParameters, mysqlInstant } from './instant-parameters.ts'
import { exactCollation, migrations } from './migrations.ts'
import { MysqlPool } from './pool.ts'

const MYSQL: ServerKind = {
  pool: (address, setting) => new MysqlPool(address, setting),
  dialect: {
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: kysely => new MysqlIntrospector(kysely),
    createQueryCompiler: () => new MysqlCompiler(),
  },
  plugins: [new InstantParameters()],
  insertNewPunches,
  hexOf: column => sql<string>`lower(hex(${sql.ref(column)}))`,
  instantParameter: mysqlInstant,
  lastId,
  raiseLastId,
  schema: async kysely => ({
    migrations: migrations(await exactCollation(kysely)),
    async tableNames() {
      const tables = await sql<{
        name: string
      }>`select table_name as name from information_schema.tables where table_schema = database()`.execute(kysely)
      return tables.rows.map(row => row.name)
    },
  }),
}

/** Opens the store on MySQL 8 or MariaDB 10.6, or later ones; see {@link openServerStore}. */
export function openMysqlStore(options: ServerStoreOptions): Promise<Store> {
  return openServerStore(options, MYSQL)
}

export function openMysqlEngine(options: Omit<ServerStoreOptions, 'secrets'>): Promise<Engine> {
  return openServerEngine(options, MYSQL)
}

export function openMysqlReader(address: ServerAddress): Kysely<Tables> {
  return openServerReader(address, MYSQL)
}

import { type Kysely, sql } from 'kysely'
import { bringToCurrentSchema, checkSchema, type DatabaseUse, type MigratedDatabase } from '../migrate.ts'
import type { Tables } from '../tables.ts'
import { storeErrorFrom } from './errors.ts'
import { MIGRATIONS } from './migrations.ts'

/** Brings the file to the current schema, all in one transaction; `read-only` only checks it. */
export async function prepareSchema(
  kysely: Kysely<Tables>,
  path: string,
  { access, use }: { access: 'read-write' | 'read-only'; use: DatabaseUse },
): Promise<void> {
  const database: MigratedDatabase = {
    kysely,
    shown: path,
    use,
    migrations: MIGRATIONS,
    tableNames: () => tableNames(kysely),
    strangers: names => (names.length === 0 ? null : `${path} is a SQLite database of another program`),
    // The lock of the migrator is none here: what keeps processes apart is the begin of the transaction.
    around: work => kysely.transaction().execute(work),
  }
  if (access === 'read-only') return checkSchema(database)
  try {
    await bringToCurrentSchema(database)
  } catch (error) {
    throw storeErrorFrom(error, path)
  }
}

export async function tableNames(kysely: Kysely<Tables>): Promise<string[]> {
  const tables = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(kysely)
  return tables.rows.map(row => row.name)
}

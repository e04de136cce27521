import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { StoreError } from '../../base/errors.ts'
import type { Tables } from '../tables.ts'
import { storeErrorFrom } from './errors.ts'
import { MIGRATIONS } from './migrations.ts'

/** Names of our own, so that a file of another program that uses Kysely is not taken for ours. */
const MIGRATION_TABLE = 'rollcall_migrations'
const MIGRATION_LOCK_TABLE = 'rollcall_migrations_lock'

/** Does what migrations are missing, all in one transaction. Processes that do so at once wait for each other. */
export async function bringToCurrentSchema(kysely: Kysely<Tables>, path: string): Promise<void> {
  if ((await schemaState(kysely, path)) === 'current') return
  await kysely.transaction().execute(async transaction => {
    const migrator = new Migrator({
      db: transaction,
      provider: { getMigrations: async () => MIGRATIONS },
      migrationTableName: MIGRATION_TABLE,
      migrationLockTableName: MIGRATION_LOCK_TABLE,
    })
    const { error } = await migrator.migrateToLatest()
    if (error) throw storeErrorFrom(error, path)
  })
}

/** @throws StoreError unless the schema is the current one. */
export async function checkSchema(kysely: Kysely<Tables>, path: string): Promise<void> {
  if ((await schemaState(kysely, path)) === 'current') return
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `the database ${path} is not at the current schema yet: run rollcall migrate`,
  )
}

async function schemaState(kysely: Kysely<Tables>, path: string): Promise<'current' | 'older'> {
  const tables = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(kysely)
  const names = tables.rows.map(row => row.name)
  if (!names.includes(MIGRATION_TABLE)) {
    if (names.length === 0) return 'older'
    throw new StoreError('STORE_UNAVAILABLE', `${path} is a SQLite database of another program`)
  }
  const done = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(kysely)
  const unknown = done.rows.find(row => !Object.hasOwn(MIGRATIONS, row.name))
  if (unknown) {
    const message = `the database ${path} was written by a newer Rollcall (it has the migration ${unknown.name})`
    throw new StoreError('STORE_SCHEMA_NEWER', message)
  }
  return done.rows.length === Object.keys(MIGRATIONS).length ? 'current' : 'older'
}

import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { ConfigError, StoreError } from '../base/errors.ts'
import { COPY_MARK_TABLE, readCopyMark } from './copy-mark.ts'
import type { Tables } from './tables.ts'

/** Names of our own, so that a database of another program that uses Kysely is not taken for ours. */
const MIGRATION_TABLE = 'rollcall_migrations'
const MIGRATION_LOCK_TABLE = 'rollcall_migrations_lock'

export type Migrations = Readonly<Record<string, Migration>>

/**
 * What a database is opened for. `copy-source` must be a database of ours already, so that a mistyped name makes no new one. `copy-target`
 * alone may be the target of a copy that is not finished.
 */
export type DatabaseUse = 'ordinary' | 'copy-source' | 'copy-target'

/** A database whose schema is looked after. */
export interface MigratedDatabase {
  readonly kysely: Kysely<Tables>
  /** How it is named in messages; no secret in it. */
  readonly shown: string
  readonly migrations: Migrations
  readonly use: DatabaseUse
  /** The names of all its tables, those of other programs too. */
  tableNames(): Promise<string[]>
  /** Why tables that are there without ours make it a database of another program; null where they do not. */
  strangers(names: readonly string[]): string | null
  /** Around all migrations: one transaction, where the engine can undo changes of the schema and has no lock for its migrator. */
  around?(work: (kysely: Kysely<Tables>) => Promise<void>): Promise<void>
}

/**
 * Does what migrations are missing, each of them once, however many processes begin at once: the migrator of Kysely has a lock
 * for that. On an engine that can roll back changes of the schema all of them are one transaction.
 *
 * @throws StoreError `STORE_SCHEMA_NEWER`, `STORE_UNAVAILABLE` for a database of another program.
 */
export async function bringToCurrentSchema(database: MigratedDatabase): Promise<void> {
  if ((await schemaState(database)) === 'current') return
  const migrate = async (kysely: Kysely<Tables>) => {
    const migrator = new Migrator({
      db: kysely,
      provider: { getMigrations: async () => database.migrations },
      migrationTableName: MIGRATION_TABLE,
      migrationLockTableName: MIGRATION_LOCK_TABLE,
    })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error instanceof Error ? error : new Error(String(error))
  }
  await (database.around ? database.around(migrate) : migrate(database.kysely))
}

/** @throws StoreError unless the schema is the current one. */
export async function checkSchema(database: MigratedDatabase): Promise<void> {
  if ((await schemaState(database)) === 'current') return
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `the database ${database.shown} is not at the current schema yet: run rollcall migrate`,
  )
}

/** A migration of statements, one after the other. */
export function statements(texts: readonly string[]): Migration {
  return {
    async up(kysely: Kysely<unknown>): Promise<void> {
      for (const text of texts) await sql.raw(text).execute(kysely)
    },
  }
}

async function schemaState(database: MigratedDatabase): Promise<'current' | 'older'> {
  const { kysely, shown, migrations, use } = database
  const names = await database.tableNames()
  if (!names.includes(MIGRATION_TABLE)) {
    const strangers = database.strangers(names)
    if (strangers === null && use !== 'copy-source') return 'older'
    if (strangers === null) throw new ConfigError('CONFIG_INVALID', `the database ${shown} holds no data of Rollcall`)
    throw new StoreError('STORE_UNAVAILABLE', strangers)
  }
  const done = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(kysely)
  const unknown = done.rows.find(row => !Object.hasOwn(migrations, row.name))
  if (unknown) {
    const message = `the database ${shown} was written by a newer Rollcall (it has the migration ${unknown.name})`
    throw new StoreError('STORE_SCHEMA_NEWER', message)
  }
  if (use !== 'copy-target' && names.includes(COPY_MARK_TABLE)) await refuseUnfinished(database)
  return done.rows.length === Object.keys(migrations).length ? 'current' : 'older'
}

/** Whoever worked on the half of a copy would add to it what the rest of the copy takes away again. */
async function refuseUnfinished({ kysely, shown }: MigratedDatabase): Promise<void> {
  const mark = await readCopyMark(kysely)
  if (mark?.finishedAt) return
  const source = mark === null ? 'another database' : mark.source
  throw new StoreError(
    'COPY_UNFINISHED',
    `the database ${shown} is the target of a copy of ${source} that is not finished`,
  )
}

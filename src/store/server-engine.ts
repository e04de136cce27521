import { type Dialect, Kysely, type KyselyPlugin } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { SecretBox, Store } from '../model/store.ts'
import type { NumberedTable } from './copy-tables.ts'
import type { Engine } from './engine.ts'
import { bringToCurrentSchema, type DatabaseUse, type MigratedDatabase } from './migrate.ts'
import { type ServerAddress, shownAddress } from './server-address.ts'
import { ServerDriver, type ServerPool } from './server-driver.ts'
import { storeOn } from './sql-store.ts'
import type { Tables } from './tables.ts'
import { ServerTransactions } from './transactions.ts'

export interface ServerStoreOptions {
  readonly address: ServerAddress
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly secrets: SecretBox
  readonly use?: DatabaseUse
  /** @see ServerDriver */
  readonly onStatement?: (sql: string) => void
}

export interface PoolSetting {
  /** After how long a statement is given up, and its connection with it; null: never. */
  readonly patienceMs: number | null
  /** `read-only`: the server refuses every change. */
  readonly access: 'read-write' | 'read-only'
}

/** What a kind of server brings along. */
export interface ServerKind {
  pool(address: ServerAddress, setting: PoolSetting): ServerPool
  dialect: Omit<Dialect, 'createDriver'>
  plugins: KyselyPlugin[]
  insertNewPunches: Engine['insertNewPunches']
  hexOf: Engine['hexOf']
  instantParameter: Engine['instantParameter']
  schema(
    kysely: Kysely<Tables>,
    shown: string,
  ): Promise<Omit<MigratedDatabase, 'kysely' | 'shown' | 'strangers' | 'use'>>
  lastId(kysely: Kysely<Tables>, table: NumberedTable): Promise<number>
  raiseLastId(kysely: Kysely<Tables>, table: NumberedTable, id: number): Promise<void>
}

/**
 * How long a statement may take before its connection counts as dead. A server that vanished without a word, behind a firewall
 * for one, is noticed by nothing else; the longest statement, to remove a device with a million rows, takes less.
 */
const PATIENCE_MS = 120_000
/** Tables whose names are common: found without our own, they belong to somebody else. */
const OUR_TABLES = ['devices', 'attendance_logs', 'sync_runs', 'quarantined_records']

/**
 * Opens the store on a server, and brings the database to the current schema. Any number of processes may do so at once.
 *
 * @throws StoreError `STORE_UNREACHABLE`, `STORE_UNAVAILABLE`, `STORE_SCHEMA_NEWER`, `STORE_FAILED`.
 */
export async function openServerStore(options: ServerStoreOptions, kind: ServerKind): Promise<Store> {
  const engine = await openServerEngine(options, kind)
  return storeOn(engine, options)
}

export async function openServerEngine(
  options: Omit<ServerStoreOptions, 'secrets'>,
  kind: ServerKind,
): Promise<Engine> {
  const { address, clock, onStatement, use = 'ordinary' } = options
  // A change of the schema may take as long as the tables are large.
  const patient = kyselyOn(kind, kind.pool(address, { patienceMs: null, access: 'read-write' }), onStatement)
  try {
    await prepareSchema(patient, kind, { shown: shownAddress(address), use })
  } finally {
    await patient.destroy()
  }
  const pool = kind.pool(address, { patienceMs: PATIENCE_MS, access: 'read-write' })
  const kysely = kyselyOn(kind, pool, onStatement)
  const transactions = new ServerTransactions(kysely, clock)
  let closing: Promise<void> | null = null
  return {
    kysely,
    repeatsTransactions: true,
    transaction: work => transactions.run(work),
    read: async query => (await kysely.executeQuery(query)).rows,
    insertNewPunches: kind.insertNewPunches,
    hexOf: kind.hexOf,
    findsIdsFirst: true,
    instantParameter: kind.instantParameter,
    tableNames: async () => (await kind.schema(kysely, shownAddress(address))).tableNames(),
    lastId: table => kind.lastId(kysely, table),
    raiseLastId: (table, id) => kind.raiseLastId(kysely, table, id),
    // Kysely itself is not destroyed, so that later use meets our own error.
    close: () => (closing ??= transactions.ended().then(() => pool.close())),
  }
}

/** The tables for reading alone. */
export function openServerReader(address: ServerAddress, kind: ServerKind): Kysely<Tables> {
  return kyselyOn(kind, kind.pool(address, { patienceMs: null, access: 'read-only' }), undefined)
}

function kyselyOn(kind: ServerKind, pool: ServerPool, onStatement: ServerStoreOptions['onStatement']): Kysely<Tables> {
  const { plugins, dialect } = kind
  return new Kysely<Tables>({
    dialect: { ...dialect, createDriver: () => new ServerDriver(pool, onStatement) },
    plugins,
  })
}

async function prepareSchema(
  kysely: Kysely<Tables>,
  kind: ServerKind,
  { shown, use }: Pick<MigratedDatabase, 'shown' | 'use'>,
): Promise<void> {
  await bringToCurrentSchema({
    kysely,
    shown,
    use,
    ...(await kind.schema(kysely, shown)),
    // A database of others may hold our tables too, as long as the names are free.
    strangers(names) {
      const taken = OUR_TABLES.find(name => names.includes(name))
      if (taken === undefined) return null
      return `the database ${shown} has a table ${taken} of another program: give Rollcall a database of its own`
    },
  })
}

import Sqlite from 'better-sqlite3'
import {
  Kysely,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import type { Clock } from '../../base/clock.ts'
import type { SecretBox, Store } from '../../model/store.ts'
import type { Engine } from '../engine.ts'
import type { DatabaseUse } from '../migrate.ts'
import { storeOn } from '../sql-store.ts'
import type { Tables } from '../tables.ts'
import { SqliteHandle } from './handle.ts'
import { lastId, raiseLastId } from './ids.ts'
import { punchInserter } from './insert-punches.ts'
import { prepareSchema, tableNames } from './migrate.ts'
import { openDatabaseFile } from './open-file.ts'

export interface SqliteStoreOptions {
  /** A file, or `:memory:`. Its folder must exist. */
  readonly path: string
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly secrets: SecretBox
  /** `read-only` neither creates nor migrates, and every write fails with `STORE_UNAVAILABLE`. */
  readonly access?: 'read-write' | 'read-only'
  readonly use?: DatabaseUse
  /**
   * Told each statement before it is executed, for debug logs. What it throws counts as the failure of that statement,
   * which is how tests make the n-th one fail. A rollback is not told: SQLite's cannot fail either.
   */
  readonly onStatement?: (sql: string) => void
}

/**
 * Opens the store in a SQLite file, creates the file if need be and brings it to the current schema. Any number of
 * processes may do so at once.
 *
 * @throws StoreError `STORE_UNAVAILABLE`, `STORE_SCHEMA_NEWER`, `STORE_FAILED`.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return storeOn(await openSqliteEngine(options), options)
}

/** The tables for reading alone. */
export function openSqliteReader(path: string): Kysely<Tables> {
  const database = new Sqlite(path, { readonly: true, fileMustExist: true })
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
}

export async function openSqliteEngine(options: Omit<SqliteStoreOptions, 'secrets'>): Promise<Engine> {
  const { path, clock, access = 'read-write', use = 'ordinary' } = options
  const handle = new SqliteHandle({
    database: await openDatabaseFile({ path, access, clock }),
    path,
    clock,
    onStatement: options.onStatement,
  })
  try {
    const kysely = new Kysely<Tables>({ dialect: new HandleDialect(handle) })
    await prepareSchema(kysely, path, { access, use })
    const transaction: Engine['transaction'] = work => kysely.transaction().execute(work)
    return {
      kysely,
      repeatsTransactions: false,
      transaction,
      // Kysely hands its one connection from one to the next, which takes longer than to read a small page. A read is over at once, so that
      // it has to wait for nothing but a transaction.
      read: async query => handle.read(query) ?? (await kysely.executeQuery(query)).rows,
      insertNewPunches: punchInserter(handle),
      hexOf: column => sql<string>`lower(hex(${sql.ref(column)}))`,
      findsIdsFirst: false,
      instantParameter: text => text,
      tableNames: () => tableNames(kysely),
      lastId: table => lastId(kysely, table),
      raiseLastId: (table, id) => transaction(within => raiseLastId(within, table, id)),
      // Waits for its turn on the connection. Kysely itself is not destroyed, so that later use meets our own error.
      close: () => kysely.connection().execute(async () => handle.close()),
    }
  } catch (error) {
    handle.close()
    throw error
  }
}

class HandleDialect extends SqliteDialect {
  readonly #handle: SqliteHandle

  constructor(handle: SqliteHandle) {
    super({ database: handle })
    this.#handle = handle
  }

  override createDriver(): SqliteDriver {
    return new HandleDriver(this.#handle)
  }

  override createQueryCompiler(): SqliteQueryCompiler {
    return new LocklessCompiler()
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter()
  }
}

class HandleDriver extends SqliteDriver {
  readonly #handle: SqliteHandle

  constructor(handle: SqliteHandle) {
    super({ database: handle })
    this.#handle = handle
  }

  override beginTransaction(): Promise<void> {
    return this.#handle.begin()
  }

  override async rollbackTransaction(): Promise<void> {
    this.#handle.rollback()
  }
}

/** Rows are not locked one by one: a transaction has the write lock of the whole file from its begin on. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForUpdate' && node.modifier !== 'SkipLocked') super.visitSelectModifier(node)
  }
}

/** SQLite rolls back changes of the schema like any other. Kysely does not know, and would migrate without a transaction. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): true {
    return true
  }
}

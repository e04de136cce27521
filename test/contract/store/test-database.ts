import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import type { Store } from '../../../src/model/store.ts'
import { openSqliteStore, type SqliteStoreOptions } from '../../../src/store/sqlite/open-sqlite-store.ts'

/** For tests of SQLite alone: a folder for each test, and stores in it that are closed at its end. */
export function freshFolder() {
  let folder: string
  let stores: Store[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-sqlite-'))
    stores = []
  })
  afterEach(async () => {
    for (const store of stores) await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  return {
    get path() {
      return join(folder, 'rollcall.db')
    },
    async open(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
      const secrets = { seal: (text: string) => text, open: (sealed: string) => sealed }
      const store = await openSqliteStore({ path: this.path, clock: systemClock, secrets, ...options })
      stores.push(store)
      return store
    },
    /** What another program does with the file. */
    withPlainSql<Result>(work: (database: Sqlite.Database) => Result): Result {
      const database = new Sqlite(this.path)
      try {
        return work(database)
      } finally {
        database.close()
      }
    },
  }
}

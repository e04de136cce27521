import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../../src/model/store.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts'
import { storeContract } from './suite.ts'

storeContract('SQLite', async parts => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-store-'))
  const stores: Store[] = []
  const reopen = async () => {
    const store = await openSqliteStore({ path: join(folder, 'rollcall.db'), ...parts })
    stores.push(store)
    return store
  }
  return {
    store: await reopen(),
    reopen,
    dispose: async () => {
      for (const store of stores) await store[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
})

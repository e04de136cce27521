import { afterAll, beforeAll, describe } from 'vitest'
import type { Store } from '../../../src/model/store.ts'
import type { ServerStoreOptions } from '../../../src/store/server-engine.ts'
import type { ProcessServer } from '../../servers/process-server.ts'
import { mayTest, type ServerName, startServer } from '../../servers/recipes.ts'
import { storeContract } from './suite.ts'

/** The contract of the store on a real server of the tests, a fresh database for each of them. */
export function storeContractOnServer(name: ServerName, open: (options: ServerStoreOptions) => Promise<Store>): void {
  describe.skipIf(!mayTest(name, `the contract of the store on ${name}`))(`${name}, a real server`, () => {
    let server: ProcessServer
    beforeAll(async () => {
      server = await startServer(name)
    })
    afterAll(() => server[Symbol.asyncDispose]())

    storeContract(name, async parts => {
      const address = server.address(await server.createDatabase())
      const stores: Store[] = []
      const reopen = async () => {
        const store = await open({ address, ...parts })
        stores.push(store)
        return store
      }
      return {
        store: await reopen(),
        reopen,
        dispose: async () => {
          for (const store of stores) await store[Symbol.asyncDispose]()
        },
      }
    })
  })
}

import { afterAll, beforeAll, describe } from 'vitest'
import type { ProcessServer } from './process-server.ts'
import { mayTest, SERVERS, type ServerName, startServer } from './recipes.ts'

/** One suite for each server that the store runs on, within which `server()` gives a real one that is shared by its tests. */
export function describeOnServers(
  what: string,
  tests: (one: { name: ServerName; server: () => ProcessServer }) => void,
): void {
  for (const name of Object.keys(SERVERS) as ServerName[]) {
    describe.skipIf(!mayTest(name, `${what} on ${name}`))(`${what} on ${name}`, () => {
      let server: ProcessServer
      beforeAll(async () => {
        server = await startServer(name)
      })
      afterAll(() => server[Symbol.asyncDispose]())
      tests({ name, server: () => server })
    })
  }
}

import { afterAll, beforeAll, describe } from 'vitest'
import { openMysqlStore } from '../../src/store/mysql/open-mysql-store.ts'
import { openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts'
import { turningBox } from '../contract/store/fixture.ts'
import type { ProcessServer } from '../servers/process-server.ts'
import { mayTest, startServer } from '../servers/recipes.ts'
import { accountsOverHttp } from './suite.ts'

for (const [name, open] of [
  ['PostgreSQL', openPostgresStore],
  ['MariaDB', openMysqlStore],
] as const) {
  describe.skipIf(!mayTest(name, `accounts on ${name}`))(`${name}, a real server`, () => {
    let server: ProcessServer
    beforeAll(async () => {
      server = await startServer(name)
    })
    afterAll(() => server[Symbol.asyncDispose]())
    accountsOverHttp(name, async clock =>
      open({ address: server.address(await server.createDatabase()), clock, secrets: turningBox }),
    )
  })
}

import type { DatabaseConfig } from '../src/app/config.ts'
import type { ServerAddress } from '../src/store/server-address.ts'
import { mayTest, type ServerName, startServer, withMysql, withPostgres } from '../test/servers/recipes.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** Where the databases of one engine are made, fresh ones by number, and with the durability that people run it with. */
export interface DatabaseSite {
  readonly name: string
  /** Gives `work` a fresh, empty database, which is gone afterwards. */
  withDatabase<Result>(work: (database: DatabaseConfig) => Promise<Result>): Promise<Result>
}

const SERVERS: readonly ServerName[] = ['PostgreSQL', 'MariaDB']

/** Has `work` done on every engine that is installed, one after the other. Of one that is not, a line says so. */
export async function onEachEngine(what: string, work: (site: DatabaseSite) => Promise<void>): Promise<void> {
  await work(SQLITE)
  for (const name of SERVERS) {
    if (!mayTest(name, what)) continue
    await using server = await startServer(name, 'outlives-a-power-cut')
    await work({
      name,
      async withDatabase(inDatabase) {
        const address = server.address(await server.createDatabase())
        try {
          return await inDatabase({ engine: name === 'PostgreSQL' ? 'postgres' : 'mysql', address })
        } finally {
          await drop(name, server.address(name === 'PostgreSQL' ? 'postgres' : 'mysql'), address)
        }
      },
    })
  }
}

const SQLITE: DatabaseSite = {
  name: 'SQLite',
  withDatabase: work => inTemporaryFolder(folder => work({ engine: 'sqlite', path: folder('bench.db') })),
}

async function drop(name: ServerName, from: ServerAddress, { database }: ServerAddress): Promise<void> {
  const statement = `drop database ${database}`
  if (name === 'PostgreSQL') await withPostgres(from, async client => void (await client.query(statement)))
  else await withMysql(from, async connection => void (await connection.query(statement)))
}

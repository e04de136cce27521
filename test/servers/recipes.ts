import { spawnSync } from 'node:child_process'
import { existsSync, globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { ServerAddress } from '../../src/store/server-address.ts'
import { type Durability, ProcessServer, type ServerRecipe, TEST_PASSWORD, TEST_USER } from './process-server.ts'

/** Debian keeps the programs of the server out of the path, a folder for each version. */
function postgresProgram(name: string): string | undefined {
  const [newest] = globSync(`/usr/lib/postgresql/*/bin/${name}`).sort().reverse()
  return newest ?? (isInPath(name) ? name : undefined)
}

function mariadbProgram(names: readonly string[]): string | undefined {
  return names.find(isInPath) ?? names.map(name => `/usr/sbin/${name}`).find(path => existsSync(path))
}

function isInPath(name: string): boolean {
  return spawnSync(name, ['--version']).status === 0
}

const POSTGRES: ServerRecipe = {
  scheme: 'postgres',
  account: 'postgres',
  make: folder => {
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, TEST_PASSWORD)
    const auth = ['--username', TEST_USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
    const args = ['--pgdata', join(folder, 'data'), ...auth, '--no-sync', '--locale', 'C.UTF-8', '--encoding', 'UTF8']
    return { command: postgresProgram('initdb') ?? 'initdb', args }
  },
  serve: (folder, { port, durability }) => ({
    command: postgresProgram('postgres') ?? 'postgres',
    args: [
      ...['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder],
      // A zone far from UTC: what is stored must not depend on it.
      ...['-c', 'timezone=Asia/Kathmandu', '-c', 'max_connections=300'],
      ...['-c', durability === 'outlives-a-kill' ? 'fsync=off' : 'fsync=on'],
    ],
  }),
  stopSignal: 'SIGINT',
  answers: address => withPostgres(address, async client => void (await client.query('select 1'))),
  createDatabase: (address, name) =>
    withPostgres(address, async client => void (await client.query(`create database ${name}`))),
}

const MARIADB: ServerRecipe = {
  scheme: 'mysql',
  account: 'mysql',
  make: folder => ({
    command: mariadbProgram(['mariadb-install-db', 'mysql_install_db']) ?? 'mariadb-install-db',
    args: [
      '--no-defaults',
      ...[`--datadir=${join(folder, 'data')}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    ],
  }),
  serve: (folder, { port, durability }) => {
    const rights = join(folder, 'rights.sql')
    writeFileSync(
      rights,
      `create user if not exists ${TEST_USER}@'%' identified by '${TEST_PASSWORD}';\ngrant all on *.* to ${TEST_USER}@'%' with grant option;\n`,
    )
    return {
      command: mariadbProgram(['mariadbd', 'mysqld']) ?? 'mariadbd',
      args: [
        '--no-defaults',
        ...[`--datadir=${join(folder, 'data')}`, `--port=${port}`, '--bind-address=127.0.0.1'],
        ...[`--socket=${join(folder, 'socket')}`, `--init-file=${rights}`, '--skip-name-resolve', '--skip-log-bin'],
        ...['--default-time-zone=+05:45', '--max-connections=300'],
        // A server that starts removes what it takes for remains of its own, and would take those of another that works beside it.
        `--tmpdir=${folder}`,
        `--innodb-flush-log-at-trx-commit=${durability === 'outlives-a-kill' ? 2 : 1}`,
      ],
    }
  },
  stopSignal: 'SIGTERM',
  answers: address => withMysql(address, async connection => void (await connection.query('select 1'))),
  createDatabase: (address, name) =>
    withMysql(address, async connection => void (await connection.query(`create database ${name}`))),
}

export async function withPostgres<Result>(
  address: ServerAddress,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const { host, port, user, database } = address
  const client = new pg.Client({ host, port, user, database, password: address.password ?? '' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function withMysql<Result>(
  address: ServerAddress,
  work: (connection: mysql.Connection) => Promise<Result>,
): Promise<Result> {
  const { host, port, user, database } = address
  const connection = await mysql.createConnection({ host, port, user, database, password: address.password ?? '' })
  try {
    return await work(connection)
  } finally {
    await connection.end()
  }
}

/** What of the password of the tests must show up nowhere. */
export const TEST_PASSWORD_SIGN = 'tiger'

/** The servers that the store runs on, how one is started, and where it comes from. */
export const SERVERS = {
  PostgreSQL: { recipe: POSTGRES, isThere: () => postgresProgram('initdb') !== undefined, debian: 'postgresql' },
  MariaDB: {
    recipe: MARIADB,
    isThere: () => mariadbProgram(['mariadb-install-db', 'mysql_install_db']) !== undefined,
    debian: 'mariadb-server',
  },
} as const
export type ServerName = keyof typeof SERVERS

/** @throws Error for a word that is no engine. */
export function serverOfEngine(engine: string): ServerName {
  const names = Object.keys(SERVERS) as ServerName[]
  const name = names.find(one => SERVERS[one].recipe.scheme === engine)
  if (name === undefined) throw new Error(`no engine with a server: ${engine} (postgres or mysql)`)
  return name
}

export function startServer(name: ServerName, durability?: Durability): Promise<ProcessServer> {
  return ProcessServer.start(SERVERS[name].recipe, durability)
}

/**
 * Whether the tests that need a database server run. Where not, one line says so; with `ROLLCALL_REQUIRE_SERVERS=1` its absence
 * is a failure.
 *
 * @throws where it is required and not there.
 */
export function mayTest(name: ServerName, what: string): boolean {
  const { isThere, debian } = SERVERS[name]
  if (isThere()) return true
  const how = `needs ${name} (Debian and Ubuntu: apt-get install ${debian})`
  if (process.env.ROLLCALL_REQUIRE_SERVERS === '1') throw new Error(`${what} ${how}, and ROLLCALL_REQUIRE_SERVERS is 1`)
  console.warn(`skipped: ${what} ${how}`)
  return false
}

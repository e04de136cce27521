import type mysql from 'mysql2/promise'
import type pg from 'pg'
import type { DatabaseConfig } from '../src/app/config.ts'
import { withMysql, withPostgres } from '../test/servers/recipes.ts'
import { openBareSqlite } from './bare-sqlite.ts'

/** From here on, evenly over {@link SECONDS}. */
export const LARGE_TABLE_BEGINS_MS = Date.UTC(2023, 0, 1)
const BEGINS_S = LARGE_TABLE_BEGINS_MS / 1000
/** Three years. */
const SECONDS = 3 * 365 * 86_400
/** Prime to the devices, so that everybody comes to all of them. */
export const LARGE_TABLE_USERS = 4999
/** The user id that many records have, as of a button at the door: one log of so many. */
export const FREQUENT_USER = '0'
const FREQUENT_OF = 21
/** Rows in one statement, so that no engine has to be able to undo all of them at once. */
const CHUNK = 1_000_000

const COLUMNS = [
  'device_id, device_user_id, punched_at, local_time, punch_state, verify_mode, work_code',
  'source, record_layout, raw_record, sync_run_id, created_at',
].join(', ')

/**
 * Fills the table in the order of time by the engine itself, into a table without its indexes, which are made afterwards: a tenth of the
 * time. Devices and users are spread by a hash of the number of the row. The devices are there already, with ids from 1 on.
 */
export async function fillLargeTable(
  database: DatabaseConfig,
  size: { readonly logs: number; readonly devices: number },
): Promise<void> {
  switch (database.engine) {
    case 'sqlite':
      return fillSqlite(database.path, size)
    case 'postgres':
      return await withPostgres(database.address, client => fillPostgres(client, size))
    case 'mysql':
      return await withMysql(database.address, connection => fillMysql(connection, size))
    default:
      return database satisfies never
  }
}

/** The moment of the row `n`, in seconds, and the numbers of its device and user, in the words of all engines. */
function expressions({ logs, devices }: { logs: number; devices: number }) {
  const hash = '(n * 2654435761 % 4294967296)'
  return {
    offset: `(n * ${Math.floor(SECONDS / logs)})`,
    device: `(${hash} % ${devices} + 1)`,
    user: (text: string) =>
      `case when n % ${FREQUENT_OF} = 0 then '${FREQUENT_USER}' else cast(${hash} % ${LARGE_TABLE_USERS} + 1 as ${text}) end`,
  }
}

function* chunksOf(logs: number): Generator<{ first: number; last: number }> {
  for (let first = 0; first < logs; first += CHUNK) yield { first, last: Math.min(first + CHUNK, logs) - 1 }
}

function fillSqlite(path: string, size: { logs: number; devices: number }): void {
  const database = openBareSqlite(path)
  const indexes = database
    .prepare<[], { name: string; sql: string }>(
      `select name, sql from sqlite_schema where type = 'index' and tbl_name = 'attendance_logs' and sql is not null`,
    )
    .all()
  for (const { name } of indexes) database.exec(`drop index ${name}`)
  const { offset, device, user } = expressions(size)
  const time = (format: string) => `strftime('${format}', ${BEGINS_S} + ${offset}, 'unixepoch')`
  const instant = time('%Y-%m-%dT%H:%M:%S.000Z')
  for (const { first, last } of chunksOf(size.logs)) {
    database.exec(`insert into attendance_logs (${COLUMNS})
      with recursive numbers (n) as (select ${first} union all select n + 1 from numbers where n < ${last})
      select ${device}, ${user('text')}, ${instant}, ${time('%Y-%m-%d %H:%M:%S')}, n % 2, 1, 0,
        'poll', '40', zeroblob(40), null, ${instant} from numbers`)
  }
  for (const { sql } of indexes) database.exec(sql)
  database.close()
}

async function fillPostgres(client: pg.Client, size: { logs: number; devices: number }): Promise<void> {
  const { rows: indexes } = await client.query<{ name: string; sql: string }>(
    `select indexname as name, indexdef as sql from pg_indexes
     where tablename = 'attendance_logs' and indexname not like '%_pkey'`,
  )
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  await client.query(`set maintenance_work_mem = '512MB'`)
  const { offset, device, user } = expressions(size)
  const instant = `to_timestamp(${BEGINS_S} + ${offset})`
  const localTime = `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')`
  for (const { first, last } of chunksOf(size.logs)) {
    await client.query(`insert into attendance_logs (${COLUMNS})
      select ${device}, ${user('text')}, ${instant}, ${localTime}, n % 2, 1, 0,
        'poll', '40', decode(repeat('00', 40), 'hex'), null, ${instant} from generate_series(${first}::bigint, ${last}) as n`)
  }
  for (const { sql } of indexes) await client.query(sql)
  // Soon done by the server itself.
  await client.query('vacuum (analyze) attendance_logs')
}

async function fillMysql(connection: mysql.Connection, size: { logs: number; devices: number }): Promise<void> {
  const [made] = await connection.query<mysql.RowDataPacket[]>('show create table attendance_logs')
  const definitions = String(made[0]?.['Create Table'])
    .split('\n')
    .map(line => line.trim().replace(/,$/, ''))
    .filter(line => /^(UNIQUE KEY|KEY|CONSTRAINT `\w+` FOREIGN KEY)/.test(line))
  const drops = definitions.map(line => {
    const [, name] = /`(\w+)`/.exec(line) ?? []
    return line.startsWith('CONSTRAINT') ? `drop foreign key ${name}` : `drop key ${name}`
  })
  // Rows are right by how they are made; without this, the foreign key is added by copying the whole table.
  await connection.query('set session foreign_key_checks = 0')
  await connection.query(`alter table attendance_logs ${drops.join(', ')}`)
  const { offset, device, user } = expressions(size)
  const instant = `timestampadd(second, ${offset}, '${new Date(LARGE_TABLE_BEGINS_MS).toISOString().slice(0, 10)} 00:00:00')`
  for (const { first, last } of chunksOf(size.logs)) {
    await connection.query(`insert into attendance_logs (${COLUMNS})
      select ${device}, ${user('char')}, ${instant}, date_format(${instant}, '%Y-%m-%d %T'), n % 2, 1, 0,
        'poll', '40', unhex(repeat('00', 40)), null, ${instant}
      from (select seq as n from seq_${first}_to_${last}) as numbers`)
  }
  await connection.query(`alter table attendance_logs ${definitions.map(line => `add ${line}`).join(', ')}`)
  await connection.query('analyze table attendance_logs')
}

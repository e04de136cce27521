import { hash } from 'node:crypto'
import type { DatabaseConfig } from '../src/app/config.ts'
import type { LogFilter } from '../src/model/store.ts'
import { withMysql, withPostgres } from '../test/servers/recipes.ts'
import { openBareSqlite } from './bare-sqlite.ts'

export interface PageRequest {
  readonly filter: LogFilter
  readonly before?: { readonly punchedAtMs: number; readonly id: number }
}

/** The ids of a page, in its order; all columns are read. */
export type BarePage = (request: PageRequest, limit: number) => Promise<number[]>

/** The query that a script would have, prepared on a connection of its own. */
export async function withBarePages<Result>(
  database: DatabaseConfig,
  work: (page: BarePage) => Promise<Result>,
): Promise<Result> {
  switch (database.engine) {
    case 'sqlite': {
      const file = openBareSqlite(database.path)
      try {
        return await work(async (request, limit) => {
          const { sql, values } = queryOf(request, limit, {
            place: () => '?',
            instant: ms => new Date(ms).toISOString(),
          })
          return idsOf(file.prepare(sql).all(values))
        })
      } finally {
        file.close()
      }
    }
    case 'postgres':
      return await withPostgres(database.address, client =>
        work(async (request, limit) => {
          const { sql, values } = queryOf(request, limit, {
            place: n => `$${n}`,
            instant: ms => new Date(ms).toISOString(),
          })
          return idsOf((await client.query({ name: hash('md5', sql), text: sql, values })).rows)
        }),
      )
    case 'mysql':
      return await withMysql(database.address, connection =>
        work(async (request, limit) => {
          const { sql, values } = queryOf(request, limit, {
            place: () => '?',
            instant: ms => new Date(ms).toISOString().slice(0, -1),
          })
          const [rows] = await connection.query(sql, values)
          return idsOf(rows as unknown[])
        }),
      )
    default:
      return database satisfies never
  }
}

function idsOf(rows: readonly unknown[]): number[] {
  return rows.map(row => Number((row as { id: unknown }).id))
}

function queryOf(
  { filter, before }: PageRequest,
  limit: number,
  words: { place: (n: number) => string; instant: (ms: number) => string },
): { sql: string; values: Array<string | number> } {
  const values: Array<string | number> = []
  const place = (value: string | number) => words.place(values.push(value))
  const conditions: string[] = []
  const { deviceIds = [], user, since, until } = filter
  if (deviceIds.length === 1) conditions.push(`device_id = ${deviceIds.map(place).join()}`)
  if (deviceIds.length > 1) conditions.push(`device_id in (${deviceIds.map(place).join()})`)
  if (user !== undefined) conditions.push(`device_user_id = ${place(user)}`)
  if (since) conditions.push(`punched_at >= ${place(words.instant(since.getTime()))}`)
  if (until) conditions.push(`punched_at <= ${place(words.instant(until.getTime()))}`)
  if (before) {
    const instant = words.instant(before.punchedAtMs)
    conditions.push(`punched_at <= ${place(instant)}`)
    conditions.push(`(punched_at < ${place(instant)} or id < ${place(before.id)})`)
  }
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''
  return {
    sql: `select * from attendance_logs ${where} order by punched_at desc, id desc limit ${limit}`,
    values,
  }
}

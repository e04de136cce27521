import assert from 'node:assert/strict'
import { type CompiledQuery, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { test } from 'vitest'
import { FORMS_KEPT, KeptQueries } from './kept-queries.ts'
import type { Tables } from './tables.ts'

class NotingDriver extends DummyDriver {
  readonly asked: Array<[sql: string, ...parameters: unknown[]]> = []

  override async acquireConnection() {
    const connection = await super.acquireConnection()
    return {
      ...connection,
      executeQuery: async ({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) => {
        this.asked.push([sql, ...parameters])
        return { rows: [] }
      },
      streamQuery: connection.streamQuery,
    }
  }
}

function openScene() {
  const driver = new NotingDriver()
  const kysely = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: db => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
  const scene = { built: 0, asked: driver.asked }
  const engine = { read: async <Row>(query: CompiledQuery<Row>) => (await kysely.executeQuery<Row>(query)).rows }
  const queries = new KeptQueries(engine, (place, values) => {
    scene.built++
    let query = kysely.selectFrom('devices').select('id').where('name', '=', 'fixed').limit(place<number>('limit'))
    if ('port' in values) query = query.where('port', 'in', [place<number>('port'), place<number>('port')])
    return query
  })
  return { queries, scene }
}

test('a form is built once, and each value is put wherever its place is', async () => {
  const { queries, scene } = openScene()
  await queries.rows({ limit: 1 })
  await queries.rows({ limit: 2 })
  await queries.rows({ limit: 3, port: 4370 })
  await queries.rows({ limit: 4 })
  assert.equal(scene.built, 2)
  const plain = 'select "id" from "devices" where "name" = ? limit ?'
  assert.deepEqual(scene.asked, [
    [plain, 'fixed', 1],
    [plain, 'fixed', 2],
    ['select "id" from "devices" where "name" = ? and "port" in (?, ?) limit ?', 'fixed', 4370, 4370, 3],
    [plain, 'fixed', 4],
  ])
})

test('forms are not kept without end: the one used longest ago goes', async () => {
  const { queries, scene } = openScene()
  await queries.rows({ limit: 1 })
  for (let form = 1; form < FORMS_KEPT; form++) await queries.rows({ limit: 1, [`value${form}`]: 1 })
  await queries.rows({ limit: 1 })
  assert.equal(scene.built, FORMS_KEPT)
  await queries.rows({ limit: 1, another: 1 })
  await queries.rows({ limit: 1 })
  assert.equal(scene.built, FORMS_KEPT + 1)
  await queries.rows({ limit: 1, value1: 1 })
  assert.equal(scene.built, FORMS_KEPT + 2)
})

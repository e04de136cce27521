import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Store } from '../../../src/model/store.ts'
import { openMysqlReader, openMysqlStore } from '../../../src/store/mysql/open-mysql-store.ts'
import { openPostgresReader, openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts'
import type { ServerAddress } from '../../../src/store/server-address.ts'
import { mayTest, startServer, withMysql, withPostgres } from '../../servers/recipes.ts'
import { openSeenDatabase, type SeenDatabase } from './database-engines.ts'
import { columnsOf, ENGINES, type EngineName, readPage, sqlOf } from './database-page.ts'
import { batchOf, punch, StandingClock, startRun, storedPunches, turningBox } from './fixture.ts'

const PAGE = readPage('database.md')
const SERVER_OF = { postgres: 'PostgreSQL', mysql: 'MariaDB' } as const
const HOUR_MS = 3_600_000
const [IN, OUT, BREAK_OUT, BREAK_IN] = [0, 1, 2, 3]

/** `user, local time, state` of device 1, the first two of them exported already, and of device 2. The zone is Berlin. */
const PUNCHES = [
  [
    ['7', '2026-01-05 08:55:00', IN],
    ['7', '2026-01-05 12:00:00', OUT],
    ['12', '2026-01-05 09:10:00', IN],
    ['7', '2026-01-05 17:05:00', OUT],
    ['9', '2026-01-06 09:00:01', IN],
    ['9', '2026-01-06 17:00:00', OUT],
  ],
  [
    ['007', '2026-01-05 08:30:00', IN],
    ['007', '2026-01-05 12:00:00', BREAK_OUT],
    ['7', '2026-01-05 12:30:00', IN],
    ['007', '2026-01-05 12:45:00', BREAK_IN],
    ['50', '2026-01-04 23:50:00', IN],
    ['50', '2026-01-05 00:10:00', OUT],
    ['51', '2026-01-06 00:10:00', IN],
    ['51', '2026-01-06 06:00:00', OUT],
  ],
] as const

/** What each query of the page has to answer to {@link fill}, by its heading. */
const ANSWERS: Record<string, Array<Array<string | null>>> = {
  'Who is in the building now': [
    ['007', 'Main Entrance', '2026-01-05 12:45:00', null],
    ['12', 'Main Entrance', '2026-01-05 09:10:00', 'Ben'],
  ],
  'First in and last out of each person on a day': [
    ['007', '2026-01-05 08:30:00', '2026-01-05 12:45:00', '3'],
    ['12', '2026-01-05 09:10:00', '2026-01-05 09:10:00', '1'],
    ['50', '2026-01-05 00:10:00', '2026-01-05 00:10:00', '1'],
    ['7', '2026-01-05 08:55:00', '2026-01-05 17:05:00', '4'],
  ],
  'Late arrivals': [
    ['2026-01-05', '12', '09:10:00'],
    ['2026-01-06', '9', '09:00:01'],
  ],
  'An odd number of punches': [
    ['007', '3', '2026-01-05 12:45:00'],
    ['12', '1', '2026-01-05 09:10:00'],
    ['50', '1', '2026-01-05 00:10:00'],
  ],
  'In without out': [
    ['007', '2026-01-05 12:45:00'],
    ['12', '2026-01-05 09:10:00'],
  ],
  'Punches an hour': [
    ['00', '1'],
    ['08', '2'],
    ['09', '1'],
    ['12', '4'],
    ['17', '1'],
  ],
  'The last 24 hours': [['Main Entrance', '99', '2026-01-01 00:00:00']],
  'What came since the last export': [
    ...PUNCHES[0].slice(2).map(exported(1)),
    ...PUNCHES[1].map(exported(2)),
    ['2', '99', '2026-01-01 00:00:00', '1'],
  ],
}

for (const engine of ENGINES) {
  const isThere = engine === 'sqlite' || mayTest(SERVER_OF[engine], `docs/database.md on ${SERVER_OF[engine]}`)
  describe.skipIf(!isThere)(`docs/database.md on ${engine}`, () => {
    let database: SeenDatabase
    beforeAll(async () => {
      database = await openSeenDatabase(engine)
      await fill(database.store)
    })
    afterAll(() => database?.[Symbol.asyncDispose]())

    test('the page holds every column with its type, and no other', async () => {
      const [page, schema] = [columnsOf(PAGE, engine), await database.columns()]
      // Only SQLite tells in which order tables were made.
      if (engine === 'sqlite') assert.deepEqual(page, schema)
      else assert.deepEqual(page.sort(), schema.sort())
    })

    for (const [heading, answer] of Object.entries(ANSWERS)) {
      const texts = sqlOf(PAGE).filter(each => each.heading === heading && each.engines.includes(engine))
      test(`query: ${heading}`, async () => {
        assert(texts.length > 0, 'the page has it for this engine')
        for (const { sql } of texts) {
          const rows = await database.rows(sql)
          // Ids differ between engines.
          assert.deepEqual(heading === 'What came since the last export' ? rows.map(row => row.slice(1)) : rows, answer)
        }
      })
    }

    if (engine !== 'sqlite')
      test('the user that the page makes can read everything, and change nothing', async () => {
        assert(database.onServer)
        const { address } = database.onServer
        const grants = sqlOf(PAGE).filter(each => each.heading === 'Who may write' && each.engines.includes(engine))
        assert.equal(grants.length, 1)
        for (const { sql } of grants) await executeAll(engine, address, sql)
        const kysely = readerOf(engine, { ...address, user: 'rollcall_reader', password: 'another secret' })
        try {
          assert.equal((await kysely.selectFrom('attendance_logs').select('id').execute()).length, 15)
        } finally {
          await kysely.destroy()
        }
        const reader = { ...address, user: 'rollcall_reader', password: 'another secret' }
        for (const sql of ['delete from attendance_logs', 'update devices set port = 1', 'create table t (id integer)'])
          await assert.rejects(executeAll(engine, reader, sql), /permission denied|command denied/)
      })
  })
}

for (const engine of ['postgres', 'mysql'] as const) {
  const name = SERVER_OF[engine]
  test.skipIf(!mayTest(name, `docs/operations.md on ${name}`))(
    `the database and user of docs/operations.md do: ${name}`,
    async () => {
      await using server = await startServer(name)
      const admin = server.address(await server.createDatabase())
      const made = sqlOf(readPage('operations.md')).filter(each => each.engines.includes(engine))
      assert.equal(made.length, 1)
      // The administrator of the tests has the name already.
      for (const { sql } of made) await executeAll(engine, admin, sql.replace(/\brollcall\b/g, 'rollcall_made'))
      const address = { ...admin, user: 'rollcall_made', password: 'a secret', database: 'rollcall_made' }
      const open = engine === 'postgres' ? openPostgresStore : openMysqlStore
      await using store = await open({ address, clock: new StandingClock(), secrets: turningBox })
      await fill(store)
      await store.devices.remove(1)
      assert.equal((await storedPunches(store)).length, PUNCHES[1].length + 1)
    },
  )
}

test('every query of docs/database.md is tried', () => {
  const headings = sqlOf(PAGE.slice(PAGE.indexOf('## Queries'), PAGE.indexOf('## Who may write')))
  assert.deepEqual([...new Set(headings.map(each => each.heading))].sort(), Object.keys(ANSWERS).sort())
})

async function fill(store: Store): Promise<void> {
  for (const [i, punches] of PUNCHES.entries()) {
    const run = await startRun(store)
    const zoned = punches.map(([userId, localTime, punchState]) =>
      punch(userId, 0, { localTime, punchState, punchedAtMs: Date.parse(`${localTime.replace(' ', 'T')}+01:00`) }),
    )
    await store.punches.commit(batchOf(run, { punches: zoned }))
    const day = { from: '2026-01-05 00:00:00', until: '2026-01-05 00:00:00' }
    if (i === 0) await store.people.record(run.device.id, [{ uid: 1, userId: '12', name: 'Ben' }], day)
    if (i === 0) continue
    // Of a clock that is far behind, an hour ago.
    const now = punch('99', 0, { punchedAtMs: Date.now() - HOUR_MS, punchState: OUT })
    await store.punches.commit(batchOf(run, { punches: [now] }))
  }
}

function exported(deviceId: number) {
  return ([userId, localTime, state]: readonly [string, string, number]) => [
    `${deviceId}`,
    userId,
    localTime,
    `${state}`,
  ]
}

function readerOf(engine: 'postgres' | 'mysql', address: ServerAddress) {
  return engine === 'postgres' ? openPostgresReader(address) : openMysqlReader(address)
}

/** Statements of a page, on the database of the test in place of the one that the page names. */
async function executeAll(engine: EngineName, address: ServerAddress, sql: string): Promise<void> {
  const ours = sql
    .replace(/database rollcall\b/, `database ${address.database}`)
    .replace('rollcall.*', `${address.database}.*`)
  for (const statement of ours.split(';').filter(text => text.trim() !== '')) {
    if (engine === 'postgres') await withPostgres(address, client => client.query(statement))
    else await withMysql(address, connection => connection.query(statement))
  }
}

import assert from 'node:assert/strict'
import { type CompiledQuery, DummyDriver, Kysely, MysqlAdapter, MysqlIntrospector } from 'kysely'
import { test } from 'vitest'
import type { Tables } from '../tables.ts'
import { MysqlCompiler } from './compiler.ts'
import { InstantParameters } from './instant-parameters.ts'

const db = new Kysely<Tables>({
  dialect: {
    createDriver: () => new DummyDriver(),
    createQueryCompiler: () => new MysqlCompiler(),
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: kysely => new MysqlIntrospector(kysely),
  },
  plugins: [new InstantParameters()],
})
const AT = '2026-01-05T08:30:00.000Z'
const SENT = '2026-01-05T08:30:00.000'

const QUERIES: ReadonlyArray<[name: string, query: CompiledQuery, parameters: unknown[]]> = [
  ['stored', db.insertInto('clock_readings').values(reading()).compile(), [1, SENT, AT, 0, 'read']],
  [
    'stored, several rows, with one that is not there',
    db
      .insertInto('sync_jobs')
      .values([
        { device_id: 1, state: 'waiting', is_failed: 0, tries: 0, token: 0, queued_at: AT, not_before: null },
        { device_id: 2, state: 'waiting', is_failed: 0, tries: 0, token: 0, queued_at: AT, not_before: AT },
      ])
      .compile(),
    [1, 'waiting', 0, 0, 0, SENT, null, 2, 'waiting', 0, 0, 0, SENT, SENT],
  ],
  [
    'changed',
    db.updateTable('devices').set({ name: AT, updated_at: AT, last_synced_at: null }).where('host', '=', AT).compile(),
    [AT, SENT, null, AT],
  ],
  [
    'compared, in any depth',
    db
      .selectFrom('attendance_logs')
      .select('id')
      .where('device_user_id', '=', AT)
      .where('attendance_logs.punched_at', '<=', AT)
      .where(({ eb, or }) => or([eb('punched_at', '<', AT), eb('local_time', '<', AT)]))
      .compile(),
    [AT, SENT, SENT, AT],
  ],
  [
    'in the place of what is there already',
    db
      .insertInto('device_leases')
      .values({ device_id: 1, holder: AT, token: 0, ttl_ms: 1, expires_at: AT })
      .onConflict(conflict => conflict.column('device_id').doUpdateSet({ holder: AT, expires_at: AT }))
      .compile(),
    [1, AT, 0, 1, SENT, AT, SENT],
  ],
]

for (const [name, { parameters }, expected] of QUERIES)
  test(`an instant loses its letter by its column, and no other text does: ${name}`, () =>
    assert.deepEqual(parameters, expected))

test('to leave what is there is to set a column to itself', () => {
  const { sql } = db
    .insertInto('quarantined_records')
    .values({ device_id: 1, raw: '00', reason: 'NO_TIME', created_at: AT })
    .onConflict(conflict => conflict.doNothing())
    .compile()
  assert.match(sql, /on duplicate key update `device_id` = `device_id`$/)
})

function reading() {
  return { device_id: 1, read_at: AT, local_time: AT, drift_s: 0, kind: 'read' } as const
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { DatabaseConfig } from '../../../src/app/config.ts'
import { openEngine } from '../../../src/app/database.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { type CopyHooks, carryFeedOn, carryIdsOn, copyTables } from '../../../src/store/copy.ts'
import { anyTable, COPIED_TABLES, NUMBERED_TABLES } from '../../../src/store/copy-tables.ts'
import type { Engine } from '../../../src/store/engine.ts'
import { SqlFeed, tell } from '../../../src/store/feed.ts'
import type { ProcessServer } from '../../servers/process-server.ts'
import { mayTest, startServer } from '../../servers/recipes.ts'
import { addLogs, fillOddly, log, run } from './odd-rows.ts'

type Kind = 'SQLite' | 'PostgreSQL' | 'MariaDB'
const PAIRS: ReadonlyArray<readonly [Kind, Kind]> = [
  ['SQLite', 'SQLite'],
  ['SQLite', 'PostgreSQL'],
  ['PostgreSQL', 'SQLite'],
  ['SQLite', 'MariaDB'],
  ['MariaDB', 'SQLite'],
  ['PostgreSQL', 'MariaDB'],
  ['MariaDB', 'PostgreSQL'],
]
const SERVERS = (['PostgreSQL', 'MariaDB'] as const).filter(name => mayTest(name, `copies from and to ${name}`))
/** More than two pages. */
const LOGS = 1_100

describe('a copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-copy-'))
  const servers = new Map<Kind, ProcessServer>()
  const opened: Engine[] = []
  let files = 0
  beforeAll(async () => {
    for (const name of SERVERS) servers.set(name, await startServer(name))
  })
  afterAll(async () => {
    for (const engine of opened) await engine.close()
    for (const server of servers.values()) await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  async function freshEngine(kind: Kind): Promise<Engine> {
    const engine = await openEngine(await freshDatabase(kind), { clock: systemClock })
    opened.push(engine)
    return engine
  }

  async function freshDatabase(kind: Kind): Promise<DatabaseConfig> {
    if (kind === 'SQLite') return { engine: 'sqlite', path: join(folder, `${++files}.db`) }
    const server = servers.get(kind)
    assert(server)
    const address = server.address(await server.createDatabase())
    return { engine: kind === 'PostgreSQL' ? 'postgres' : 'mysql', address }
  }

  for (const [source, target] of PAIRS) {
    const isThere = [source, target].every(kind => kind === 'SQLite' || SERVERS.includes(kind))
    describe.skipIf(!isThere)(`${source} to ${target}`, () => {
      test('holds every row with its id, and gives new rows ids of their own', async () => {
        const ends = { from: await freshEngine(source), to: await freshEngine(target) }
        await fillOddly(ends.from, LOGS)
        const proofs = await copyTables(ends, quietHooks)
        assert(proofs.every(proof => proof.isEqual))
        assert.deepEqual(await contents(ends.to), await contents(ends.from))
        assert.equal(proofs.find(({ table }) => table === 'attendance_logs')?.to.rows, LOGS + 8 - 1)
        await carryIdsOn(ends)
        for (const table of NUMBERED_TABLES) {
          assert.equal(await ends.to.lastId(table), await ends.from.lastId(table), table)
        }
        await assertNewIds(ends.to)
        const lease = await ends.to.kysely.selectFrom('device_leases').selectAll().where('device_id', '=', 1).execute()
        assert.deepEqual(lease, [{ device_id: 1, holder: null, token: 41, ttl_ms: 0, expires_at: null, is_wanted: 0 }])
      })

      test('goes on wherever it was ended, and catches up what changed since', async () => {
        const ends = { from: await freshEngine(source), to: await freshEngine(target) }
        await fillOddly(ends.from, LOGS)
        await copyInPieces(ends, 0)
        assert.deepEqual(await contents(ends.to), await contents(ends.from))
        await changeEverything(ends.from)
        await copyInPieces(ends, 2)
        assert.deepEqual(await contents(ends.to), await contents(ends.from))
      })
    })
  }

  test('the feed goes on far above that of the source, and empty: whoever has seen either knows that it missed some', async () => {
    const ends = { from: await freshEngine('SQLite'), to: await freshEngine('SQLite') }
    const feeds = [ends.from, ends.to].map(engine => new SqlFeed(engine, systemClock))
    const tellAt = (engine: Engine) =>
      engine.transaction(transaction => tell(transaction, [{ kind: 'device', deviceId: 1 }], systemClock.now()))
    await tellAt(ends.from)
    await tellAt(ends.to)
    assert.equal((await feeds[1]?.bounds())?.newest, 1)
    await tellAt(ends.to)
    // Twice, as after a kill in the last moment.
    await carryFeedOn(ends)
    await carryFeedOn(ends)
    // The entry that waited in the source has no position, and counts for nothing.
    const bounds = await feeds[1]?.bounds()
    assert.deepEqual(bounds, { newest: 1_000_000, oldest: 1_000_001 })
    await tellAt(ends.to)
    assert.deepEqual(await feeds[1]?.after(1, 9), [{ position: 1_000_001, kind: 'device', deviceId: 1 }])
    assert.equal((await feeds[0]?.bounds())?.newest, 1)
  })

  test('does not begin anew: rows that are there are not written again', async () => {
    const ends = { from: await freshEngine('SQLite'), to: await freshEngine('SQLite') }
    await fillOddly(ends.from, LOGS)
    const pages: number[] = []
    const onProgress: CopyHooks['onProgress'] = ({ stage, table, done }) => {
      if (stage === 'copy' && table === 'attendance_logs') pages.push(done)
    }
    const error = new Error('ended')
    const ended = copyTables(ends, {
      onProgress,
      async pause() {
        if (pages.at(-1) === 500) throw error
      },
    })
    await assert.rejects(ended, error)
    assert.deepEqual(pages, [0, 500])
    await copyTables(ends, { ...quietHooks, onProgress })
    assert.deepEqual(pages, [0, 500, 1000, LOGS + 7])
  })

  test('the tags of a device are copied together, wherever a page of them ends', async () => {
    const ends = { from: await freshEngine('SQLite'), to: await freshEngine('SQLite') }
    await fillOddly(ends.from, 0)
    const device = await ends.from.kysely
      .selectFrom('devices')
      .selectAll()
      .where('id', '=', 1)
      .executeTakeFirstOrThrow()
    // 19 of each, so that neither pages of 500 nor looks of 2,000 end with a device.
    const ids = Array.from({ length: 150 }, (_, i) => 100 + i)
    await ends.from.transaction(async transaction => {
      await transaction
        .insertInto('devices')
        .values(ids.map(id => ({ ...device, id })))
        .execute()
      const tags = ids.flatMap(device_id => Array.from({ length: 19 }, (_, i) => ({ device_id, tag: `t ${i}` })))
      await transaction.insertInto('device_tags').values(tags).execute()
    })
    assert((await copyTables(ends, quietHooks)).every(proof => proof.isEqual))
    const tagsOf = (engine: Engine) =>
      engine.kysely.selectFrom('device_tags').selectAll().orderBy('device_id').orderBy('tag').execute()
    assert.equal((await tagsOf(ends.to)).length, 12 + 150 * 19)
    assert.deepEqual(await tagsOf(ends.to), await tagsOf(ends.from))
    // A tag too many and one too few are found by the proof alone.
    await ends.to.transaction(async transaction => {
      await transaction.deleteFrom('device_tags').where('device_id', '=', 240).where('tag', '=', 't 7').execute()
      await transaction.insertInto('device_tags').values({ device_id: 120, tag: 'more' }).execute()
    })
    assert((await copyTables(ends, quietHooks)).every(proof => proof.isEqual))
    assert.deepEqual(await tagsOf(ends.to), await tagsOf(ends.from))
  })

  test('says which table differs where somebody writes to the source all the time', async () => {
    const ends = { from: await freshEngine('SQLite'), to: await freshEngine('SQLite') }
    await fillOddly(ends.from, 0)
    let id = 5000
    const proofs = await copyTables(ends, {
      onProgress() {},
      pause: () => addLogs(ends.from, [log(++id, 1, { local_time: `${id}` })]),
    })
    assert.deepEqual(
      proofs.filter(proof => !proof.isEqual).map(({ table }) => table),
      ['attendance_logs'],
    )
  })

  test('an empty text in place of none, and one byte, are differences that are mended', async () => {
    const ends = { from: await freshEngine('SQLite'), to: await freshEngine('SQLite') }
    await fillOddly(ends.from, 1)
    await copyTables(ends, quietHooks)
    await ends.to.transaction(async transaction => {
      await transaction.updateTable('sync_runs').set({ full_because: sql`''` }).where('id', '=', 3).execute()
      await transaction
        .updateTable('attendance_logs')
        .set({ raw_record: Uint8Array.of(1) })
        .execute()
    })
    const seen: string[] = []
    const onProgress: CopyHooks['onProgress'] = ({ stage, table }) => void seen.push(`${stage} ${table}`)
    assert((await copyTables(ends, { ...quietHooks, onProgress })).every(proof => proof.isEqual))
    assert.deepEqual(await contents(ends.to), await contents(ends.from))
    const afterProof = seen.slice(seen.lastIndexOf('copy sync_runs'))
    assert(afterProof.includes('copy attendance_logs') && !afterProof.includes('copy clock_readings'))
  })
})

const quietHooks: CopyHooks = { pause: async () => {}, onProgress() {} }

/** Copies until the end is reached, a few more pages each time. */
async function copyInPieces(ends: { from: Engine; to: Engine }, firstPages: number): Promise<void> {
  for (let pages = firstPages; pages < 100; pages += 5) {
    if (await copyUntil(ends, pages)) return
  }
  assert.fail('it never ends')
}

/** Ends a copy after so many pages; whether it came to its end before, with every table equal. */
async function copyUntil(ends: { from: Engine; to: Engine }, pages: number): Promise<boolean> {
  let left = pages
  const error = new Error('ended in the middle')
  const hooks: CopyHooks = {
    onProgress() {},
    async pause() {
      if (left-- === 0) throw error
    },
  }
  try {
    return (await copyTables(ends, hooks)).every(proof => proof.isEqual)
  } catch (caught) {
    if (caught !== error) throw caught
    return false
  }
}

/** All rows, a lease as one that was given back. */
async function contents(engine: Engine): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {}
  for (const { name, order, columns } of COPIED_TABLES) {
    let query = anyTable(engine.kysely).selectFrom(name).select(columns)
    for (const column of order) query = query.orderBy(column)
    const rows = await query.execute()
    all[name] = rows.map(row => {
      if (name === 'device_leases') return [row.device_id, row.token]
      return columns.map(column => (row[column] instanceof Uint8Array ? row[column].toHex() : row[column]))
    })
  }
  return all
}

async function assertNewIds(engine: Engine): Promise<void> {
  const settings = {
    host: 'h',
    port: 1,
    transport: 'tcp',
    timezone: 'UTC',
    is_active: 1,
    is_live: 0,
    sets_clock: 0,
  } as const
  const at = { created_at: '2026-02-01T00:00:00.000Z', updated_at: '2026-02-01T00:00:00.000Z' }
  await engine.transaction(async transaction => {
    await transaction
      .insertInto('devices')
      .values({ name: 'new', ...settings, ...at })
      .execute()
    const { id: _, ...row } = log(0, 4, { local_time: 'new' })
    await transaction.insertInto('attendance_logs').values(row).execute()
  })
  const device = await engine.kysely.selectFrom('devices').select('id').where('name', '=', 'new').executeTakeFirst()
  // 9 was given out once, and is never used again.
  assert.equal(device?.id, 10)
  const added = await engine.kysely.selectFrom('attendance_logs').select('id').where('local_time', '=', 'new').execute()
  assert.deepEqual(added, [{ id: 2000 + LOGS }])
}

/** One change of each kind that can happen between two tries. */
async function changeEverything(engine: Engine): Promise<void> {
  await engine.transaction(async transaction => {
    await transaction.updateTable('devices').set({ name: 'renamed', model: '' }).where('id', '=', 1).execute()
    await transaction.deleteFrom('devices').where('id', '=', 4).execute()
    // One tag of several is another one, and a device loses its only one.
    await transaction.updateTable('device_tags').set({ tag: 'b' }).where('tag', '=', '007').execute()
    await transaction.deleteFrom('device_tags').where('device_id', '=', 2).execute()
    await transaction.updateTable('device_leases').set({ token: 42 }).where('device_id', '=', 1).execute()
    await transaction
      .updateTable('checkpoints')
      .set({ tail: Uint8Array.of(9) })
      .execute()
    await transaction
      .updateTable('sync_runs')
      .set({ error_message: 'e'.repeat(9000), inserted: 5 })
      .execute()
    await transaction.insertInto('sync_runs').values(run(9, 2)).execute()
    // The job that waited is done and another one waits; the failed one is put back.
    await transaction.deleteFrom('sync_jobs').where('id', '=', 7).execute()
    await transaction.updateTable('sync_jobs').set({ state: 'waiting', is_failed: 0 }).where('id', '=', 6).execute()
    const job = { device_id: 77, state: 'waiting', is_failed: 0, tries: 0, token: 0 } as const
    await transaction
      .insertInto('sync_jobs')
      .values({ ...job, queued_at: '2026-02-01T00:00:00.000Z' })
      .execute()
    // An account is edited, and another one makes room for a new one of the same address.
    await transaction.updateTable('accounts').set({ role: 'viewer' }).where('id', '=', 3).execute()
    await transaction.deleteFrom('accounts').where('id', '=', 5).execute()
    const at = { created_at: '2026-02-01T00:00:00.000Z', updated_at: '2026-02-01T00:00:00.000Z' }
    await transaction
      .insertInto('accounts')
      .values({ email: 'ben@example.org', role: 'admin', is_disabled: 0, ...at })
      .execute()
    await transaction.updateTable('api_tokens').set({ revoked_at: at.created_at }).execute()
    // A row that was removed and came back has another id, and the same place in the unique index.
    await transaction.deleteFrom('attendance_logs').where('id', '=', 2000).execute()
    await transaction.updateTable('attendance_logs').set({ clock_drift_s: 77 }).where('id', '=', 2500).execute()
  })
  await addLogs(engine, [log(9000, 1, { local_time: 't 0', sync_run_id: 3 }), log(9001, 2)])
}

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, test } from 'vitest'
import { freshFolder } from '../../../test/contract/store/test-database.ts'
import { systemClock } from '../../base/clock.ts'
import { type ErrorCode, StoreError } from '../../base/errors.ts'
import { openSqliteEngine } from './open-sqlite-store.ts'

const settings = {
  name: 'Main Entrance',
  host: 'h',
  port: 4370,
  transport: 'auto',
  timezone: 'UTC',
  isActive: true,
  isLive: false,
  setsClock: false,
  commKey: 0,
} as const

describe('opening', () => {
  const under = freshFolder()

  async function refused(code: ErrorCode, promise: Promise<unknown>): Promise<StoreError> {
    const error = await promise.then(
      () => assert.fail(`it should have failed with ${code}`),
      (reason: unknown) => reason,
    )
    assert(error instanceof StoreError, `not a StoreError: ${error}`)
    assert.equal(error.code, code, error.message)
    return error
  }

  test('a new file gets the schema, the WAL journal, and opens again', async () => {
    const store = await under.open()
    const { id } = await store.devices.add(settings)
    assert.equal(
      under.withPlainSql(database => database.pragma('journal_mode', { simple: true })),
      'wal',
    )
    assert.equal((await (await under.open()).devices.get(id)).name, 'Main Entrance')
  })

  test('a database in memory is a store like any other, and each its own', async () => {
    const [a, b] = [await under.open({ path: ':memory:' }), await under.open({ path: ':memory:' })]
    await a.devices.add(settings)
    assert.deepEqual([(await a.devices.list()).length, (await b.devices.list()).length], [1, 0])
  })

  const unusable: Array<{ name: string; prepare: (path: string) => void; says: RegExp }> = [
    {
      name: 'a folder stands at its path',
      prepare: path => mkdirSync(path),
      says: /cannot open the database|disk I\/O error/,
    },
    {
      name: 'it is text',
      prepare: path => writeFileSync(path, 'not a database\n'.repeat(99)),
      says: /is not a SQLite database/,
    },
    {
      name: 'it belongs to another program',
      prepare: path => new Sqlite(path).exec('create table devices (id integer)').close(),
      says: /another program/,
    },
    {
      name: 'it belongs to another program that uses Kysely',
      prepare: path => new Sqlite(path).exec('create table kysely_migration (name text, timestamp text)').close(),
      says: /another program/,
    },
  ]
  for (const { name, prepare, says } of unusable)
    test(`is refused, and leaves the file alone, when ${name}`, async () => {
      prepare(under.path)
      const before = name.includes('folder') ? '' : readFileSync(under.path, 'latin1').slice(100)
      for (const access of ['read-write', 'read-only'] as const) {
        const error = await refused('STORE_UNAVAILABLE', under.open({ access }))
        assert.match(error.message, says)
        assert(error.message.includes(under.path))
      }
      if (before !== '') assert.equal(readFileSync(under.path, 'latin1').slice(100), before)
    })

  test('is refused when the folder is missing', async () => {
    const path = join(dirname(under.path), 'missing', 'rollcall.db')
    for (const access of ['read-write', 'read-only'] as const)
      assert.match((await refused('STORE_UNAVAILABLE', under.open({ path, access }))).message, /folder/)
  })

  test('a database that lost pages is told as damaged', async () => {
    const store = await under.open()
    for (let i = 0; i < 200; i++) await store.devices.add({ ...settings, name: 'x'.repeat(200) })
    await store[Symbol.asyncDispose]()
    truncateSync(under.path, 8192)
    const open = async () => (await under.open()).devices.list()
    assert.match((await refused('STORE_UNAVAILABLE', open())).message, /damaged/)
  })

  test('a newer schema is refused, whatever the access', async () => {
    await (await under.open())[Symbol.asyncDispose]()
    under.withPlainSql(database => database.exec(`insert into rollcall_migrations values ('9999-later', '2030-01-01')`))
    for (const access of ['read-write', 'read-only'] as const)
      assert.match((await refused('STORE_SCHEMA_NEWER', under.open({ access }))).message, /9999-later/)
  })

  test('read-only reads, and neither creates, migrates nor writes', async () => {
    const access = 'read-only'
    assert.match((await refused('STORE_UNAVAILABLE', under.open({ access }))).message, /cannot open/)
    writeFileSync(under.path, '')
    assert.match((await refused('STORE_UNAVAILABLE', under.open({ access }))).message, /migrate/)
    assert.equal(readFileSync(under.path).length, 0)
    const writer = await under.open()
    const device = await writer.devices.add(settings)
    const reader = await under.open({ access })
    assert.deepEqual(await reader.devices.list(), [device])
    await refused('STORE_UNAVAILABLE', reader.devices.add(settings))
    await refused('STORE_UNAVAILABLE', reader.devices.remove(device.id))
    const later = await writer.devices.add(settings)
    assert.equal((await reader.devices.list()).length, 2)
    assert.deepEqual(await reader.devices.get(later.id), later)
  })

  test('processes that open a new file at once all get it, and no write is lost', async () => {
    const program = `
      import { openSqliteStore } from ${JSON.stringify(join(import.meta.dirname, 'open-sqlite-store.ts'))}
      import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../base/clock.ts'))}
      const secrets = { seal: text => text, open: text => text }
      const store = await openSqliteStore({ path: ${JSON.stringify(under.path)}, clock: systemClock, secrets })
      for (let i = 0; i < 50; i++) await store.devices.add(${JSON.stringify(settings)})
      await store[Symbol.asyncDispose]()`
    const exits = await Promise.all(
      Array.from({ length: 4 }, () => {
        const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' })
        return new Promise(resolve => child.on('exit', resolve))
      }),
    )
    assert.deepEqual(exits, [0, 0, 0, 0])
    assert.equal((await (await under.open()).devices.list()).length, 200)
  })

  test('a writer that never ends is waited for, for five seconds of the clock, and then told', async () => {
    let sleptMs = 0
    const clock = {
      ...systemClock,
      sleep: async (ms: number) => {
        sleptMs += ms
      },
    }
    const store = await under.open({ clock })
    const other = new Sqlite(under.path)
    other.exec('begin immediate')
    assert.match((await refused('STORE_UNAVAILABLE', store.devices.add(settings))).message, /locked/)
    assert(sleptMs > 4900 && sleptMs <= 5000, `${sleptMs} ms`)
    assert.deepEqual(await store.devices.list(), [], 'reading goes on')
    other.close()
  })

  test('a writer that ends in time holds nobody off', async () => {
    const store = await under.open()
    const other = new Sqlite(under.path)
    other.exec('begin immediate')
    const added = store.devices.add(settings)
    other.exec('commit')
    other.close()
    assert.equal((await added).name, 'Main Entrance')
  })
})

test('a read past the queue of the connection waits for a transaction under way, and sees nothing of what was rolled back', async () => {
  const engine = await openSqliteEngine({ path: ':memory:', clock: systemClock })
  try {
    const head = engine.kysely.selectFrom('feed_head').select('position').compile()
    const raise = engine.kysely.updateTable('feed_head').set({ position: 7 })
    assert.deepEqual(await engine.read(head), [{ position: 0 }])
    const reads: Array<Promise<unknown>> = []
    const failed = engine.transaction(async transaction => {
      await transaction.executeQuery(raise.compile())
      reads.push(engine.read(head))
      throw new Error('rolled back')
    })
    await assert.rejects(failed, /rolled back/)
    assert.deepEqual(await reads[0], [{ position: 0 }])
    await engine.transaction(async transaction => {
      await transaction.executeQuery(raise.compile())
      reads.push(engine.read(head))
    })
    assert.deepEqual(await reads[1], [{ position: 7 }])
  } finally {
    await engine.close()
  }
})

import assert from 'node:assert/strict'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { StoreError } from '../../base/errors.ts'
import { SqliteHandle } from './handle.ts'

describe('handle', () => {
  let database: Sqlite.Database
  let handle: SqliteHandle
  /** How often each text was prepared. */
  let prepared: Map<string, number>

  beforeEach(() => {
    database = new Sqlite(':memory:')
    prepared = new Map()
    const prepare = database.prepare.bind(database)
    database.prepare = ((sql: string) => {
      prepared.set(sql, (prepared.get(sql) ?? 0) + 1)
      return prepare(sql)
    }) as typeof database.prepare
    handle = new SqliteHandle({ database, path: 'p', clock: systemClock, onStatement: undefined })
  })
  afterEach(() => handle.close())

  const answerOf = (sql: string) => Object.values(handle.prepare(sql).all([])[0] as object)[0]

  test('a statement is prepared once while it is in use, and forgotten after many others', () => {
    for (let i = 0; i < 1000; i++) {
      assert.equal(answerOf(`select ${i}`), i)
      assert.equal(answerOf('select 10000'), 10_000)
    }
    assert.equal(prepared.get('select 10000'), 1)
    assert.equal(answerOf('select 999'), 999)
    assert.equal(prepared.get('select 999'), 1)
    assert.equal(answerOf('select 1'), 1)
    assert.equal(prepared.get('select 1'), 2)
  })

  test('a rollback where SQLite has rolled back by itself is no error', async () => {
    await handle.begin()
    database.exec('rollback')
    handle.rollback()
    await handle.begin()
    handle.rollback()
    assert.equal(database.inTransaction, false)
  })

  test('runs a statement and counts what it changed', () => {
    database.exec('create table t (a integer primary key)')
    const sql = 'insert into t values (?) on conflict do nothing'
    assert.deepEqual(
      [1, 2, 1].map(value => handle.run(sql, [value])),
      [1, 1, 0],
    )
    assert.equal(prepared.get(sql), 1)
  })

  test('what SQLite refuses is a StoreError with its cause, when it is prepared and when it is executed', () => {
    database.exec('create table t (a integer primary key)')
    const attempts = [
      () => handle.prepare('select from nowhere'),
      () => [1, 1].map(value => handle.run('insert into t values (?)', [value])),
      () => handle.prepare('select ?').all([]),
    ]
    for (const attempt of attempts)
      assert.throws(
        attempt,
        error => error instanceof StoreError && error.code === 'STORE_FAILED' && error.cause instanceof Error,
      )
  })
})

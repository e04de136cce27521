import assert from 'node:assert/strict'
import Sqlite from 'better-sqlite3'
import { test } from 'vitest'
import { type ErrorCode, StoreError } from '../../base/errors.ts'
import { storeErrorFrom } from './errors.ts'

const cases: Array<[string, ErrorCode]> = [
  ['SQLITE_CANTOPEN', 'STORE_UNAVAILABLE'],
  ['SQLITE_CANTOPEN_ISDIR', 'STORE_UNAVAILABLE'],
  ['SQLITE_PERM', 'STORE_UNAVAILABLE'],
  ['SQLITE_NOTADB', 'STORE_UNAVAILABLE'],
  ['SQLITE_CORRUPT', 'STORE_UNAVAILABLE'],
  ['SQLITE_CORRUPT_INDEX', 'STORE_UNAVAILABLE'],
  ['SQLITE_READONLY', 'STORE_UNAVAILABLE'],
  ['SQLITE_READONLY_DBMOVED', 'STORE_UNAVAILABLE'],
  ['SQLITE_FULL', 'STORE_UNAVAILABLE'],
  ['SQLITE_IOERR_WRITE', 'STORE_UNAVAILABLE'],
  ['SQLITE_BUSY', 'STORE_UNAVAILABLE'],
  ['SQLITE_BUSY_RECOVERY', 'STORE_UNAVAILABLE'],
  ['SQLITE_LOCKED', 'STORE_UNAVAILABLE'],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', 'NOT_FOUND'],
  ['SQLITE_CONSTRAINT_NOTNULL', 'STORE_FAILED'],
  ['SQLITE_ERROR', 'STORE_FAILED'],
]
for (const [code, expected] of cases)
  test(`${code} is ${expected}`, () => {
    const cause = new Sqlite.SqliteError('what SQLite said', code)
    const error = storeErrorFrom(cause, '/data/rollcall.db')
    assert(error instanceof StoreError)
    assert.equal(error.code, expected)
    assert.equal(error.cause, cause)
    assert(!error.message.includes('undefined'))
  })

test('our own errors pass, and what is no error becomes one', () => {
  const own = new StoreError('LEASE_LOST', 'lost')
  assert.equal(storeErrorFrom(own, 'p'), own)
  assert.match(storeErrorFrom('a string', 'p').message, /a string/)
})

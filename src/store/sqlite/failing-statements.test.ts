import assert from 'node:assert/strict'
import Sqlite, { type Database } from 'better-sqlite3'
import { describe, test } from 'vitest'
import { errorOf, Fault, failingStatements } from '../../../test/contract/store/failing-statements.ts'
import { freshFolder } from '../../../test/contract/store/test-database.ts'
import { StoreError } from '../../base/errors.ts'

describe('a statement that fails', () => {
  const under = freshFolder()

  failingStatements(() => ({
    open: parts => under.open(parts),
    contents: async () => under.withPlainSql(contents),
    strike: fillDisk,
    assertError(error) {
      assert(error instanceof StoreError && error.code === 'STORE_UNAVAILABLE', String(error))
      assert(error.cause instanceof Sqlite.SqliteError)
    },
  }))

  test('leaves a new file that opens the next time, whichever statement of the first opening it is', async () => {
    const fault = new Fault({ strike: fillDisk })
    let failures = 0
    for (let n = 1; ; n++) {
      fault.failAt(n)
      if ((await errorOf(under.open({ onStatement: sql => fault.pass(sql) }))) === undefined) break
      assert.deepEqual(Object.keys(under.withPlainSql(contents)), [], `after failure ${n} in ${fault.struckSql}`)
      failures++
    }
    assert(failures > 20, `${failures} failures`)
    assert.deepEqual(await (await under.open()).devices.list(), [])
  })
})

function fillDisk(): never {
  throw new Sqlite.SqliteError('database or disk is full', 'SQLITE_FULL')
}

/** Every row of every table, by table. */
function contents(database: Database): Record<string, unknown[]> {
  const tables = database.prepare(`select name from sqlite_schema where type = 'table' order by name`).pluck().all()
  return Object.fromEntries(tables.map(name => [name, database.prepare(`select * from "${name}"`).all()]))
}

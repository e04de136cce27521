import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { test } from 'vitest'
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts'
import { StandingClock, turningBox } from './fixture.ts'

test('docs/database.md holds every column with its type, and no other', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/database.md'), 'utf8')
  const documented = text.split(/^## /m).flatMap(section => {
    const table = section.slice(0, section.indexOf('\n'))
    const rows = section.matchAll(/^\| `(\w+)` \| ([\w, ]+) \|/gm)
    return Array.from(rows, ([, column, type]) => `${table}.${column} ${type}`)
  })
  assert.deepEqual(documented, await columnsOfFreshDatabase())
})

async function columnsOfFreshDatabase(): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-doc-'))
  const path = join(folder, 'rollcall.db')
  const store = await openSqliteStore({ path, clock: new StandingClock(), secrets: turningBox })
  const database = new Sqlite(path)
  try {
    return database
      .prepare(
        `select t.name || '.' || c.name || ' ' || lower(c.type) || iif(c."notnull" or c.pk, '', ', null')
         from sqlite_schema t, pragma_table_info(t.name) c
         where t.type = 'table' and t.name not like 'sqlite_%' and t.name not like 'rollcall_%' order by t.rowid, c.cid`,
      )
      .pluck()
      .all()
  } finally {
    database.close()
    await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  }
}

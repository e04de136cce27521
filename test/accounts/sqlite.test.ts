import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { turningBox } from '../contract/store/fixture.ts'
import { accountsOverHttp } from './suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'rollcall-accounts-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true }))

accountsOverHttp('SQLite', clock =>
  openSqliteStore({ path: join(folder, `${++files}.db`), clock, secrets: turningBox }),
)

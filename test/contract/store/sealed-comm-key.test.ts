import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'
import { openSecretBox } from '../../../src/app/secret-box.ts'
import { ConfigError } from '../../../src/base/errors.ts'
import type { Store } from '../../../src/model/store.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts'
import { StandingClock, settings } from './fixture.ts'

const COMM_KEY = 3141592653

let storageDir: string
beforeEach(() => {
  storageDir = mkdtempSync(join(tmpdir(), 'rollcall-sealed-'))
})
afterEach(() => rmSync(storageDir, { recursive: true }))

function open(): Promise<Store> {
  const secrets = openSecretBox({ storageDir })
  return openSqliteStore({ path: join(storageDir, 'rollcall.db'), clock: new StandingClock(), secrets })
}

test('no file holds the comm key in clear, neither as text nor as a number', async () => {
  await using store = await open()
  const { id } = await store.devices.add(settings({ commKey: COMM_KEY }))
  await store.devices.edit(id, { commKey: COMM_KEY })
  const number = Buffer.alloc(4)
  number.writeUInt32BE(COMM_KEY)
  const files = readdirSync(storageDir)
  assert(files.includes('rollcall.db-wal') && files.includes('secret.key'))
  for (const file of files) {
    const bytes = readFileSync(join(storageDir, file))
    for (const clear of [Buffer.from(String(COMM_KEY)), number, Buffer.from(number).reverse()])
      assert.equal(bytes.indexOf(clear), -1, file)
  }
  await using another = await open()
  assert.equal(await another.devices.commKey(id), COMM_KEY)
})

test('without its key file the comm key is unusable, and everything else goes on', async () => {
  const first = await open()
  const { id } = await first.devices.add(settings({ commKey: COMM_KEY }))
  await first[Symbol.asyncDispose]()
  rmSync(join(storageDir, 'secret.key'))
  await using store = await open()
  await assert.rejects(
    store.devices.commKey(id),
    error => error instanceof ConfigError && error.code === 'SECRET_UNUSABLE',
  )
  assert.equal((await store.devices.get(id)).hasCommKey, true)
  const keyless = await store.devices.add(settings())
  assert.equal(await store.devices.commKey(keyless.id), 0)
  assert.deepEqual(readdirSync(storageDir).includes('secret.key'), false, 'no key is made for want of a secret')
  await store.devices.edit(id, { commKey: 5 })
  assert.equal(await store.devices.commKey(id), 5)
})

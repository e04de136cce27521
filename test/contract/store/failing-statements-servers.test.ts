import assert from 'node:assert/strict'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import type { Clock } from '../../../src/base/clock.ts'
import { StoreError } from '../../../src/base/errors.ts'
import type { Store } from '../../../src/model/store.ts'
import { describeOnServers } from '../../servers/describe-on-servers.ts'
import { RelayedDatabase } from '../../servers/relayed-database.ts'
import { errorOf, Fault, failingStatements } from './failing-statements.ts'
import { prepare, TickingClock, WRITING_OPERATIONS } from './writing-operations.ts'

const SECRETS = { seal: (text: string) => text, open: (sealed: string) => sealed }

describeOnServers('failing statements', ({ name, server }) => {
  const stores: Store[] = []
  let database: RelayedDatabase
  beforeAll(async () => {
    database = await RelayedDatabase.create(name, server())
    await database.prepare()
  })
  beforeEach(() => database.empty())
  afterEach(async () => {
    for (const store of stores.splice(0)) await store[Symbol.asyncDispose]()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const contents = () => database.contents()
  const open = async (parts: { clock: Pick<Clock, 'now' | 'sleep'>; onStatement: (sql: string) => void }) => {
    const store = await database.open({ ...parts, secrets: SECRETS })
    stores.push(store)
    return store
  }

  describe('a statement that fails', () => {
    failingStatements(() => ({
      open,
      contents,
      strike() {
        throw new StoreError('STORE_FAILED', 'simulated failure of a statement')
      },
      assertError: error => assert(error instanceof StoreError && error.code === 'STORE_FAILED', String(error)),
    }))
  })

  describe('a statement at which the connection is lost', () => {
    failingStatements(() => ({
      open,
      contents,
      strike: () => database.cut(),
      canFail: sql => sql !== 'begin',
      assertError: error => assert(error instanceof StoreError && error.code === 'STORE_UNREACHABLE', String(error)),
    }))
  })

  test('a transaction whose connection is lost at its begin is done anew, and done once', async () => {
    const fault = new Fault({ strike: () => database.cut(), canFail: sql => sql === 'begin' })
    const store = await open({ clock: new TickingClock(), onStatement: sql => fault.pass(sql) })
    await prepare(store)
    const rows = async () => (await database.contents()).devices?.length
    assert.equal(await rows(), 1)
    fault.failAt(1)
    const prepared = await prepare(store)
    assert.equal(fault.struckSql, 'begin')
    assert.equal(prepared.lease.deviceId, (await store.devices.list()).at(-1)?.id)
    assert.equal(await rows(), 2)
  })

  for (const [operation, operate] of Object.entries(WRITING_OPERATIONS))
    test(`a commit whose answer is lost stands, and is not done twice: ${operation}`, async () => {
      const fault = new Fault({ strike: () => database.relay.cutAtAnswer(), canFail: sql => sql === 'commit' })
      let begun = 0
      const onStatement = (sql: string) => {
        if (sql === 'begin') begun++
        fault.pass(sql)
      }
      const prepared = await prepare(await open({ clock: new TickingClock(), onStatement }))
      const before = await database.contents()
      begun = 0
      fault.failAt(1)
      const error = await errorOf(operate(prepared))
      assert(error instanceof StoreError && error.code === 'STORE_UNREACHABLE', String(error))
      assert.equal(begun, 1)
      assert.notDeepEqual(await database.contents(), before, 'it was committed')
    })
})

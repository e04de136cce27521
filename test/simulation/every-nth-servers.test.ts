import assert from 'node:assert/strict'
import { afterAll, beforeAll, beforeEach, test } from 'vitest'
import { seededRandom } from '../../src/base/random.ts'
import { isLong } from '../long.ts'
import { describeOnServers } from '../servers/describe-on-servers.ts'
import { RelayedDatabase } from '../servers/relayed-database.ts'
import {
  attach,
  FailingStatements,
  RECORDS,
  RECORDS_OF_TWO_BATCHES,
  SEED,
  type StatementFailure,
  settle,
  syncOnce,
  syncUnderFailure,
} from './every-nth.ts'
import type { PacketFailure } from './failing-network.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

const SETUP = { transport: 'tcp', layout: '40' } as const
const ALL = isLong('two of three packets and kinds of statements that fail under a sync to a server')
/** Between one packet that fails and the next. Which one it is matters little to a database; SQLite goes through all of them. */
const PACKETS_SKIPPED_MAX = ALL ? 8 : 24
/** Of the kinds of statements, each so-many-th. */
const KINDS_STEP = ALL ? 1 : 3

describeOnServers('the crash simulation', ({ name, server }) => {
  let database: RelayedDatabase
  /** What a sync that nothing befalls says to the database. */
  let statements: readonly string[]
  beforeAll(async () => {
    database = await RelayedDatabase.create(name, server())
    const failing = new FailingStatements()
    await using world = new World({ seed: SEED, server: database, onStatement: sql => failing.pass(sql) })
    await attach(world, SETUP, RECORDS_OF_TWO_BATCHES)
    failing.failAt(Number.POSITIVE_INFINITY, 'once')
    await syncOnce(world)
    statements = failing.seen
  })
  beforeEach(() => database.empty())
  afterAll(() => database[Symbol.asyncDispose]())

  for (const how of ['lost', 'cut'] satisfies PacketFailure[]) {
    test(`the n-th packet is ${how}, for a spread of n: every punch once`, async () => {
      const random = seededRandom(SEED)
      let happened = true
      for (let n = random.int(1, PACKETS_SKIPPED_MAX); happened; n += random.int(1, PACKETS_SKIPPED_MAX)) {
        await named(`packet ${n}`, async () => {
          await database.empty()
          await using world = new World({ seed: SEED, server: database })
          const device = await attach(world, SETUP, RECORDS)
          world.wire.failAt(n, how)
          await syncOnce(world)
          happened = world.wire.packets >= n
          assertTruth(device, await storedOf(await world.store(), 1), { missing: 'some' })
          world.wire.heal()
          await settle(world, device)
        })
      }
    })
  }

  test('a statement fails, of each kind (begin, write and commit alike): every punch once', () =>
    forEachN(oneOfEachKind(statements), 'once'))

  test('the connection is lost at a statement, of each kind: every punch once', () =>
    forEachN(oneOfEachKind(statements), () => database.cut()))

  test('the connection is lost once a commit was done and before its answer came, for each commit: every punch once', () =>
    forEachN(commits(statements), () => database.relay.cutAtAnswer()))

  for (const [when, offset] of [
    ['before', 0],
    ['after', 1],
  ] as const)
    test(`the process dies ${when} a commit, for each of them: the next one stores every punch once`, () => {
      const ns = commits(statements).map(n => n + offset)
      return forEachN(ns, 'for ever', { crashes: true })
    })

  /** A sync in which the n-th statement fails, for each of these n; then one that ends well, by another process after a crash. */
  async function forEachN(ns: readonly number[], how: StatementFailure, { crashes = false } = {}): Promise<void> {
    for (const n of ns)
      await named(`statement ${n} of ${statements.length}, ${statements[n - 1]?.slice(0, 80)}`, async () => {
        await database.empty()
        const failing = new FailingStatements()
        await using world = new World({ seed: SEED, server: database, onStatement: sql => failing.pass(sql) })
        const device = await attach(world, SETUP, RECORDS_OF_TWO_BATCHES)
        failing.failAt(n, how)
        await syncUnderFailure(world)
        const story = `another statement than was meant: ${JSON.stringify(world.events)}`
        assert.equal(failing.seen.slice(0, n).join('; '), statements.slice(0, n).join('; '), story)
        failing.heal()
        if (crashes) await world.crash()
        assertTruth(device, await storedOf(await world.store(), 1), { missing: 'some' })
        await settle(world, device)
        await database.assertNothingOpen()
      })
  }
})

/**
 * Every n would take minutes on a server, and most statements are alike: one of each kind is taken, that is of each text. Which one
 * it is, the seed decides. SQLite goes through all of them.
 */
function oneOfEachKind(statements: readonly string[]): number[] {
  const random = seededRandom(SEED)
  const kinds = Map.groupBy(statements.keys(), index => statements[index])
  const each = Array.from(kinds.values(), indices => random.pick(indices) + 1)
  return each.filter((_, index) => index % KINDS_STEP === 0)
}

function commits(statements: readonly string[]): number[] {
  return [...statements.keys()].filter(index => statements[index] === 'commit').map(index => index + 1)
}

async function named(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new Error(`${what}, seed ${SEED}: ${(error as Error).message}`, { cause: error })
  }
}

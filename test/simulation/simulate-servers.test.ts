import { afterAll, beforeAll, beforeEach, test } from 'vitest'
import { describeOnServers } from '../servers/describe-on-servers.ts'
import { RelayedDatabase } from '../servers/relayed-database.ts'
import { simulateSite } from './simulate.ts'

const FIRST_SEED = 0x7e57
const SEEDS = 2

describeOnServers('simulated sites', ({ name, server }) => {
  let database: RelayedDatabase
  beforeAll(async () => {
    database = await RelayedDatabase.create(name, server())
    await database.prepare()
  })
  beforeEach(() => database.empty())
  afterAll(() => database[Symbol.asyncDispose]())

  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const replay = `npm run sim -- --engine ${name === 'PostgreSQL' ? 'postgres' : 'mysql'} --seed 0x${seed.toString(16)}`
    test(`hours of a site, also with connections to its database that are lost (${replay})`, async () => {
      await simulateSite(seed, database)
      await database.assertNothingOpen()
    })
  }
})

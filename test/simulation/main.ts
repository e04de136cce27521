import { parseArgs } from 'node:util'
import { serverOfEngine, startServer } from '../servers/recipes.ts'
import { RelayedDatabase } from '../servers/relayed-database.ts'
import { simulateSite } from './simulate.ts'

/**
 * `npm run sim -- [--seed 0x7e57] [--seeds 100] [--engine postgres|mysql]`: one seed replays one simulation; without it, so many from
 * a random start. Without an engine it is SQLite.
 */
const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string' }, engine: { type: 'string', default: 'sqlite' } },
})
await using stack = new AsyncDisposableStack()
const server = await serverFor(values.engine)
const first = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed)
const count = Number(values.seeds ?? (values.seed === undefined ? 100 : 1))
let failed = 0
const total = { punches: 0, failures: 0, crashes: 0 }
for (let i = 0; i < count; i++) {
  const seed = first + i
  try {
    await server?.empty()
    const { punches, failures, crashes } = await simulateSite(seed, server)
    total.punches += punches
    total.failures += failures
    total.crashes += crashes
  } catch (error) {
    failed++
    console.error(`seed 0x${seed.toString(16)} failed; replay it with: npm run sim -- ${replay(seed)}`)
    console.error(error)
  }
}
const lived = `${total.punches} punches, ${total.failures} failed runs, ${total.crashes} killed processes`
console.log(`${count} simulated sites, ${lived}: ${failed === 0 ? 'every punch once' : 'not every punch once'}`)
console.log(`${count - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function replay(seed: number): string {
  return `--seed 0x${seed.toString(16)}${values.engine === 'sqlite' ? '' : ` --engine ${values.engine}`}`
}

async function serverFor(engine: string): Promise<RelayedDatabase | undefined> {
  if (engine === 'sqlite') return undefined
  const name = serverOfEngine(engine)
  const process = stack.use(await startServer(name))
  const database = stack.use(await RelayedDatabase.create(name, process))
  await database.prepare()
  return database
}

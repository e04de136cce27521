import { parseArgs } from 'node:util'
import { simulateSite } from './simulate.ts'

/** `npm run sim -- [--seed 0x7e57] [--seeds 100]`: one seed replays one simulation; without it, so many from a random start. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, seeds: { type: 'string' } } })
const first = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed)
const count = Number(values.seeds ?? (values.seed === undefined ? 100 : 1))
let failed = 0
const total = { punches: 0, failures: 0, crashes: 0 }
for (let i = 0; i < count; i++) {
  const seed = first + i
  try {
    const { punches, failures, crashes } = await simulateSite(seed)
    total.punches += punches
    total.failures += failures
    total.crashes += crashes
  } catch (error) {
    failed++
    console.error(`seed 0x${seed.toString(16)} failed; replay it with: npm run sim -- --seed 0x${seed.toString(16)}`)
    console.error(error)
  }
}
const lived = `${total.punches} punches, ${total.failures} failed runs, ${total.crashes} killed processes`
console.log(`${count} simulated sites, ${lived}: ${failed === 0 ? 'every punch once' : 'not every punch once'}`)
console.log(`${count - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

import { test } from 'vitest'
import { simulateSite } from './simulate.ts'

/** A few seeds for every run of the tests; `npm run sim` takes as many as you like. */
const FIRST_SEED = 0x7e57
const SEEDS = 5

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
  test(`hours of a site with faults, pulled cables and killed processes (npm run sim -- --seed 0x${seed.toString(16)})`, async () => {
    await simulateSite(seed)
  })
}

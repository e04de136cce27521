import { test } from 'vitest'
import { simulateMonth } from './month.ts'

/** A few seeds for every run of the tests; `npm run month` takes two hundred, of thirty days each. */
const SEEDS = 8
const DAYS = 10

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`days of a company: punches, crashes, cleared logs, wrong clocks (npm run month -- --seed ${seed} --days ${DAYS})`, async () => {
    await simulateMonth(seed, { days: DAYS })
  })
}

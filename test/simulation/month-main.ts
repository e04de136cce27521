import { parseArgs } from 'node:util'
import { simulateMonth } from './month.ts'

/** `npm run month -- [--from 1] [--seeds 200] [--days 30]`; `--seed N` replays one. */
const { values } = parseArgs({
  options: { seed: { type: 'string' }, from: { type: 'string' }, seeds: { type: 'string' }, days: { type: 'string' } },
})
const first = Number(values.seed ?? values.from ?? 1)
const count = values.seed === undefined ? Number(values.seeds ?? 200) : 1
const days = Number(values.days ?? 30)
let failed = 0
const total = { punches: 0, heard: 0, runs: 0, failures: 0, crashes: 0 }
for (let seed = first; seed < first + count; seed++) {
  try {
    const lived = await simulateMonth(seed, { days })
    for (const name of Object.keys(total) as Array<keyof typeof total>) total[name] += lived[name]
  } catch (error) {
    failed++
    console.error(`seed ${seed} failed; replay it with: npm run month -- --seed ${seed} --days ${days}`)
    console.error(count === 1 ? error : (error as Error).message)
  }
}
const { punches, heard, runs, failures, crashes } = total
console.log(
  `${count} simulated sites of ${days} days: ${punches} punches (${heard} heard), ${runs} runs, ${failures} failed, ${crashes} killed processes`,
)
console.log(`${count - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { databasePart } from './database-part.ts'
import { exportPart } from './export-part.ts'
import { largePart } from './large-part.ts'
import { liveManyPart } from './live-many-part.ts'
import { livePart } from './live-part.ts'
import { memoryPart } from './memory-part.ts'
import type { Part, Sizes } from './part.ts'
import { pollPart } from './poll-part.ts'
import { queuePart } from './queue-part.ts'
import { readPart } from './read-part.ts'
import { storePart } from './store-part.ts'
import { strangersPart } from './strangers-part.ts'
import { webPagePart } from './web-page-part.ts'
import { webPunchPart } from './web-punch-part.ts'
import { webRatePart } from './web-rate-part.ts'
import { webStreamsPart } from './web-streams-part.ts'

/** Every figure of this folder: `npm run bench`, or some of it: `npm run bench -- read memory`. Prints, and writes nothing. */
const PARTS: Readonly<Record<string, Part>> = {
  read: readPart,
  store: storePart,
  database: databasePart,
  poll: pollPart,
  live: livePart,
  'live-many': liveManyPart,
  queue: queuePart,
  memory: memoryPart,
  export: exportPart,
  strangers: strangersPart,
  'web-page': webPagePart,
  'web-rate': webRatePart,
  'web-streams': webStreamsPart,
  'web-punch': webPunchPart,
  large: largePart,
}
/** It takes many minutes and gigabytes, so that it runs only where it is asked for. */
const BY_NAME_ALONE: readonly string[] = ['large']

const FULL: Sizes = {
  records: 100_000,
  recordsOfMemory: 500_000,
  recordsOfStrangers: [1_000, 100_000],
  rounds: 25,
  warmUps: 30,
  punches: 1_000,
  liveDevices: 1_000,
  recordsOfLiveDevices: 1_000,
  idleSeconds: 60,
  logsOfLargeTable: 10_000_000,
  pages: 200,
  logsOfWeb: 1_000_000,
  requests: 1_000,
  streams: 1_000,
}
const QUICK: Sizes = {
  records: 10_000,
  recordsOfMemory: 50_000,
  recordsOfStrangers: [1_000],
  rounds: 3,
  warmUps: 1,
  punches: 100,
  liveDevices: 100,
  recordsOfLiveDevices: 100,
  idleSeconds: 5,
  logsOfLargeTable: 20_000,
  pages: 20,
  logsOfWeb: 20_000,
  requests: 500,
  streams: 50,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
})
const unknown = positionals.filter(name => !Object.hasOwn(PARTS, name))
if (unknown.length > 0) {
  console.error(`no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
  process.exit(2)
}

const sizes = values.quick ? QUICK : FULL
console.log(`Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}`)
for (const [name, part] of Object.entries(PARTS)) {
  const isWanted = positionals.length > 0 ? positionals.includes(name) : !BY_NAME_ALONE.includes(name)
  if (!isWanted) continue
  console.log(`\n${part.title(sizes)}`)
  for (const line of await part.run(sizes)) console.log(line)
}

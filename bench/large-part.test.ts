import assert from 'node:assert/strict'
import { test } from 'vitest'
import { largePart } from './large-part.ts'

const SIZES = {
  ...{ records: 0, recordsOfMemory: 0, recordsOfStrangers: [], rounds: 0, warmUps: 0, punches: 0 },
  ...{ liveDevices: 0, recordsOfLiveDevices: 0, idleSeconds: 0, logsOfWeb: 0, requests: 0, streams: 0 },
  logsOfLargeTable: 20_000,
  pages: 5,
}

// The figures are nobody's business here: the part runs by hand alone, and compares each page with that of a bare query.
test('the part of the large table fills tables and reads their pages, on each engine that is installed', async () => {
  const lines = await largePart.run(SIZES)
  assert(lines.some(line => line.includes('SQLite, after analyze')))
  assert.deepEqual(
    lines.filter(line => line.includes('NaN')),
    [],
  )
}, 120_000)

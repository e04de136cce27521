import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Part } from './part.ts'
import { webPagePart } from './web-page-part.ts'
import { webPunchPart } from './web-punch-part.ts'
import { webRatePart } from './web-rate-part.ts'
import { webStreamsPart } from './web-streams-part.ts'

const SIZES = {
  ...{ recordsOfMemory: 0, recordsOfStrangers: [], rounds: 0, warmUps: 0, logsOfLargeTable: 0 },
  ...{ liveDevices: 0, recordsOfLiveDevices: 0, idleSeconds: 0 },
  records: 2_000,
  logsOfWeb: 2_000,
  pages: 3,
  requests: 20,
  punches: 200,
  streams: 5,
}
const PARTS: Readonly<Record<string, Part>> = { webPagePart, webRatePart, webStreamsPart, webPunchPart }

// The figures are nobody's business here: each part compares what it was answered, and counts what was heard.
describe('the parts of the web server', () => {
  for (const [name, part] of Object.entries(PARTS)) {
    test(`${name} runs`, { timeout: 120_000 }, async () => {
      const lines = await part.run(SIZES)
      assert(lines.some(line => line.includes('target: ')))
      assert.deepEqual(
        lines.filter(line => /NaN|Infinity/.test(line)),
        [],
      )
    })
  }
})

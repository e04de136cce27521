import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { COMPARISON_DEFAULT, isComparisonDue } from './comparison.ts'
import { ZoneTable } from './zone-table.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const STEP_MS = 5 * 60_000
const START_MS = Date.parse('2026-03-20T00:00:00Z')
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'Pacific/Chatham']

/** The instants of the comparisons of a device that is looked at all the time, or in some hours of the day. */
function comparisonsOf(device: { id: number; timezone: string }, days: number, isReached: (hour: number) => boolean) {
  const zone = new ZoneTable(device.timezone)
  const made: Array<{ ms: number; hour: number }> = []
  let comparedAtMs = START_MS
  for (let ms = START_MS; ms < START_MS + days * DAY_MS; ms += STEP_MS) {
    const hour = Number(zone.localTimeAt(ms).slice(11, 13))
    if (!isReached(hour) || !isComparisonDue({ ...device, comparedAtMs }, ms, COMPARISON_DEFAULT)) continue
    comparedAtMs = ms
    made.push({ ms, hour })
  }
  return made
}

test('once a day, in the quiet hours of the zone of the device, in any zone and over a change of clocks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(...ZONES), (id, timezone) => {
      const made = comparisonsOf({ id, timezone }, 14, () => true)
      assert(made.length >= 13 && made.length <= 15, `${made.length} comparisons in 14 days`)
      for (const { hour } of made) assert(hour >= 1 && hour < 5, `at ${hour} o'clock`)
    }),
    { numRuns: 40 },
  )
})

test('devices take turns: a hundred of them are spread over the quiet hours', () => {
  const firsts = Array.from(
    { length: 100 },
    (_, i) => comparisonsOf({ id: i + 1, timezone: 'UTC' }, 2, () => true)[0]?.ms,
  )
  const slots = new Set(firsts.map(ms => Math.floor((ms ?? 0) / (15 * 60_000))))
  assert(slots.size >= 10, `${slots.size} different quarters of an hour`)
})

test('a device that is reached by day alone is compared by day, every other day at the latest', () => {
  const made = comparisonsOf({ id: 7, timezone: 'Europe/Berlin' }, 14, hour => hour >= 9 && hour < 17)
  assert(made.length >= 6, `${made.length} comparisons in 14 days`)
})

test('never, where it is switched off or nothing was compared yet', () => {
  const off = { ...COMPARISON_DEFAULT, everyDays: 0 }
  assert.equal(isComparisonDue({ id: 1, timezone: 'UTC', comparedAtMs: 0 }, START_MS, off), false)
  assert.equal(isComparisonDue({ id: 1, timezone: 'UTC', comparedAtMs: null }, START_MS, COMPARISON_DEFAULT), false)
})

test('every third day, where that is asked for', () => {
  const third = { ...COMPARISON_DEFAULT, everyDays: 3 }
  const dueAfter = (ms: number) =>
    isComparisonDue({ id: 1, timezone: 'UTC', comparedAtMs: START_MS }, START_MS + ms, third)
  assert.equal(dueAfter(DAY_MS + 4.9 * HOUR_MS), false)
  assert.equal(dueAfter(2 * DAY_MS + 4.9 * HOUR_MS), true)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { CoverageSpan } from '../model/store.ts'
import { forecastMemory, growthPerDay } from './memory-forecast.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 5, 1)

for (const { name, records, capacity, perDay, text } of [
  {
    name: 'in good time',
    records: 59_000,
    capacity: 100_000,
    perDay: 1000,
    text: '59000 of 100000 records (59 %), full in 41 days',
  },
  {
    name: 'the day begun counts not',
    records: 0,
    capacity: 1999,
    perDay: 1000,
    text: '0 of 1999 records (0 %), full in a day',
  },
  {
    name: 'soon',
    records: 99_500,
    capacity: 100_000,
    perDay: 1000,
    text: '99500 of 100000 records (99 %), full within a day',
  },
  {
    name: 'full',
    records: 100_000,
    capacity: 100_000,
    perDay: 1000,
    text: '100000 of 100000 records (100 %), full: it writes over its oldest records, or keeps no new ones',
  },
  {
    name: 'hardly ever',
    records: 10,
    capacity: 100_000,
    perDay: 0.5,
    text: '10 of 100000 records (0 %), not full within ten years',
  },
  {
    name: 'nobody punches',
    records: 10,
    capacity: 100_000,
    perDay: 0,
    text: '10 of 100000 records (0 %), and nobody punches',
  },
  {
    name: 'no growth known',
    records: 10,
    capacity: 100_000,
    perDay: null,
    text: '10 of 100000 records (0 %), full at a time that is not known before a day of its log is proven',
  },
  { name: 'no capacity', records: 10, capacity: null, perDay: 3, text: '10 records; how many fit is not told' },
  {
    name: 'no counter',
    records: null,
    capacity: 100_000,
    perDay: 3,
    text: 'not told: the device has not counted its records',
  },
  {
    name: 'less than is held',
    records: 5000,
    capacity: 4999,
    perDay: 3,
    text: '5000 records; of the capacity it tells 4999, in a unit that is not known',
  },
  {
    name: 'ten thousands',
    records: 5,
    capacity: 10,
    perDay: 3,
    text: '5 records; of the capacity it tells 10, in a unit that is not known',
  },
  {
    name: 'zero',
    records: 0,
    capacity: 0,
    perDay: 3,
    text: '0 records; of the capacity it tells 0, in a unit that is not known',
  },
])
  test(`memory: ${name}`, () => {
    const forecast = forecastMemory({ records, capacity }, perDay)
    assert.equal(forecast.text, text)
    if (/not told|unit/.test(text)) assert.deepEqual([forecast.percentFull, forecast.fullInDays], [null, null])
  })

/** Growth of a device with so many punches in the last four weeks, and the log proven for these days before now. */
function growth(spans: ReadonlyArray<readonly [from: number, until: number]>, punches = 560) {
  const proven: CoverageSpan[] = spans.map(([from, until]) => ({
    provenFrom: new Date(NOW_MS - from * DAY_MS),
    provenUntil: new Date(NOW_MS - until * DAY_MS),
    seenUntil: new Date(NOW_MS - until * DAY_MS),
    because: 'first-read',
  }))
  return growthPerDay({ spans: proven, punches }, NOW_MS)
}

test('growth is that of the days that are proven', () => {
  assert.equal(growth([[400, 0]]), 20)
  assert.equal(growth([[14, 0]]), 40)
  assert.equal(
    growth([
      [100, 21],
      [14, 7],
    ]),
    40,
  )
})

test('less than a day tells no growth', () => {
  assert.equal(growth([]), null)
  assert.equal(growth([[0.9, 0]]), null)
  assert.equal(growth([[100, 29]]), null)
  assert.equal(growth([[1, 0]]), 560)
})

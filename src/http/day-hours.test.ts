import assert from 'node:assert/strict'
import { test } from 'vitest'
import { hoursOfDay } from './day-hours.ts'

const MINUTE_MS = 60_000

for (const { name, at, timezone, date, first, minutes } of [
  {
    name: 'an ordinary day, the evening before in UTC',
    at: '2026-11-25T20:00:00Z',
    timezone: 'Asia/Kathmandu',
    date: '2026-11-26',
    first: '2026-11-25T18:15:00.000Z',
    minutes: Array(24).fill(60),
  },
  {
    name: 'clocks set forward',
    at: '2026-03-29T12:00:00Z',
    timezone: 'Europe/Berlin',
    date: '2026-03-29',
    first: '2026-03-28T23:00:00.000Z',
    minutes: Array(23).fill(60),
  },
  {
    name: 'clocks set back',
    at: '2026-10-25T12:00:00Z',
    timezone: 'Europe/Berlin',
    date: '2026-10-25',
    first: '2026-10-24T22:00:00.000Z',
    minutes: Array(25).fill(60),
  },
  {
    name: 'clocks set forward at midnight, so that the day begins at one',
    at: '2023-04-28T12:00:00Z',
    timezone: 'Africa/Cairo',
    date: '2023-04-28',
    first: '2023-04-27T22:00:00.000Z',
    minutes: Array(23).fill(60),
  },
  {
    name: 'clocks set forward by half an hour: what is left of the hour from two to three',
    at: '2026-10-04T02:00:00Z',
    timezone: 'Australia/Lord_Howe',
    date: '2026-10-04',
    first: '2026-10-03T13:30:00.000Z',
    minutes: [60, 60, 30, ...Array(21).fill(60)],
  },
  {
    name: 'clocks set back by half an hour: the second half of the hour from one to two comes twice',
    at: '2026-04-05T02:00:00Z',
    timezone: 'Australia/Lord_Howe',
    date: '2026-04-05',
    first: '2026-04-04T13:00:00.000Z',
    minutes: [60, 60, 30, ...Array(22).fill(60)],
  },
])
  test(`hours of a day: ${name}`, () => {
    const day = hoursOfDay(Date.parse(at), timezone)
    assert.deepEqual([day.date, day.hours[0]?.from.toISOString()], [date, first])
    assert.deepEqual(
      day.hours.map(({ from, until }) => (until.getTime() - from.getTime()) / MINUTE_MS),
      minutes,
    )
    for (const [i, { from }] of day.hours.entries()) if (i > 0) assert.deepEqual(from, day.hours[i - 1]?.until)
  })

test('the days of a zone follow upon each other without a gap', () => {
  for (const timezone of ['America/Santiago', 'Africa/Casablanca', 'Asia/Beirut', 'Atlantic/Azores', 'Pacific/Chatham'])
    for (let nowMs = Date.UTC(2026, 0, 1, 12), days = 0; days < 366; days++) {
      const { hours } = hoursOfDay(nowMs, timezone)
      const [first, last] = [hours[0], hours.at(-1)]
      assert(first && last && first.from.getTime() <= nowMs && nowMs < last.until.getTime(), timezone)
      nowMs = last.until.getTime()
      assert.deepEqual(hoursOfDay(nowMs, timezone).hours[0]?.from, last.until, timezone)
    }
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { ZoneTable } from './zone-table.ts'

const CASES: Array<{ zone: string; local: string; utc: string; note: 'repeated' | 'skipped' | null }> = [
  { zone: 'Europe/Berlin', local: '2026-03-29 01:59:59', utc: '2026-03-29T00:59:59Z', note: null },
  { zone: 'Europe/Berlin', local: '2026-03-29 02:30:00', utc: '2026-03-29T01:30:00Z', note: 'skipped' },
  { zone: 'Europe/Berlin', local: '2026-03-29 03:00:00', utc: '2026-03-29T01:00:00Z', note: null },
  { zone: 'Europe/Berlin', local: '2026-10-25 02:30:00', utc: '2026-10-25T00:30:00Z', note: 'repeated' },
  { zone: 'Europe/Berlin', local: '2026-10-25 03:00:00', utc: '2026-10-25T02:00:00Z', note: null },
  { zone: 'Europe/Berlin', local: '2026-07-01 12:00:00', utc: '2026-07-01T10:00:00Z', note: null },
  { zone: 'America/New_York', local: '2026-11-01 01:15:00', utc: '2026-11-01T05:15:00Z', note: 'repeated' },
  { zone: 'Australia/Lord_Howe', local: '2026-10-04 02:15:00', utc: '2026-10-03T15:45:00Z', note: 'skipped' },
  { zone: 'Pacific/Apia', local: '2011-12-30 12:00:00', utc: '2011-12-30T22:00:00Z', note: 'skipped' },
  { zone: 'Asia/Kathmandu', local: '2026-02-03 08:00:01', utc: '2026-02-03T02:15:01Z', note: null },
  { zone: 'UTC', local: '2026-02-28 23:59:59', utc: '2026-02-28T23:59:59Z', note: null },
]

for (const { zone, local, utc, note } of CASES) {
  test(`${local} in ${zone} is ${utc}${note ? ` (${note})` : ''}`, () => {
    assert.deepEqual(new ZoneTable(zone).instantOf(local), { ms: Date.parse(utc), note })
  })
}

test('the table gives what Temporal gives, for any second of forty years in zones of every kind', () => {
  const zones = [
    'Europe/Berlin',
    'America/St_Johns',
    'Africa/Casablanca',
    'Asia/Tehran',
    'Pacific/Chatham',
    'America/Sao_Paulo',
  ]
  const tables = new Map(zones.map(zone => [zone, new ZoneTable(zone)]))
  const second = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2040, 0, 1) / 1000 })
  fc.assert(
    fc.property(fc.constantFrom(...zones), second, (zone, seconds) => {
      const local = new Date(seconds * 1000).toISOString().slice(0, 19)
      const expected = Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: 'compatible' })
      assert.equal(tables.get(zone)?.instantOf(local.replace('T', ' ')).ms, expected.epochMilliseconds)
    }),
    { numRuns: 2_000 },
  )
})

test('an instant becomes the local time that the device would show', () => {
  assert.equal(new ZoneTable('America/New_York').localTimeAt(Date.parse('2026-11-01T05:15:00Z')), '2026-11-01 01:15:00')
})

test('a zone that the platform does not know is refused at once', () => {
  assert.throws(() => new ZoneTable('Europe/Nowhere'), RangeError)
})

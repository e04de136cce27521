import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Punch } from '../src/model/punch.ts'
import { ZoneTable } from '../src/sync/zone-table.ts'
import { zonedBatches } from '../src/sync/zoned-batches.ts'
import { settings, takeLease } from './contract/store/fixture.ts'
import { freshFolder } from './contract/store/test-database.ts'

const MINUTE_MS = 60_000

/**
 * Changes of the past, which no government takes back; minutes ahead of UTC before and after. From the tz database. Between
 * them they have whole hours and half ones, changes at midnight, zones off the hour, and both halves of the earth.
 */
const CHANGES: ReadonlyArray<{ zone: string; at: string; before: number; after: number }> = [
  { zone: 'Europe/Berlin', at: '2024-03-31T01:00:00Z', before: 60, after: 120 },
  { zone: 'Europe/Berlin', at: '2024-10-27T01:00:00Z', before: 120, after: 60 },
  { zone: 'America/New_York', at: '2024-03-10T07:00:00Z', before: -300, after: -240 },
  { zone: 'America/New_York', at: '2024-11-03T06:00:00Z', before: -240, after: -300 },
  { zone: 'Australia/Lord_Howe', at: '2024-04-06T15:00:00Z', before: 660, after: 630 },
  { zone: 'Australia/Lord_Howe', at: '2024-10-05T15:30:00Z', before: 630, after: 660 },
  { zone: 'America/Santiago', at: '2024-04-07T03:00:00Z', before: -180, after: -240 },
  { zone: 'America/Santiago', at: '2024-09-08T04:00:00Z', before: -240, after: -180 },
  { zone: 'Pacific/Chatham', at: '2024-04-06T14:00:00Z', before: 825, after: 765 },
  { zone: 'Pacific/Chatham', at: '2024-09-28T14:00:00Z', before: 765, after: 825 },
  { zone: 'Asia/Tehran', at: '2021-03-21T20:30:00Z', before: 210, after: 270 },
  { zone: 'Asia/Tehran', at: '2021-09-21T19:30:00Z', before: 270, after: 210 },
]

interface Row {
  readonly device_user_id: string
  readonly local_time: string
  readonly punched_at: string
  readonly time_note: string | null
}

/** A wall clock reading, told as if it were UTC, as the text of a device. */
const wall = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
const instant = (ms: number) => new Date(ms).toISOString()

/** What docs/decisions/local-time.md says of the seconds around a change, in plain arithmetic. */
function expectedRows(change: (typeof CHANGES)[number]): Row[] {
  const atMs = Date.parse(change.at)
  const [before, after] = [change.before * MINUTE_MS, change.after * MINUTE_MS]
  const row = (localMs: number, offset: number, time_note: Row['time_note']): Row => ({
    device_user_id: '7',
    local_time: wall(localMs),
    punched_at: instant(localMs - offset),
    time_note,
  })
  // The wall clock jumps from the first of these to the second.
  const [from, to] = [atMs + before, atMs + after]
  const middle = (from + to) / 2
  if (after > before) {
    return [
      row(from - 1000, before, null),
      // Moved on by the gap, which is to count with the offset of before.
      row(from, before, 'skipped'),
      row(middle, before, 'skipped'),
      row(to - 1000, before, 'skipped'),
      row(to, after, null),
      row(to + 1000, after, null),
    ]
  }
  return [
    row(to - 1000, before, null),
    row(to, before, 'repeated'),
    row(middle, before, 'repeated'),
    row(from - 1000, before, 'repeated'),
    row(from, after, null),
    row(from + 1000, after, null),
  ]
}

describe('punches around the changes of daylight saving, to the stored row', () => {
  const under = freshFolder()

  /** Reads these punches from a device in that zone into a fresh database. */
  async function store(zone: string, told: ReadonlyArray<{ userId: string; localTime: string }>): Promise<Row[]> {
    const opened = await under.open()
    const { id } = await opened.devices.add(settings({ timezone: zone }))
    const lease = await takeLease(opened, id)
    const punches = told.map(
      ({ userId, localTime }, i): Punch => ({
        userId,
        localTime,
        punchState: 0,
        verifyMode: 1,
        workCode: 0,
        layout: '40',
        raw: Uint8Array.of(i),
      }),
    )
    const runId = await opened.punches.beginRun(lease, 'full')
    for (const batch of zonedBatches([{ punches, quarantined: [] }], new ZoneTable(zone))) {
      await opened.punches.commit({ lease, runId, source: 'poll', driftSeconds: null, ...batch })
    }
    return under.withPlainSql(
      database =>
        database
          .prepare('select device_user_id, local_time, punched_at, time_note from attendance_logs order by id')
          .all() as Row[],
    )
  }

  for (const change of CHANGES) {
    const { zone, at, before, after } = change
    const season = after > before ? 'spring' : 'autumn'

    test(`${zone}, ${season} ${at.slice(0, 4)}: before, in and after the change`, async () => {
      const expected = expectedRows(change)
      const told = expected.map(row => ({ userId: row.device_user_id, localTime: row.local_time }))
      assert.deepEqual(await store(zone, told), expected)
    })

    test(`${zone}, ${season} ${at.slice(0, 4)}: a device that follows the change, second by second`, async () => {
      const atMs = Date.parse(at)
      const width = Math.abs(after - before) * MINUTE_MS
      const seconds = [-width - 1000, -width, -1000, 0, 1000, width - 1000, width, width + 1000]
      // Everybody punches once, so that no second of the hour that comes twice is the same punch as another.
      const made = seconds.map((offset, i) => {
        const ms = atMs + offset
        return { ms, userId: String(i), localTime: wall(ms + (offset < 0 ? before : after) * MINUTE_MS) }
      })
      const zoneTable = new ZoneTable(zone)
      for (const { ms, localTime } of made) assert.equal(zoneTable.localTimeAt(ms), localTime)
      for (const [i, row] of (await store(zone, made)).entries()) {
        const ms = made[i]?.ms ?? 0
        // The second time around is told as the first, which is all that a device without a zone can tell.
        const isSecondTime = after < before && ms >= atMs && ms < atMs + width
        const isRepeated = after < before && ms >= atMs - width && ms < atMs + width
        assert.deepEqual(
          [row.punched_at, row.time_note],
          [instant(isSecondTime ? ms - width : ms), isRepeated ? 'repeated' : null],
        )
      }
    })
  }

  test('one second that one person punches in both times around is one punch, as the contract says', async () => {
    const twice = { userId: '7', localTime: '2024-10-27 02:30:00' }
    assert.equal((await store('Europe/Berlin', [twice, twice])).length, 1)
  })
})

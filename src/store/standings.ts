import { type Kysely, sql } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { ClockReading } from '../model/device.ts'
import type { HeldLease, StandingReader } from '../model/standing-reader.ts'
import type { CoverageSpan, SyncRun } from '../model/store.ts'
import { clockReadingFrom } from './clocks.ts'
import { spanFrom } from './coverage.ts'
import { instantFrom, instantText } from './instants.ts'
import { partsOf } from './parts.ts'
import { syncRunFrom } from './sync-runs.ts'
import type { Tables } from './tables.ts'

/** Of one statement with a select for each. SQLite joins 500 at most, and a server plans each of them. */
const DEVICES_A_STATEMENT = 100

export class SqlStandings implements StandingReader {
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(kysely: Kysely<Tables>, clock: Pick<Clock, 'now'>) {
    this.#kysely = kysely
    this.#clock = clock
  }

  async newestRuns(deviceIds: readonly number[], limit: number): Promise<ReadonlyMap<number, readonly SyncRun[]>> {
    const runs: SyncRun[] = []
    for (const ids of partsOf(deviceIds, { rows: DEVICES_A_STATEMENT })) {
      const rows = await this.#kysely
        .selectFrom(newestIds('sync_runs', ids, limit).as('newest'))
        .innerJoin('sync_runs', 'sync_runs.id', 'newest.id')
        .selectAll('sync_runs')
        .execute()
      runs.push(...rows.map(syncRunFrom))
    }
    return byDevice(runs.sort((a, b) => b.id - a.id).map(run => [run.deviceId, run]))
  }

  async newestPunches(deviceIds: readonly number[]): Promise<ReadonlyMap<number, Date>> {
    const newest = new Map<number, Date>()
    for (const ids of partsOf(deviceIds, { rows: DEVICES_A_STATEMENT })) {
      const rows = await this.#kysely
        .selectFrom(newestIds('attendance_logs', ids, 1).as('newest'))
        .innerJoin('attendance_logs', 'attendance_logs.id', 'newest.id')
        .select(['device_id', 'punched_at'])
        .execute()
      for (const row of rows) newest.set(row.device_id, instantFrom(row.punched_at))
    }
    return newest
  }

  async newestReadings(deviceIds: readonly number[]): Promise<ReadonlyMap<number, ClockReading>> {
    const newest = new Map<number, ClockReading>()
    for (const ids of partsOf(deviceIds, { rows: DEVICES_A_STATEMENT })) {
      const rows = await this.#kysely
        .selectFrom(newestIds('clock_readings', ids, 1).as('newest'))
        .innerJoin('clock_readings', 'clock_readings.id', 'newest.id')
        .selectAll('clock_readings')
        .execute()
      for (const row of rows) newest.set(row.device_id, clockReadingFrom(row))
    }
    return newest
  }

  async recordCounts(deviceIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (deviceIds.length === 0) return new Map()
    const rows = await this.#kysely
      .selectFrom('checkpoints')
      .select(['device_id', 'record_count as count'])
      .where('device_id', 'in', deviceIds)
      .execute()
    return countsFrom(rows)
  }

  async spans(deviceIds: readonly number[], since: Date): Promise<ReadonlyMap<number, readonly CoverageSpan[]>> {
    if (deviceIds.length === 0) return new Map()
    const rows = await this.#kysely
      .selectFrom('coverage_spans')
      .selectAll()
      .where('device_id', 'in', deviceIds)
      .where('proven_until', '>', instantText(since.getTime()))
      .execute()
    return byDevice(rows.sort((a, b) => a.id - b.id).map(row => [row.device_id, spanFrom(row)]))
  }

  async punchCounts(
    deviceIds: readonly number[],
    { since, until }: { since: Date; until: Date },
  ): Promise<ReadonlyMap<number, number>> {
    if (deviceIds.length === 0) return new Map()
    const rows = await this.#kysely
      .selectFrom('attendance_logs')
      .select(({ fn }) => ['device_id', fn.countAll<number>().as('count')])
      .where('device_id', 'in', deviceIds)
      .where('punched_at', '>=', instantText(since.getTime()))
      .where('punched_at', '<=', instantText(until.getTime()))
      .groupBy('device_id')
      .execute()
    return countsFrom(rows)
  }

  async openQuarantine(deviceIds?: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (deviceIds?.length === 0) return new Map()
    let query = this.#kysely
      .selectFrom('quarantined_records')
      .select(({ fn }) => ['device_id', fn.countAll<number>().as('count')])
      .groupBy('device_id')
    if (deviceIds) query = query.where('device_id', 'in', deviceIds)
    return countsFrom(await query.execute())
  }

  async leases(deviceIds: readonly number[]): Promise<ReadonlyMap<number, HeldLease>> {
    if (deviceIds.length === 0) return new Map()
    const rows = await this.#kysely
      .selectFrom('device_leases')
      .select(['device_id', 'expires_at', 'ttl_ms'])
      .where('device_id', 'in', deviceIds)
      .where('holder', 'is not', null)
      .where('expires_at', '>', instantText(this.#clock.now()))
      .execute()
    const held = new Map<number, HeldLease>()
    for (const { device_id, expires_at, ttl_ms } of rows) {
      if (expires_at !== null) held.set(device_id, { renewedAt: new Date(Date.parse(expires_at) - ttl_ms) })
    }
    return held
  }

  /** A count for each span, each of them a range of the index: grouped, the hours of a zone would be arithmetic of the engine. */
  async punchesIn(spans: ReadonlyArray<{ from: Date; until: Date }>): Promise<number[]> {
    if (spans.length === 0) return []
    const counts: Record<string, number | null> = await this.#kysely
      .selectNoFrom(({ selectFrom }) =>
        spans.map(({ from, until }, i) =>
          selectFrom('attendance_logs')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .where('punched_at', '>=', instantText(from.getTime()))
            .where('punched_at', '<', instantText(until.getTime()))
            .as(`span_${i}`),
        ),
      )
      .executeTakeFirstOrThrow()
    return spans.map((_, i) => Number(counts[`span_${i}`] ?? 0))
  }
}

const NEWEST_FIRST = {
  sync_runs: sql`id desc`,
  clock_readings: sql`id desc`,
  attendance_logs: sql`punched_at desc, id desc`,
} as const

/**
 * The ids of the newest rows of each device, each out of a few steps of its index. A window would go through all rows of the table, and
 * not every engine lets a subquery with a limit see the device beside it.
 */
function newestIds(table: keyof typeof NEWEST_FIRST, deviceIds: readonly number[], limit: number) {
  const each = deviceIds.map(
    id => sql`select id from (select id from ${sql.table(table)} where device_id = ${id}
      order by ${NEWEST_FIRST[table]} limit ${limit}) as newest_of_device`,
  )
  return sql<{ id: number }>`(${sql.join(each, sql` union all `)})`
}

function byDevice<Value>(pairs: ReadonlyArray<readonly [number, Value]>): ReadonlyMap<number, readonly Value[]> {
  const groups = new Map<number, Value[]>()
  for (const [deviceId, value] of pairs) {
    const group = groups.get(deviceId)
    if (group) group.push(value)
    else groups.set(deviceId, [value])
  }
  return groups
}

function countsFrom(rows: ReadonlyArray<{ device_id: number; count: number }>): ReadonlyMap<number, number> {
  return new Map(rows.map(row => [row.device_id, Number(row.count)]))
}

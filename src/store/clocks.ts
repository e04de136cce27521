import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { ClockReading } from '../model/device.ts'
import type { ClockStore } from '../model/store.ts'
import type { Engine } from './engine.ts'
import { instantFrom, instantText } from './instants.ts'
import type { ClockReadingRow, Tables } from './tables.ts'

/** Contacts come every few seconds, and a clock drifts by some seconds a month. */
const READING_EVERY_MS = 3_600_000
/** Readings are whole seconds, so that a step of one says nothing. */
const DRIFT_STEP_S = 2
/** A year and a month: every month can be compared with the same one a year before. */
const READINGS_KEPT_MS = 400 * 86_400_000
/** Readings deleted when one is kept. More than one, so that what piled up goes away; few, so that nobody waits. */
const READINGS_DELETED_AT_ONCE = 10

export class SqlClocks implements ClockStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async record(deviceId: number, reading: ClockReading): Promise<void> {
    // Asked without the write lock, since most readings are not kept. Two processes that ask at once keep one too many.
    const [last] = await this.series(deviceId, { limit: 1 })
    if (last && !isWorthKeeping(reading, last)) return
    await this.#engine.transaction(async transaction => {
      await transaction
        .insertInto('clock_readings')
        .values({
          device_id: deviceId,
          read_at: instantText(reading.readAt.getTime()),
          local_time: reading.localTime,
          drift_s: reading.driftSeconds,
          kind: reading.kind,
        })
        .execute()
      await deleteOldReadings(transaction, deviceId, this.#clock.now())
    })
  }

  async series(deviceId: number, options: { limit: number }): Promise<ClockReading[]> {
    const rows = await this.#kysely
      .selectFrom('clock_readings')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('id', 'desc')
      .limit(options.limit)
      .execute()
    return rows.map(clockReadingFrom)
  }
}

export function clockReadingFrom(row: ClockReadingRow): ClockReading {
  return {
    readAt: instantFrom(row.read_at),
    localTime: row.local_time,
    driftSeconds: row.drift_s,
    kind: row.kind,
  }
}

/** The time between two readings counts either way: our own clock may have been set back. */
function isWorthKeeping(reading: ClockReading, last: ClockReading): boolean {
  return (
    reading.kind === 'set' ||
    Math.abs(reading.readAt.getTime() - last.readAt.getTime()) >= READING_EVERY_MS ||
    Math.abs(reading.driftSeconds - last.driftSeconds) >= DRIFT_STEP_S
  )
}

async function deleteOldReadings(transaction: Transaction<Tables>, deviceId: number, nowMs: number): Promise<void> {
  const oldest = await transaction
    .selectFrom('clock_readings')
    .select(['id', 'read_at'])
    .where('device_id', '=', deviceId)
    .orderBy('id')
    .limit(READINGS_DELETED_AT_ONCE)
    .execute()
  const limit = instantText(nowMs - READINGS_KEPT_MS)
  const ids = oldest.filter(row => row.read_at < limit).map(row => row.id)
  if (ids.length > 0) await transaction.deleteFrom('clock_readings').where('id', 'in', ids).execute()
}

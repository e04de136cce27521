import type { Kysely, Transaction } from 'kysely'
import type { LogPlace, RetentionPart, RetentionStep, RetentionStore } from '../model/retention-store.ts'
import type { Engine } from './engine.ts'
import { instantFrom, instantText } from './instants.ts'
import type { AttendanceLogRow, Tables } from './tables.ts'

/**
 * Rows that one step looks at, and removes at most. Each that goes leaves four indexes, at places of their own: so many take
 * some ten milliseconds, for which other writers can wait, and their ids are no more parameters than any engine takes.
 */
const ROWS_A_STEP = 500

type OldRow = Pick<AttendanceLogRow, 'id' | 'punched_at' | 'local_time' | 'created_at'>

/** What is known of the log of a device. */
interface KnownLog {
  /** The earliest local time in it; null where it was empty. */
  readonly oldestLocal: string | null
  /** When that was written down: what was stored since is not covered by it. */
  readonly knownAt: string
}

export class SqlRetention implements RetentionStore {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async survey(step: RetentionStep): Promise<RetentionPart> {
    return (await judge(this.#engine.kysely, step)).part
  }

  async remove(step: RetentionStep): Promise<RetentionPart> {
    // The checkpoint is read in the same transaction: one that was read before may have been overtaken by a run.
    return this.#engine.transaction(async transaction => {
      await lockCheckpoint(transaction, step.deviceId)
      const { part, removable } = await judge(transaction, step)
      if (removable.length === 0) return part
      const { numDeletedRows } = await transaction
        .deleteFrom('attendance_logs')
        .where('id', 'in', removable)
        .executeTakeFirstOrThrow()
      return { ...part, removable: Number(numDeletedRows) }
    })
  }
}

async function judge(
  kysely: Kysely<Tables>,
  step: RetentionStep,
): Promise<{ part: RetentionPart; removable: readonly number[] }> {
  const log = await knownLog(kysely, step.deviceId)
  const rows = await nextRows(kysely, step)
  const removable: number[] = []
  let held = 0
  let unknown = 0
  for (const row of rows) {
    const verdict = verdictOn(row, log)
    if (verdict === 'removable') removable.push(row.id)
    else if (verdict === 'held') held++
    else unknown++
  }
  const last = rows.length < ROWS_A_STEP ? undefined : rows.at(-1)
  return { part: { removable: removable.length, held, unknown, next: last ? placeOf(last) : null }, removable }
}

/** Why each of these conditions is needed stands in docs/decisions/retention.md. */
function verdictOn(row: OldRow, log: KnownLog | null): 'removable' | 'held' | 'unknown' {
  if (log === null) return 'unknown'
  if (log.oldestLocal !== null && row.local_time >= log.oldestLocal) return 'held'
  return row.created_at < log.knownAt ? 'removable' : 'unknown'
}

/** A run that ends meanwhile waits: what it proves must not be decided by what was known before it. */
async function lockCheckpoint(transaction: Transaction<Tables>, deviceId: number): Promise<void> {
  await transaction
    .selectFrom('checkpoints')
    .select('device_id')
    .where('device_id', '=', deviceId)
    .forUpdate()
    .execute()
}

/** The log of a device as its last good run left it; null where that run, or all before it, left a doubt. */
async function knownLog(kysely: Kysely<Tables>, deviceId: number): Promise<KnownLog | null> {
  const row = await kysely
    .selectFrom('checkpoints')
    .select(['record_count', 'counter', 'compared_at', 'is_trusted', 'oldest_local', 'updated_at'])
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
  if (row?.is_trusted !== 1 || row.compared_at === null) return null
  // Without a counter of the device that agrees, an empty log and one that is not sent are one answer.
  const isKnown = row.record_count === 0 ? row.counter === 0 : row.oldest_local !== null
  return isKnown ? { oldestLocal: row.oldest_local, knownAt: row.updated_at } : null
}

/**
 * In the order of an index, so that each row is looked at once, however many stay. The ids come first, out of the index alone:
 * asked for whole rows, MariaDB begins each step at the oldest row of a device that has much of the table.
 */
async function nextRows(kysely: Kysely<Tables>, { deviceId, before, after }: RetentionStep): Promise<OldRow[]> {
  let ids = kysely
    .selectFrom('attendance_logs')
    .select('id')
    .where('device_id', '=', deviceId)
    .where('punched_at', '<', instantText(before.getTime()))
  if (after) {
    const instant = instantText(after.punchedAtMs)
    // The first condition says nothing new; it is the one that an index can start from.
    ids = ids
      .where('punched_at', '>=', instant)
      .where(({ eb, or }) => or([eb('punched_at', '>', instant), eb('id', '>', after.id)]))
  }
  const step = ids.orderBy('punched_at').orderBy('id').limit(ROWS_A_STEP)
  const rows = await kysely
    .selectFrom(step.as('step'))
    .innerJoin('attendance_logs', 'attendance_logs.id', 'step.id')
    .select(['attendance_logs.id', 'punched_at', 'local_time', 'created_at'])
    .execute()
  return rows.sort((a, b) => (a.punched_at < b.punched_at ? -1 : a.punched_at > b.punched_at ? 1 : a.id - b.id))
}

function placeOf(row: OldRow): LogPlace {
  return { punchedAtMs: instantFrom(row.punched_at).getTime(), id: row.id }
}

import type { Insertable, Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { Feed, FeedEntry } from '../model/feed.ts'
import type { AttendanceLog } from '../model/punch.ts'
import type { SyncRun } from '../model/sync-run.ts'
import { logRows } from './attendance-logs.ts'
import type { Engine } from './engine.ts'
import { insertedId } from './inserted-id.ts'
import { instantText } from './instants.ts'
import { syncRunFrom } from './sync-runs.ts'
import type { FeedRow, FeedTable, Tables } from './tables.ts'

/** Whoever was away for less reads on where it was. */
const KEPT_MS = 3_600_000
/** Kept however old they are: a quiet database tells a page that was away all night what it missed. */
const KEPT_AT_LEAST = 2_000
/** Entries that get their positions in one transaction: some thousand parameters, and a few milliseconds for which others wait. */
const NUMBERED_AT_ONCE = 200
/** Rounds of one look. What comes meanwhile is seen at the next one: writers could go on for ever. */
const ROUNDS_MAX = 50
/** Old entries deleted along. More than are numbered at once, so that what piled up goes away. */
const DELETED_AT_ONCE = 2 * NUMBERED_AT_ONCE
/** Of so many entries one lets its writer number them, so that they do not pile up where nobody reads. */
const ENTRIES_A_LOOK = 64

/** What a transaction has to tell: an entry before it has its position. */
export type News = FeedEntry extends infer Entry ? (Entry extends FeedEntry ? Omit<Entry, 'position'> : never) : never

/**
 * Tells what a transaction did, with its last statements. It gives no position: to do so in the order of the commits, writers would
 * stand in one row, each until the disk has the commit of the one before (docs/decisions/feed.md). Whoever reads gives them.
 */
export async function tell(transaction: Transaction<Tables>, news: readonly News[], nowMs: number): Promise<void> {
  if (news.length === 0) return
  const created_at = instantText(nowMs)
  const rows = news.map(each => ({ created_at, ...columnsOf(each) }))
  const id = await insertedId(transaction, transaction.insertInto('feed_waiting').values(rows))
  if (id % ENTRIES_A_LOOK < news.length) await numberWaiting(transaction, nowMs, 'unless somebody else does')
}

export class SqlFeed implements Feed {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async after(position: number, limit: number): Promise<FeedEntry[]> {
    await this.#number()
    const rows = await this.#kysely
      .selectFrom('feed')
      .selectAll()
      .where('position', '>', position)
      .orderBy('position')
      .limit(limit)
      .execute()
    return rows.map(entryFrom)
  }

  async bounds(): Promise<{ newest: number; oldest: number }> {
    await this.#number()
    // One statement, so that both are of one moment.
    const { newest, oldest } = await this.#kysely
      .selectFrom('feed_head')
      .select('position as newest')
      .select(({ selectFrom }) =>
        selectFrom('feed')
          .select(({ fn }) => fn.min('position').as('oldest'))
          .as('oldest'),
      )
      .executeTakeFirstOrThrow()
    return { newest, oldest: oldest === null ? newest + 1 : Number(oldest) }
  }

  async logsOf(entry: { deviceId: number; firstId: number; lastId: number }): Promise<AttendanceLog[]> {
    return await logRows(this.#engine)
      .where('id', '>=', entry.firstId)
      .where('id', '<=', entry.lastId)
      // The sum keeps the engine from going through all that the device has, in place of the range.
      .where(({ eb }) => eb(eb('device_id', '+', 0), '=', entry.deviceId))
      .orderBy('id')
      .execute()
  }

  async runOf(runId: number): Promise<SyncRun | null> {
    const row = await this.#kysely.selectFrom('sync_runs').selectAll().where('id', '=', runId).executeTakeFirst()
    return row ? syncRunFrom(row) : null
  }

  /** Gives positions to all that was committed before. Looks without a lock first, since mostly nothing waits. */
  async #number(): Promise<void> {
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      const waiting = await this.#kysely.selectFrom('feed_waiting').select('id').orderBy('id').limit(1).execute()
      if (waiting.length === 0) return
      const work = (transaction: Transaction<Tables>) => numberWaiting(transaction, this.#clock.now(), 'in any case')
      if ((await this.#engine.transaction(work)) < NUMBERED_AT_ONCE) return
    }
  }
}

/**
 * Gives the next positions to what waits, and tells to how much. The head of the feed is locked until the commit, so that this happens
 * to one transaction after the other: positions become visible in their order, and nothing ever appears below one that was seen.
 * Whatever waits is visible, hence committed, or told by this transaction. Nothing that a writer locks is locked after the head.
 */
async function numberWaiting(
  transaction: Transaction<Tables>,
  nowMs: number,
  when: 'in any case' | 'unless somebody else does',
): Promise<number> {
  let locking = transaction.selectFrom('feed_head').select('position').forUpdate()
  if (when === 'unless somebody else does') locking = locking.skipLocked()
  const head = await locking.executeTakeFirst()
  if (!head) return 0
  const waiting = await transaction
    .selectFrom('feed_waiting')
    .selectAll()
    .orderBy('id')
    .limit(NUMBERED_AT_ONCE)
    .execute()
  if (waiting.length === 0) return 0
  const rows = waiting.map(({ id: _, ...row }, i) => ({ ...row, position: head.position + 1 + i }))
  await transaction.insertInto('feed').values(rows).execute()
  // By their ids: one that lies between them may not be committed yet.
  const ids = waiting.map(({ id }) => id)
  await transaction.deleteFrom('feed_waiting').where('id', 'in', ids).execute()
  const newest = head.position + waiting.length
  await transaction.updateTable('feed_head').set({ position: newest }).execute()
  await deleteOld(transaction, newest, nowMs)
  return waiting.length
}

/** While the head is locked: nobody else does the same. */
async function deleteOld(transaction: Transaction<Tables>, newest: number, nowMs: number): Promise<void> {
  const oldest = await transaction
    .selectFrom('feed')
    .select(['position', 'created_at'])
    .where('position', '<=', newest - KEPT_AT_LEAST)
    .orderBy('position')
    .limit(DELETED_AT_ONCE)
    .execute()
  const since = instantText(nowMs - KEPT_MS)
  // Clocks of several machines differ: only what lies before the first one that is young enough, so that no hole appears.
  const firstKept = oldest.findIndex(row => row.created_at >= since)
  const last = firstKept === -1 ? oldest.at(-1) : oldest[firstKept - 1]
  if (last === undefined) return
  await transaction.deleteFrom('feed').where('position', '<=', last.position).execute()
}

function columnsOf(news: News): Omit<Insertable<FeedTable>, 'position' | 'created_at'> {
  const columns = { kind: news.kind, device_id: news.deviceId, first_id: null, last_id: null, logs: null, run_id: null }
  switch (news.kind) {
    case 'logs':
      return { ...columns, first_id: news.firstId, last_id: news.lastId, logs: news.count }
    case 'run':
      return { ...columns, run_id: news.runId }
    case 'device':
      return columns
    default:
      return news satisfies never
  }
}

function entryFrom(row: FeedRow): FeedEntry {
  const { position, device_id: deviceId } = row
  switch (row.kind) {
    case 'logs':
      return {
        position,
        kind: 'logs',
        deviceId,
        firstId: known(row.first_id),
        lastId: known(row.last_id),
        count: known(row.logs),
      }
    case 'run':
      return { position, kind: 'run', deviceId, runId: known(row.run_id) }
    case 'device':
      return { position, kind: 'device', deviceId }
    default:
      return row.kind satisfies never
  }
}

/** A column that the kind of an entry always fills. */
function known(value: number | null): number {
  if (value === null) throw new Error('an entry of the feed is not whole')
  return value
}

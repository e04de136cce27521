import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { ERROR_CODES, StoreError } from '../base/errors.ts'
import type {
  Checkpoint,
  Lease,
  PunchCommit,
  PunchStore,
  RunEnd,
  RunOutcome,
  StoredPunches,
  SyncMode,
  SyncRun,
} from '../model/store.ts'
import { checkpointFrom, writeCheckpoint } from './checkpoints.ts'
import { writeCoverage } from './coverage.ts'
import { writeStanding } from './device-standing.ts'
import type { Engine, PunchColumns, SharedColumns } from './engine.ts'
import { type News, tell } from './feed.ts'
import { insertedId } from './inserted-id.ts'
import { InstantFormatter, instantText } from './instants.ts'
import { assertLease } from './leases.ts'
import { partsOf } from './parts.ts'
import { columnsOfOutcome, deleteEmptyRuns, syncRunFrom } from './sync-runs.ts'
import type { Tables } from './tables.ts'

/** Rows in one statement, within SQLite's 32766 parameters. */
const QUARANTINED_A_STATEMENT = 1000

const NOTHING_STORED: StoredPunches = { inserted: 0, ids: null }

export class SqlPunches implements PunchStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async beginRun(lease: Lease, mode: SyncMode): Promise<number> {
    return this.#fenced(lease, async transaction => {
      const run = transaction.insertInto('sync_runs').values({
        device_id: lease.deviceId,
        mode,
        status: 'failed',
        started_at: instantText(this.#clock.now()),
        received: 0,
        inserted: 0,
        duplicates: 0,
        quarantined: 0,
        bytes: 0,
        missed_by_tail: 0,
        error_code: 'RUN_INTERRUPTED',
        error_message: ERROR_CODES.RUN_INTERRUPTED.means,
      })
      return insertedId(transaction, run)
    })
  }

  async commit(once: PunchCommit): Promise<StoredPunches> {
    const batch = this.#repeatable(once)
    return this.#fenced(batch.lease, async transaction => {
      const stored = await this.#commitBatch(transaction, batch)
      await tell(transaction, newsOf(batch.lease, stored), this.#clock.now())
      return stored
    })
  }

  async finish(end: RunEnd, once?: PunchCommit): Promise<RunOutcome> {
    const batch = once && this.#repeatable(once)
    return this.#fenced(end.lease, async transaction => {
      const stored = batch ? await this.#commitBatch(transaction, batch) : NOTHING_STORED
      const counted = await countsOf(transaction, end)
      // The run counted along; an end that knows less, as after a failure, does not take back what was stored.
      const inserted = Math.max(end.outcome.inserted + stored.inserted, counted.inserted)
      const received = Math.max(end.outcome.received, counted.received)
      const quarantined = Math.max(end.outcome.quarantined, counted.quarantined)
      const outcome = { ...end.outcome, received, inserted, quarantined, duplicates: received - inserted - quarantined }
      const now = this.#clock.now()
      const ended = await endRun(transaction, { ...end, outcome }, now)
      if (end.checkpoint) await writeCheckpoint(transaction, end.lease.deviceId, end.checkpoint, now)
      if (end.coverage) await writeCoverage(transaction, end.lease.deviceId, end.coverage)
      await deleteEmptyRuns(transaction, now)
      await tell(transaction, [...newsOf(end.lease, stored), ...ended], now)
      return outcome
    })
  }

  async checkpoint(deviceId: number): Promise<Checkpoint | null> {
    const row = await this.#kysely
      .selectFrom('checkpoints')
      .selectAll()
      .where('device_id', '=', deviceId)
      .executeTakeFirst()
    if (!row) return null
    return checkpointFrom(row)
  }

  async runs(filter: { deviceId?: number; limit: number; before?: number }): Promise<SyncRun[]> {
    const { deviceId, limit, before } = filter
    let ids = this.#kysely.selectFrom('sync_runs').select('id').orderBy('id', 'desc').limit(limit)
    if (deviceId !== undefined) ids = ids.where('device_id', '=', deviceId)
    if (before !== undefined) ids = ids.where('id', '<', before)
    const page = this.#kysely.selectFrom(ids.as('page')).innerJoin('sync_runs', 'sync_runs.id', 'page.id')
    const rows = await page.selectAll('sync_runs').execute()
    return rows.sort(newestFirst).map(syncRunFrom)
  }

  /** A transaction that stores nothing unless the lease still stands. */
  #fenced<Result>(lease: Lease, work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#engine.transaction(async transaction => {
      await assertLease(transaction, lease)
      return work(transaction)
    })
  }

  /** What a batch holds may be made as it is read, and is then there only once. */
  #repeatable(batch: PunchCommit): PunchCommit {
    if (!this.#engine.repeatsTransactions) return batch
    const punches = [...batch.punches]
    return { ...batch, punches, quarantined: [...batch.quarantined] }
  }

  async #commitBatch(transaction: Transaction<Tables>, batch: PunchCommit): Promise<StoredPunches> {
    const { lease, runId, source, driftSeconds } = batch
    const created_at = instantText(this.#clock.now())
    const shared: SharedColumns = {
      device_id: lease.deviceId,
      source,
      sync_run_id: runId,
      created_at,
      clock_drift_s: driftSeconds,
    }
    const rows = new PunchRows(batch)
    const { count: inserted, ids } = await this.#engine.insertNewPunches(transaction, { shared, rows })
    const quarantined = await insertQuarantined(transaction, batch, created_at)
    if (runId !== null) await countInRun(transaction, { lease, runId }, { punches: rows.count, inserted, quarantined })
    return { inserted, ids }
  }
}

/** The rows of a batch, made as they are asked for, and counted. */
class PunchRows {
  readonly #batch: PunchCommit
  count = 0

  constructor(batch: PunchCommit) {
    this.#batch = batch
  }

  *[Symbol.iterator](): Generator<PunchColumns> {
    const instants = new InstantFormatter()
    for (const punch of this.#batch.punches) {
      this.count++
      yield {
        device_user_id: punch.userId,
        punched_at: instants.text(punch.punchedAtMs),
        local_time: punch.localTime,
        time_note: punch.timeNote,
        punch_state: punch.punchState,
        verify_mode: punch.verifyMode,
        work_code: punch.workCode,
        record_layout: punch.layout,
        raw_record: punch.raw,
      }
    }
  }
}

/** @returns how many records the batch has, those included that are kept already. */
async function insertQuarantined(
  transaction: Transaction<Tables>,
  batch: PunchCommit,
  createdAt: string,
): Promise<number> {
  const rows = Array.from(batch.quarantined, record => ({
    device_id: batch.lease.deviceId,
    raw: record.raw.toHex(),
    reason: record.reason,
    created_at: createdAt,
  }))
  for (const part of partsOf(rows, { rows: QUARANTINED_A_STATEMENT })) {
    await transaction
      .insertInto('quarantined_records')
      .values(part)
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }
  return rows.length
}

/** Keeps the numbers of a run true while it is under way, since a crash may come after any batch. */
async function countInRun(
  transaction: Transaction<Tables>,
  run: { runId: number; lease: Lease },
  brought: { punches: number; inserted: number; quarantined: number },
): Promise<void> {
  const { punches, inserted, quarantined } = brought
  const { numUpdatedRows } = await transaction
    .updateTable('sync_runs')
    .set(({ eb }) => ({
      received: eb('received', '+', punches + quarantined),
      inserted: eb('inserted', '+', inserted),
      duplicates: eb('duplicates', '+', punches - inserted),
      quarantined: eb('quarantined', '+', quarantined),
    }))
    .where('id', '=', run.runId)
    .where('device_id', '=', run.lease.deviceId)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) throw noSuchRun(run)
}

/** What the batches of a run brought so far. */
async function countsOf(transaction: Transaction<Tables>, run: { runId: number; lease: Lease }) {
  const counts = await transaction
    .selectFrom('sync_runs')
    .select(['received', 'inserted', 'quarantined'])
    .where('id', '=', run.runId)
    .where('device_id', '=', run.lease.deviceId)
    .executeTakeFirst()
  if (!counts) throw noSuchRun(run)
  return counts
}

/** The logs that a transaction stored. */
function newsOf({ deviceId }: Lease, { inserted, ids }: StoredPunches): News[] {
  return ids === null ? [] : [{ kind: 'logs', deviceId, firstId: ids.first, lastId: ids.last, count: inserted }]
}

/** @returns what there is to tell of it. */
async function endRun(transaction: Transaction<Tables>, end: RunEnd, nowMs: number): Promise<News[]> {
  const { deviceId } = end.lease
  const now = instantText(nowMs)
  await transaction
    .updateTable('sync_runs')
    .set({ ...columnsOfOutcome(end.outcome), finished_at: now })
    .where('id', '=', end.runId)
    .execute()
  // To be ended by a person says nothing about the device: its standing stays as it was.
  const run: News = { kind: 'run', deviceId, runId: end.runId }
  if (end.outcome.error?.code === 'RUN_INTERRUPTED') return [run]
  const standing =
    end.outcome.status === 'ok'
      ? { last_synced_at: now, last_error: null }
      : { last_error: end.outcome.error?.message ?? null }
  const { isErrorOther } = await writeStanding(transaction, deviceId, standing)
  return isErrorOther ? [run, { kind: 'device', deviceId }] : [run]
}

/** Pages ask an index for their ids first, as those of attendance-logs.ts do. */
function newestFirst(a: { readonly id: number }, b: { readonly id: number }): number {
  return b.id - a.id
}

function noSuchRun(run: { runId: number; lease: Lease }): StoreError {
  return new StoreError('NOT_FOUND', `device ${run.lease.deviceId} has no sync run ${run.runId}`)
}

import type { Kysely, SelectQueryBuilder, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { ERROR_CODES } from '../base/errors.ts'
import type { JobError, JobState, SyncJob } from '../model/job-queue.ts'
import type { ClaimedJob, JobClaim, JobStore } from '../model/job-store.ts'
import type { Engine } from './engine.ts'
import { instantFrom, instantText } from './instants.ts'
import { partsOf } from './parts.ts'
import type { SyncJobRow, Tables } from './tables.ts'

/** Rows that one statement inserts or names by id: thousands of parameters, below the limit of every engine. */
const A_STATEMENT = { rows: 400 } as const

/** What a row is that nobody runs. */
const FREE = { holder: null, expires_at: null } as const

/** The jobs of the embedded queue. A row is deleted when its job is done. */
export class SqlJobs implements JobStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async enqueue(deviceIds: readonly number[]): Promise<{ queued: number }> {
    if (deviceIds.length === 0) return { queued: 0 }
    const queued_at = instantText(this.#clock.now())
    return this.#engine.transaction(async transaction => {
      let queued = 0
      for (const part of partsOf(deviceIds, A_STATEMENT)) {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('sync_jobs')
          .values(part.map(device_id => ({ device_id, state: 'waiting', is_failed: 0, tries: 0, token: 0, queued_at })))
          .onConflict(conflict => conflict.columns(['device_id', 'is_failed']).doNothing())
          .executeTakeFirstOrThrow()
        queued += Number(numInsertedOrUpdatedRows ?? 0)
      }
      return { queued }
    })
  }

  async claim(request: { holder: string; limit: number; leaseMs: number }): Promise<ClaimedJob[]> {
    const { holder, limit, leaseMs } = request
    // Asked without the write lock first: idle workers look several times a second.
    if (limit < 1 || (await this.#ready(this.#kysely, 1)).length === 0) return []
    return this.#engine.transaction(async transaction => {
      const rows = await this.#ready(transaction, limit, query => query.forUpdate().skipLocked())
      if (rows.length === 0) return []
      const now = this.#clock.now()
      const columns = {
        state: 'active',
        holder,
        expires_at: instantText(now + leaseMs),
        started_at: instantText(now),
      } as const
      await transaction
        .updateTable('sync_jobs')
        .set(({ eb }) => ({ ...columns, not_before: null, tries: eb('tries', '+', 1), token: eb('token', '+', 1) }))
        .where('id', 'in', idsOf(rows))
        .execute()
      return rows.map(row => {
        const [tries, token] = [row.tries + 1, row.token + 1]
        const job = jobFrom({ ...row, ...columns, not_before: null, tries, token })
        return { job, claim: { jobId: job.id, holder, token } }
      })
    })
  }

  async renew(claims: readonly JobClaim[], leaseMs: number): Promise<JobClaim[]> {
    const [first] = claims
    if (first === undefined) return []
    const { holder } = first
    const ids = claims.map(claim => Number(claim.jobId))
    return this.#engine.transaction(async transaction => {
      await transaction
        .updateTable('sync_jobs')
        .set({ expires_at: instantText(this.#clock.now() + leaseMs) })
        .where('holder', '=', holder)
        .where('id', 'in', ids)
        .execute()
      const standing = await transaction
        .selectFrom('sync_jobs')
        .select(['id', 'token'])
        .where('holder', '=', holder)
        .where('id', 'in', ids)
        .execute()
      const tokens = new Map(standing.map(row => [row.id, row.token]))
      return claims.filter(claim => tokens.get(Number(claim.jobId)) !== claim.token)
    })
  }

  async complete(claim: JobClaim): Promise<boolean> {
    return this.#engine.transaction(async transaction => {
      const { numDeletedRows } = await transaction
        .deleteFrom('sync_jobs')
        .where('id', '=', Number(claim.jobId))
        .where('holder', '=', claim.holder)
        .where('token', '=', claim.token)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    })
  }

  async fail(claim: JobClaim, failure: { error: JobError; pauseMs: number | null }): Promise<boolean> {
    const { error, pauseMs } = failure
    return this.#engine.transaction(async transaction => {
      const row = await standing(transaction, claim)
      if (!row) return false
      const now = this.#clock.now()
      if (pauseMs === null) {
        await keepAsFailed(transaction, [row], error, now)
        return true
      }
      await transaction
        .updateTable('sync_jobs')
        .set({ state: 'waiting', ...FREE, not_before: instantText(now + pauseMs), ...columnsOf(error, now) })
        .where('id', '=', row.id)
        .execute()
      return true
    })
  }

  async giveBack(claims: readonly JobClaim[]): Promise<void> {
    await this.#engine.transaction(async transaction => {
      for (const { jobId, holder, token } of claims) {
        await transaction
          .updateTable('sync_jobs')
          .set(({ eb }) => ({ state: 'waiting', ...FREE, tries: eb('tries', '-', 1) }))
          .where('id', '=', Number(jobId))
          .where('holder', '=', holder)
          .where('token', '=', token)
          .execute()
      }
    })
  }

  async recover(request: {
    isDead: (holder: string) => boolean
    triesMax: number
    leaseMs: number
    pauseMsMax: number
  }): Promise<number> {
    const { isDead, triesMax, leaseMs, pauseMsMax } = request
    const deaths = new Map<string, boolean>()
    const isGone = (row: SyncJobRow): boolean => {
      if (row.holder === null || row.expires_at === null) return true
      if (Date.parse(row.expires_at) <= this.#clock.now()) return true
      const isKnownDead = deaths.get(row.holder) ?? isDead(row.holder)
      deaths.set(row.holder, isKnownDead)
      return isKnownDead
    }
    const lastExpiry = instantText(this.#clock.now() + leaseMs)
    const lastPause = instantText(this.#clock.now() + pauseMsMax)
    const isTooLong = (row: SyncJobRow) => row.expires_at !== null && row.expires_at > lastExpiry
    const seen = await activeJobs(this.#kysely).execute()
    const overdue = await pausingBeyond(this.#kysely, lastPause)
    if (overdue.length === 0 && !seen.some(row => isGone(row) || isTooLong(row))) return 0
    return this.#engine.transaction(async transaction => {
      const rows = await activeJobs(transaction).forUpdate().execute()
      const gone = rows.filter(isGone)
      const spent = gone.filter(row => row.tries >= triesMax)
      const again = gone.filter(row => row.tries < triesMax)
      await keepAsFailed(transaction, spent, INTERRUPTED, this.#clock.now())
      await change(transaction, again, { state: 'waiting', ...FREE })
      const tooLong = rows.filter(row => isTooLong(row) && !gone.includes(row))
      await change(transaction, tooLong, { expires_at: lastExpiry })
      await change(transaction, await pausingBeyond(transaction, lastPause), { not_before: null })
      return gone.length
    })
  }

  async counts(): Promise<Record<JobState, number>> {
    const rows = await this.#kysely
      .selectFrom('sync_jobs')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute()
    const counts = { waiting: 0, active: 0, failed: 0 }
    for (const { state, count } of rows) counts[state] = Number(count)
    return counts
  }

  async list(state: JobState, page: { limit: number; after?: string }): Promise<SyncJob[]> {
    let query = this.#kysely.selectFrom('sync_jobs').selectAll().where('state', '=', state)
    if (page.after !== undefined) query = query.where('id', '<', rowId(page.after) ?? 0)
    const rows = await query.orderBy('id', 'desc').limit(page.limit).execute()
    return rows.map(jobFrom)
  }

  async retry(ids: readonly string[] | 'all'): Promise<number> {
    return this.#engine.transaction(async transaction => {
      const wanted = ids === 'all' ? null : new Set(ids.map(rowId))
      const failed = await transaction
        .selectFrom('sync_jobs')
        .select(['id', 'device_id'])
        .where('state', '=', 'failed')
        .execute()
      const rows = failed.filter(row => wanted === null || wanted.has(row.id))
      const open = await transaction.selectFrom('sync_jobs').select('device_id').where('is_failed', '=', 0).execute()
      const busy = new Set(open.map(row => row.device_id))
      await remove(
        transaction,
        rows.filter(row => busy.has(row.device_id)),
      )
      await change(
        transaction,
        rows.filter(row => !busy.has(row.device_id)),
        { state: 'waiting', is_failed: 0, tries: 0, not_before: null, started_at: null, ...NO_ERROR },
      )
      return rows.length
    })
  }

  async flush(): Promise<number> {
    return this.#engine.transaction(async transaction => {
      const { numDeletedRows } = await transaction
        .deleteFrom('sync_jobs')
        .where('state', '=', 'failed')
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    })
  }

  /** Jobs that may run now: those whose pause is over, then those that never paused. */
  async #ready(kysely: Kysely<Tables>, limit: number, lock: (query: JobQuery) => JobQuery = query => query) {
    const waiting = lock(kysely.selectFrom('sync_jobs').selectAll().where('state', '=', 'waiting').limit(limit))
    const rested = await waiting
      .where('not_before', '<=', instantText(this.#clock.now()))
      .orderBy('not_before')
      .orderBy('id')
      .execute()
    if (rested.length >= limit) return rested
    const fresh = await waiting
      .where('not_before', 'is', null)
      .orderBy('id')
      .limit(limit - rested.length)
      .execute()
    return [...rested, ...fresh]
  }
}

type JobQuery = SelectQueryBuilder<Tables, 'sync_jobs', SyncJobRow>
type JobKey = Pick<SyncJobRow, 'id' | 'device_id'>

const INTERRUPTED: JobError = { code: 'RUN_INTERRUPTED', message: ERROR_CODES.RUN_INTERRUPTED.means, stack: null }
const NO_ERROR = { failed_at: null, error_code: null, error_message: null, error_stack: null } as const

function columnsOf(error: JobError, nowMs: number) {
  const { code, message, stack } = error
  return { failed_at: instantText(nowMs), error_code: code, error_message: message, error_stack: stack }
}

async function standing(transaction: Transaction<Tables>, claim: JobClaim): Promise<SyncJobRow | undefined> {
  return transaction
    .selectFrom('sync_jobs')
    .selectAll()
    .where('id', '=', Number(claim.jobId))
    .where('holder', '=', claim.holder)
    .where('token', '=', claim.token)
    .forUpdate()
    .executeTakeFirst()
}

/** Makes active jobs failed ones, each in the place of an older one of its device. */
async function keepAsFailed(
  transaction: Transaction<Tables>,
  rows: readonly JobKey[],
  error: JobError,
  nowMs: number,
): Promise<void> {
  for (const part of partsOf(rows, A_STATEMENT)) {
    const deviceIds = part.map(row => row.device_id)
    await transaction.deleteFrom('sync_jobs').where('is_failed', '=', 1).where('device_id', 'in', deviceIds).execute()
  }
  await change(transaction, rows, { state: 'failed', is_failed: 1, ...FREE, ...columnsOf(error, nowMs) })
}

async function change(
  transaction: Transaction<Tables>,
  rows: readonly JobKey[],
  columns: Partial<Omit<SyncJobRow, keyof JobKey>>,
): Promise<void> {
  for (const part of partsOf(rows, A_STATEMENT))
    await transaction.updateTable('sync_jobs').set(columns).where('id', 'in', idsOf(part)).execute()
}

async function remove(transaction: Transaction<Tables>, rows: readonly JobKey[]): Promise<void> {
  for (const part of partsOf(rows, A_STATEMENT))
    await transaction.deleteFrom('sync_jobs').where('id', 'in', idsOf(part)).execute()
}

function activeJobs(kysely: Kysely<Tables>): JobQuery {
  return kysely.selectFrom('sync_jobs').selectAll().where('state', '=', 'active')
}

/** Jobs that would pause longer than any pause is. */
function pausingBeyond(kysely: Kysely<Tables>, instant: string): Promise<SyncJobRow[]> {
  return kysely
    .selectFrom('sync_jobs')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('not_before', '>', instant)
    .execute()
}

function idsOf(rows: readonly JobKey[]): number[] {
  return rows.map(row => row.id)
}

/** The number behind the id of a job; null for what cannot be one. */
function rowId(jobId: string): number | null {
  return /^[1-9]\d{0,15}$/.test(jobId) ? Number(jobId) : null
}

function jobFrom(row: SyncJobRow): SyncJob {
  return {
    id: String(row.id),
    deviceId: row.device_id,
    state: row.state,
    tries: row.tries,
    queuedAt: instantFrom(row.queued_at),
    notBefore: row.not_before === null ? null : instantFrom(row.not_before),
    // A job that was given back keeps the column, and has not begun.
    startedAt: row.started_at === null || row.tries === 0 ? null : instantFrom(row.started_at),
    failedAt: row.failed_at === null ? null : instantFrom(row.failed_at),
    error:
      row.error_code === null
        ? null
        : { code: row.error_code, message: row.error_message ?? '', stack: row.error_stack },
  }
}

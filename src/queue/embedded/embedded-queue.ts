import type { Base } from '../../base/base.ts'
import { QueueError } from '../../base/errors.ts'
import {
  GRACE_MS,
  JOB_PAUSES_MS,
  type JobQueue,
  type JobState,
  type JobWork,
  type SyncJob,
} from '../../model/job-queue.ts'
import type { JobStore } from '../../model/job-store.ts'
import { isOutOfReach, queueUnavailable } from './reach.ts'
import { type JobTimes, Worker } from './worker.ts'

/** How long the lease of a job outlives a worker that vanished without a trace. */
export const JOB_LEASE_MS = 15_000

export interface EmbeddedQueueParts {
  /** Stays open when the queue is closed: it belongs to the store. */
  readonly jobs: JobStore
  /** The name of this process among those that share the database. */
  readonly holder: string
  /** True only if that process is provably gone. */
  readonly isHolderDead: (holder: string) => boolean
  readonly base: Base
  /** For tests, which have less patience. */
  readonly times?: Partial<JobTimes>
}

/** The queue in the database of the store, for the processes of one machine. */
export class EmbeddedQueue implements JobQueue {
  readonly #parts: EmbeddedQueueParts
  readonly #times: JobTimes
  readonly #workers = new Map<Worker, Promise<void>>()
  readonly #closing = new AbortController()

  constructor(parts: EmbeddedQueueParts) {
    this.#parts = parts
    this.#times = { leaseMs: JOB_LEASE_MS, graceMs: GRACE_MS, pausesMs: JOB_PAUSES_MS, ...parts.times }
  }

  async enqueue(deviceIds: readonly number[]): Promise<{ queued: number }> {
    const result = await this.#reach(jobs => jobs.enqueue(deviceIds))
    this.#wakeWorkers()
    return result
  }

  async work(work: JobWork, signal: AbortSignal): Promise<void> {
    this.#checkOpen()
    const worker = new Worker({ ...this.#parts, times: this.#times, work })
    const done = worker.run(AbortSignal.any([signal, this.#closing.signal]))
    this.#workers.set(worker, done)
    try {
      await done
    } finally {
      this.#workers.delete(worker)
    }
  }

  counts(): Promise<Record<JobState, number>> {
    return this.#reach(jobs => jobs.counts())
  }

  list(state: JobState, page: { limit: number; after?: string }): Promise<SyncJob[]> {
    return this.#reach(jobs => jobs.list(state, page))
  }

  async retry(ids: readonly string[] | 'all'): Promise<number> {
    const retried = await this.#reach(jobs => jobs.retry(ids))
    this.#wakeWorkers()
    return retried
  }

  flush(): Promise<number> {
    return this.#reach(jobs => jobs.flush())
  }

  /** Stops the workers of this queue as their signals would, and waits for them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new QueueError('QUEUE_UNAVAILABLE', 'the queue was closed'))
    await Promise.allSettled(this.#workers.values())
  }

  async #reach<Result>(call: (jobs: JobStore) => Promise<Result>): Promise<Result> {
    this.#checkOpen()
    try {
      return await call(this.#parts.jobs)
    } catch (error) {
      throw isOutOfReach(error) ? queueUnavailable(error) : error
    }
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new QueueError('QUEUE_UNAVAILABLE', 'the queue was closed already')
  }

  #wakeWorkers(): void {
    for (const worker of this.#workers.keys()) worker.wake()
  }
}

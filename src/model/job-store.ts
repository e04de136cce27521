import type { JobError, JobState, SyncJob } from './job-queue.ts'

/**
 * The right to run one job, for a time. Each claim of a job raises its token, so that a worker that was overtaken can
 * neither end the job nor give it back.
 */
export interface JobClaim {
  readonly jobId: string
  readonly holder: string
  readonly token: number
}

export interface ClaimedJob {
  readonly job: SyncJob
  readonly claim: JobClaim
}

/** Where the embedded queue keeps its jobs. Every method is one transaction. @throws StoreError. */
export interface JobStore {
  /** Adds a job for each device that has none waiting or active. @returns how many. */
  enqueue(deviceIds: readonly number[]): Promise<{ queued: number }>
  /** Gives the holder up to `limit` jobs that may run now, those whose pause is over first, then the oldest. */
  claim(request: { holder: string; limit: number; leaseMs: number }): Promise<ClaimedJob[]>
  /** Renews the claims of one holder. @returns those that somebody else has taken over, or that have ended. */
  renew(claims: readonly JobClaim[], leaseMs: number): Promise<JobClaim[]>
  /** Removes a job that is done. @returns whether the claim still stood; where not, nothing has changed. */
  complete(claim: JobClaim): Promise<boolean>
  /** Ends a try: the job waits for `pauseMs`, or is kept as failed where that is null. @returns as `complete`. */
  fail(claim: JobClaim, failure: { error: JobError; pauseMs: number | null }): Promise<boolean>
  /** Puts jobs back as if they had not been tried. Claims that no longer stand are passed over. */
  giveBack(claims: readonly JobClaim[]): Promise<void>
  /**
   * Puts the jobs of holders back that are dead or did not renew in time. One whose tries are used up is kept as failed, with
   * `RUN_INTERRUPTED`.
   *
   * `leaseMs` and `pauseMsMax` are the longest that a lease and a pause can be: where more is left, the clock was set back.
   *
   * @returns how many were put back or failed.
   */
  recover(request: {
    isDead: (holder: string) => boolean
    triesMax: number
    leaseMs: number
    pauseMsMax: number
  }): Promise<number>
  counts(): Promise<Record<JobState, number>>
  /** The newest first; below the job `after` where given. */
  list(state: JobState, page: { limit: number; after?: string }): Promise<SyncJob[]>
  /** As `JobQueue.retry`. */
  retry(ids: readonly string[] | 'all'): Promise<number>
  /** As `JobQueue.flush`. */
  flush(): Promise<number>
}

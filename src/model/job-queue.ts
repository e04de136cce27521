import type { ErrorCode } from '../base/errors.ts'

/**
 * `waiting`: to be run, now or after a pause. `active`: a worker has it. `failed`: its tries are used up, or trying again cannot
 * help; kept until it is retried or flushed. A device has at most one failed job: a newer failure takes the place of the older.
 */
export const JOB_STATES = ['waiting', 'active', 'failed'] as const
export type JobState = (typeof JOB_STATES)[number]

/** The tries that a job has, and the pauses between them, in milliseconds, give or take a fifth. */
export const JOB_TRIES = 3
export const JOB_PAUSES_MS = [10_000, 30_000] as const

/** The job of syncing one device. */
export interface SyncJob {
  /** Text without spaces, never used twice. */
  readonly id: string
  readonly deviceId: number
  readonly state: JobState
  /** Tries that have begun. */
  readonly tries: number
  readonly queuedAt: Date
  /** When it may run, for a waiting job that pauses; null otherwise. */
  readonly notBefore: Date | null
  /** When its last try began; null before the first. */
  readonly startedAt: Date | null
  /** When its last try failed; null where none has. */
  readonly failedAt: Date | null
  /** What its last failed try said; null where none has failed. */
  readonly error: JobError | null
}

export interface JobError {
  readonly code: ErrorCode
  /** One sentence. */
  readonly message: string
  /** Where it came from, for whoever mends a defect; null where that says nothing. */
  readonly stack: string | null
}

/** What a worker does with a job. */
export interface JobWork {
  /** Jobs that run at the same time in this process, 1 or more. */
  readonly concurrency: number
  /** Ends once nothing waits any more, pausing jobs included, and nothing runs here. */
  readonly stopWhenEmpty: boolean
  /**
   * Runs one job. The signal fires when the job is to be given back: the worker is stopped, or somebody else has it now.
   *
   * @throws a RollcallError for a try that failed. One that is not `retryable` fails the job at once.
   */
  readonly run: (job: SyncJob, signal: AbortSignal) => Promise<void>
  /** Told when the queue is out of reach and when it is back, once each. */
  readonly onOutage?: (
    told: { away: true; error: Error; retryInMs: number } | { away: false; awayForMs: number },
  ) => void
}

/**
 * The jobs of all processes that share it: dispatchers queue them, workers run them. A job is given to one worker at a
 * time; one whose worker vanished is given to another within a minute. Every process may close it at any time.
 *
 * While the queue is out of reach `work` waits with growing delay; every other call throws QueueError `QUEUE_UNAVAILABLE`
 * within some seconds, and has done nothing or all of its work.
 */
export interface JobQueue extends AsyncDisposable {
  /**
   * Queues one job for each device that has none waiting or active. Atomic for each device, over all processes.
   *
   * @returns how many were queued.
   */
  enqueue(deviceIds: readonly number[]): Promise<{ queued: number }>
  /**
   * Runs jobs until the signal fires. Then no new job is begun; those in hand may finish for {@link GRACE_MS}, and are given
   * back after that, as if they had not been tried.
   */
  work(work: JobWork, signal: AbortSignal): Promise<void>
  counts(): Promise<Record<JobState, number>>
  /** The newest first; below the job `after` where given. */
  list(state: JobState, page: { limit: number; after?: string }): Promise<SyncJob[]>
  /**
   * Puts failed jobs back, with all their tries. Where a job of that device waits already, the failed one is only removed.
   *
   * @returns how many of them were failed jobs.
   */
  retry(ids: readonly string[] | 'all'): Promise<number>
  /** Removes all failed jobs. @returns how many. */
  flush(): Promise<number>
}

/** What a job in hand gets once its worker is stopped, so that a worker ends within five seconds. */
export const GRACE_MS = 4_000

import { asRollcallError, ERROR_CODES, type ErrorCode, type RollcallError } from '../base/errors.ts'
import { JOB_PAUSES_MS, JOB_TRIES, type JobQueue, type SyncJob } from '../model/job-queue.ts'
import { logOutage, type OutageEvent, outageEvent } from './outage.ts'
import { isStoreEvent, type Rollcall, type StoreEvent, type SyncEvent } from './rollcall.ts'

export type WorkEvent =
  | SyncEvent
  | OutageEvent
  /** A job has no tries left, or trying again cannot help: it is kept as failed. Told after the failure of its device. */
  | {
      readonly event: 'job.failed'
      readonly jobId: string
      readonly deviceId: number
      readonly tries: number
      readonly code: ErrorCode
      readonly message: string
    }

/** Of the queue, and not of a sync. */
export function isJobEvent(event: WorkEvent): event is Exclude<WorkEvent, SyncEvent> {
  return event.event === 'job.failed' || event.event.startsWith('queue.')
}

export interface WorkOptions {
  /** Jobs at the same time. Each costs one socket and at most one log in memory. */
  readonly concurrency: number
  /** Ends once no job waits any more. */
  readonly stopWhenEmpty: boolean
  readonly onEvent: (event: WorkEvent) => void
}

/** Runs the sync jobs of a queue, each device under its lease, until the signal fires. What it does is in the log file. */
export async function work(
  parts: { rollcall: Pick<Rollcall, 'engine' | 'base'>; queue: Pick<JobQueue, 'work'> },
  options: WorkOptions,
  signal: AbortSignal,
): Promise<void> {
  const { rollcall, queue } = parts
  const { concurrency, stopWhenEmpty, onEvent } = options
  const { log } = rollcall.base
  const inHand = new Map<number, SyncJob>()
  const engine = rollcall.engine({ onEvent: event => onEvent(withNextTry(event, inHand)) })

  const run = async (job: SyncJob, jobSignal: AbortSignal): Promise<void> => {
    inHand.set(job.deviceId, job)
    try {
      const ended = await engine.syncDevice(job.deviceId, jobSignal)
      if (ended === 'inactive') log.debug(`Job ${job.id}: device ${job.deviceId} is not active any more`)
    } catch (error) {
      const told = asRollcallError(error)
      if (!jobSignal.aborted && pauseMs(job, told) === null) tellFailed(job, told)
      throw error
    } finally {
      inHand.delete(job.deviceId)
    }
  }
  const tellFailed = (job: SyncJob, { code, message }: RollcallError) => {
    log.error(`Job ${job.id} of device ${job.deviceId} is kept as failed after ${triesText(job.tries)}: ${message}`)
    onEvent({ event: 'job.failed', jobId: job.id, deviceId: job.deviceId, tries: job.tries, code, message })
  }
  await queue.work(
    {
      concurrency,
      stopWhenEmpty,
      run,
      onOutage: told => {
        const event = outageEvent(told)
        logOutage(log, event)
        onEvent(event)
      },
    },
    signal,
  )
}

/** What a worker beside a polling engine tells: that the database is away is told by the engine. */
export type BesideEvent = Exclude<WorkEvent, StoreEvent>

/**
 * One worker in a process that polls: polling needs no queue, but a failed job that somebody puts back is run all the same. One at a
 * time, since the devices are read by the engine already.
 */
export function workBeside(
  parts: { rollcall: Pick<Rollcall, 'engine' | 'base' | 'config'>; queue: Pick<JobQueue, 'work'> },
  onEvent: (event: BesideEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const isInDatabase = parts.rollcall.config.queue.engine === 'embedded'
  const isToldByEngine = ({ event }: WorkEvent) => isInDatabase && event.startsWith('queue.')
  return work(
    parts,
    {
      concurrency: 1,
      stopWhenEmpty: false,
      onEvent: event => {
        if (!isStoreEvent(event) && !isToldByEngine(event)) onEvent(event)
      },
    },
    signal,
  )
}

/** `1 try`, `3 tries`. */
export function triesText(tries: number): string {
  return tries === 1 ? '1 try' : `${tries} tries`
}

/** The engine makes one try, and the queue decides about the next. */
function withNextTry(event: SyncEvent, inHand: ReadonlyMap<number, SyncJob>): SyncEvent {
  const job = event.event === 'device.failed' ? inHand.get(event.deviceId) : undefined
  if (event.event !== 'device.failed' || !job) return event
  return { ...event, retryInMs: pauseMs(job, ERROR_CODES[event.code]) }
}

/** How long the job will pause after this failure, give or take a fifth; null where it is kept as failed. */
function pauseMs(job: SyncJob, error: Pick<RollcallError, 'retryable'>): number | null {
  if (!error.retryable || job.tries >= JOB_TRIES) return null
  return JOB_PAUSES_MS[job.tries - 1] ?? null
}

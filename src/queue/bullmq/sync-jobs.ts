import type { Job, JobsOptions, JobType } from 'bullmq'
import { ERROR_CODES, type ErrorCode } from '../../base/errors.ts'
import { JOB_TRIES, type JobError, type JobState, type SyncJob } from '../../model/job-queue.ts'

/** The name of the queue, and what the keys on the server begin with: `rollcall:sync:...`. */
export const QUEUE_NAME = 'sync'
export const KEY_PREFIX = 'rollcall'

/** The states of BullMQ that make up one of ours. */
export const BULLMQ_STATES: Readonly<Record<JobState, readonly JobType[]>> = {
  waiting: ['wait', 'prioritized', 'delayed'],
  active: ['active'],
  failed: ['failed'],
}

/** What a job carries. All else that is known of it is BullMQ's own. */
export interface JobData {
  readonly deviceId: number
  /** When its last try failed, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly failedAt?: number
  /** How often it was begun and given back untried. */
  readonly givenBack?: number
}

/** A job for a device, as it is queued. BullMQ refuses a second one for a device until the first is done or failed. */
export function newJob(deviceId: number, number: number): { name: string; data: JobData; opts: JobsOptions } {
  return {
    name: 'sync',
    data: { deviceId },
    opts: {
      jobId: `j${number}`,
      deduplication: { id: `device-${deviceId}` },
      attempts: JOB_TRIES,
      backoff: { type: 'pause' },
      stackTraceLimit: 1,
      removeOnComplete: true,
      removeOnFail: false,
    },
  }
}

/** The number in the id of a job: what was queued later has a greater one. */
export function jobNumber(id: string): number {
  return Number(/^j(\d+)$/.exec(id)?.[1] ?? 0)
}

/** A job of BullMQ as the contract has it. */
export function toSyncJob(job: Job<JobData>, state: JobState): SyncJob {
  const tries = job.attemptsStarted - (job.data.givenBack ?? 0)
  const failedAt = job.attemptsMade > 0 ? (job.finishedOn ?? job.data.failedAt) : undefined
  const pauses = state === 'waiting' && failedAt !== undefined && job.delay > 0
  return {
    id: String(job.id),
    deviceId: job.data.deviceId,
    state,
    tries,
    queuedAt: new Date(job.timestamp),
    notBefore: pauses ? new Date(failedAt + job.delay) : null,
    startedAt: tries > 0 && job.processedOn !== undefined ? new Date(job.processedOn) : null,
    failedAt: failedAt === undefined ? null : new Date(failedAt),
    error: job.attemptsMade > 0 ? errorOf(job) : null,
  }
}

/** The text under which BullMQ keeps a failure: its code and its sentence. */
export function failureText(error: Pick<JobError, 'code' | 'message'>): string {
  return `${error.code}: ${error.message}`
}

function errorOf(job: Job<JobData>): JobError {
  const [, code = '', message = ''] = /^([A-Z][A-Z_]*): (.*)$/s.exec(job.failedReason) ?? []
  const stack = job.stacktrace?.at(-1) ?? null
  return isErrorCode(code) ? { code, message, stack } : { code: 'DEFECT', message: job.failedReason, stack }
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text)
}

import { type Job, type Queue, UnrecoverableError, WaitingError } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Base } from '../../base/base.ts'
import { JOB_TRIES } from '../../model/job-queue.ts'
import { jobErrorFrom } from '../job-error.ts'
import { failureText, type JobData } from './sync-jobs.ts'

/**
 * Puts a job back in front of the others, its try uncounted. Where that cannot be told to the server, the job is taken over
 * once its lock has run out.
 *
 * @throws WaitingError, which tells BullMQ to do nothing more about the job.
 */
export async function giveBack(job: Job<JobData>, token: string): Promise<never> {
  try {
    await job.updateData({ ...job.data, givenBack: (job.data.givenBack ?? 0) + 1 })
    await job.moveToWait(token)
  } catch (cause) {
    throw Object.assign(new WaitingError(), { cause })
  }
  throw new WaitingError()
}

/**
 * Ends a try that failed: what is thrown tells BullMQ to try again after a pause, or to keep the job as failed. Before that, an
 * older failed job of the device goes.
 *
 * @throws always. WaitingError where the job is no longer ours, or its failure cannot be written down: then it is tried again.
 */
export async function endTry(options: {
  job: Job<JobData>
  token: string
  thrown: unknown
  queue: Queue<JobData>
  client: Redis
  base: Pick<Base, 'clock'>
  lockMs: number
}): Promise<never> {
  const { job, token, thrown, base, lockMs } = options
  const { error, isRetryable } = jobErrorFrom(thrown)
  const isLast = !isRetryable || job.attemptsMade + 1 >= JOB_TRIES
  try {
    if ((await job.extendLock(token, lockMs)) !== 1) throw new Error('the job is with another worker')
    await job.updateData({ ...job.data, failedAt: base.clock.now() })
    if (isLast) await removeOlderFailure(options)
  } catch (cause) {
    throw Object.assign(new WaitingError(), { cause })
  }
  const failure = isRetryable ? new Error(failureText(error)) : new UnrecoverableError(failureText(error))
  failure.stack = error.stack ?? ''
  throw failure
}

/** A device has one job at a time, so that nobody else does this for the same device meanwhile. */
async function removeOlderFailure(options: { job: Job<JobData>; queue: Queue<JobData>; client: Redis }): Promise<void> {
  const { job, queue, client } = options
  const key = queue.toKey('failed-of-device')
  const device = String(job.data.deviceId)
  const olderId = await client.hget(key, device)
  if (olderId !== null && olderId !== job.id) {
    const older = await queue.getJob(olderId)
    if (await older?.isFailed()) await older?.remove()
  }
  await client.hset(key, device, String(job.id))
}

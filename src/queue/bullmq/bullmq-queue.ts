import { type Job, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { QueueError, RollcallError } from '../../base/errors.ts'
import { JOB_STATES, type JobQueue, type JobState, type JobWork, type SyncJob } from '../../model/job-queue.ts'
import { asQueueError, RedisClients } from './redis-clients.ts'
import { BULLMQ_TIMES, type BullmqSettings, type BullmqTimes } from './settings.ts'
import { BULLMQ_STATES, type JobData, jobNumber, KEY_PREFIX, newJob, QUEUE_NAME, toSyncJob } from './sync-jobs.ts'
import { runWorker } from './worker-run.ts'

/** Jobs that one transaction adds: all or none of a usual round, and about half a second of the server. */
const JOBS_A_TRANSACTION = 10_000
/** Jobs that are read or removed side by side. */
const JOBS_AT_ONCE = 500
/** BullMQ tells each step of each job in a stream; so many are kept for whoever looks on. */
const EVENTS_KEPT = 1_000
/** Failures of a machine whose clock is ahead lie in the future of ours. */
const CLOCK_AHEAD_MS_MAX = 24 * 60 * 60_000

/** The queue on a Redis or Valkey server. Opening it does not connect yet; each call does that as needed. */
export class BullmqQueue implements JobQueue {
  readonly #settings: BullmqSettings
  readonly #times: BullmqTimes
  readonly #clients: RedisClients
  readonly #client: Redis
  readonly #closing = new AbortController()
  readonly #working = new Set<Promise<void>>()
  #queue: Promise<Queue<JobData>> | null = null
  #lastError: unknown = null

  constructor(settings: BullmqSettings) {
    this.#settings = settings
    this.#times = { ...BULLMQ_TIMES, ...settings.times }
    this.#clients = new RedisClients(settings)
    this.#client = this.#clients.forCalls()
    this.#client.on('ready', () => {
      this.#lastError = null
    })
    this.#client.on('error', error => {
      this.#lastError = error
    })
  }

  async enqueue(deviceIds: readonly number[]): Promise<{ queued: number }> {
    const devices = [...new Set(deviceIds)]
    return this.#call(async queue => {
      let queued = 0
      for (const part of partsOf(devices, JOBS_A_TRANSACTION)) queued += await this.#add(queue, part)
      return { queued }
    })
  }

  async work(work: JobWork, signal: AbortSignal): Promise<void> {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason
    const until = AbortSignal.any([signal, this.#closing.signal])
    const done = runWorker({ ...this.#settings, times: this.#times, work }, until)
    this.#working.add(done)
    try {
      await done
    } finally {
      this.#working.delete(done)
    }
  }

  async counts(): Promise<Record<JobState, number>> {
    return this.#call(async queue => {
      const counts = await queue.getJobCounts(...JOB_STATES.flatMap(state => BULLMQ_STATES[state]))
      const sum = (state: JobState) => BULLMQ_STATES[state].reduce((total, one) => total + (counts[one] ?? 0), 0)
      return { waiting: sum('waiting'), active: sum('active'), failed: sum('failed') }
    })
  }

  async list(state: JobState, page: { limit: number; after?: string }): Promise<SyncJob[]> {
    const { limit, after } = page
    return this.#call(async queue => {
      const ids = await queue.getRanges([...BULLMQ_STATES[state]], 0, -1)
      const below = after === undefined ? Number.POSITIVE_INFINITY : jobNumber(after)
      const wanted = ids
        .filter(id => jobNumber(id) < below)
        .sort((a, b) => jobNumber(b) - jobNumber(a))
        .slice(0, limit)
      return (await jobsOf(queue, wanted)).map(job => toSyncJob(job, state))
    })
  }

  async retry(ids: readonly string[] | 'all'): Promise<number> {
    return this.#call(async queue => {
      const failed = await queue.getRanges(['failed'], 0, -1)
      const wanted = ids === 'all' ? failed : failed.filter(id => ids.includes(id))
      const jobs = await jobsOf(queue, wanted)
      // Added before the failed ones go, so that no crash between the two loses a device.
      for (const part of partsOf(jobs, JOBS_A_TRANSACTION)) {
        await this.#add(
          queue,
          part.map(job => job.data.deviceId),
        )
      }
      let removed = 0
      for (const part of partsOf(jobs, JOBS_AT_ONCE)) {
        const counts = await Promise.all(part.map(job => queue.remove(String(job.id))))
        removed += counts.reduce((sum, count) => sum + count, 0)
      }
      return removed
    })
  }

  async flush(): Promise<number> {
    return this.#call(async queue => (await queue.clean(-CLOCK_AHEAD_MS_MAX, 0, 'failed')).length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new QueueError('QUEUE_UNAVAILABLE', 'the queue was closed'))
    await Promise.allSettled(this.#working)
    const queue = await this.#queue?.catch(() => null)
    await queue?.close().catch(() => {})
    this.#clients[Symbol.dispose]()
  }

  /** @returns how many of the devices had no job yet. */
  async #add(queue: Queue<JobData>, deviceIds: readonly number[]): Promise<number> {
    if (deviceIds.length === 0) return 0
    const last = await this.#client.incrby(queue.toKey('last-job'), deviceIds.length)
    const jobs = deviceIds.map((deviceId, index) => newJob(deviceId, last - deviceIds.length + 1 + index))
    const added = await queue.addBulk(jobs)
    return added.filter((job, index) => job.id === jobs[index]?.opts.jobId).length
  }

  async #call<Result>(body: (queue: Queue<JobData>) => Promise<Result>): Promise<Result> {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason
    try {
      await this.#connect()
      this.#queue ??= this.#openQueue()
      return await body(await this.#queue)
    } catch (error) {
      // What became of the connection says more than that the call was cut.
      const cause =
        this.#client.status === 'ready' || error instanceof RollcallError ? error : (this.#lastError ?? error)
      throw asQueueError(cause, this.#settings.address)
    }
  }

  /** Connects unless that is done. */
  async #connect(): Promise<void> {
    const client = this.#client
    while (client.status !== 'ready') {
      if (client.status === 'wait' || client.status === 'end') await client.connect()
      else await turnOf(client)
    }
  }

  /** Where that fails, the next call opens another. */
  async #openQueue(): Promise<Queue<JobData>> {
    const queue = new Queue<JobData>(QUEUE_NAME, {
      connection: this.#client,
      prefix: KEY_PREFIX,
      streams: { events: { maxLen: EVENTS_KEPT } },
    })
    // The calls tell what goes wrong.
    queue.on('error', () => {})
    try {
      await queue.waitUntilReady()
      return queue
    } catch (error) {
      this.#queue = null
      throw error
    }
  }
}

/** Waits for a connection that is on its way, whichever way it goes. */
function turnOf(client: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    const onReady = () => {
      client.off('end', onEnd)
      resolve()
    }
    const onEnd = () => {
      client.off('ready', onReady)
      reject(new Error('Connection is closed.'))
    }
    client.once('ready', onReady)
    client.once('end', onEnd)
  })
}

/** Those of the ids that are still there. */
async function jobsOf(queue: Queue<JobData>, ids: readonly string[]): Promise<Job<JobData>[]> {
  const jobs: Job<JobData>[] = []
  for (const part of partsOf(ids, JOBS_AT_ONCE)) {
    const found = await Promise.all(part.map(id => queue.getJob(id)))
    jobs.push(...found.filter(job => job !== undefined))
  }
  return jobs
}

function* partsOf<Item>(items: readonly Item[], length: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += length) yield items.slice(from, from + length)
}

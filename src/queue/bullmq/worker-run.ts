import { type Job, Queue, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { QueueError } from '../../base/errors.ts'
import type { JobWork } from '../../model/job-queue.ts'
import { Outage } from '../outage.ts'
import { pauseAfterMs } from '../pauses.ts'
import { endTry, giveBack } from './job-ends.ts'
import { asQueueError, RedisClients } from './redis-clients.ts'
import type { BullmqSettings, BullmqTimes } from './settings.ts'
import { BULLMQ_STATES, type JobData, KEY_PREFIX, QUEUE_NAME, toSyncJob } from './sync-jobs.ts'

/** What a job gets to end after its grace, before it is given back over its head. */
const HAND_BACK_MS = 500
/** What the server gets after that to hear of it. With the grace, a worker ends within five seconds. */
const FAREWELL_MS = 300
/** How often a worker that is to end with the last job looks whether it was, and one that ends whether it still has to wait. */
const LOOK_MS = 100
/** BullMQ counts the done and the failed jobs of each minute; a week of them is kept. */
const METRICS_MINUTES = 7 * 24 * 60
/** Stalls do not fail a job: the fault was in its worker. */
const STALLS_MAX = Number.MAX_SAFE_INTEGER

export interface WorkerRunOptions extends BullmqSettings {
  readonly times: BullmqTimes
  readonly work: JobWork
}

/** Runs jobs on connections of its own until the signal fires, or the queue is empty where that was asked for. */
export async function runWorker(options: WorkerRunOptions, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new WorkerRun(options).run(signal)
}

class WorkerRun {
  readonly #options: WorkerRunOptions
  readonly #outage: Outage
  readonly #clients: RedisClients
  readonly #client: Redis
  readonly #queue: Queue<JobData>
  readonly #worker: Worker<JobData>
  /** The jobs in hand, by their ids. */
  readonly #hands = new Map<string, AbortController>()
  #begun = 0
  #isAway = false
  #isResting = false
  #stopReason: unknown = null

  constructor(options: WorkerRunOptions) {
    const { base, times, work } = options
    this.#options = options
    this.#outage = new Outage(base, work.onOutage)
    this.#clients = new RedisClients(options)
    this.#client = this.#clients.forWork({
      onAway: error => {
        this.#isAway = true
        return this.#outage.met(error)
      },
      onBack: () => {
        this.#isAway = false
        if (!this.#isResting) this.#outage.over()
      },
    })
    const connection = { connection: this.#client, prefix: KEY_PREFIX }
    this.#queue = new Queue<JobData>(QUEUE_NAME, { ...connection, skipMetasUpdate: true })
    this.#worker = new Worker<JobData>(QUEUE_NAME, (job, token) => this.#runJob(job, token ?? ''), {
      ...connection,
      autorun: false,
      concurrency: work.concurrency,
      lockDuration: times.lockMs,
      stalledInterval: times.stalledCheckMs,
      maxStalledCount: STALLS_MAX,
      // Connections that come back are waited for; this is for what fails on the way.
      runRetryDelay: 1_000,
      metrics: { maxDataPoints: METRICS_MINUTES },
      settings: {
        backoffStrategy: tries => pauseAfterMs(tries, times.pausesMs, base.random) ?? 0,
      },
    })
  }

  async run(signal: AbortSignal): Promise<void> {
    // What goes wrong with a connection is told by the connection.
    this.#queue.on('error', () => {})
    this.#worker.on('error', error => this.#onError(error))
    this.#worker.on('lockRenewalFailed', ids => {
      for (const id of ids) this.#hands.get(id)?.abort(new QueueError('JOB_LOST', `job ${id} is with another worker`))
    })
    this.#worker.on('stalled', id =>
      this.#options.base.log.warn(`Queue: took back job ${id} of a worker that vanished`),
    )
    const running = this.#worker.run()
    running.catch(error => this.#onError(error))
    try {
      if (this.#options.work.stopWhenEmpty) await this.#untilEmpty(signal)
      else await untilAborted(signal)
    } finally {
      await this.#stop(signal)
    }
  }

  async #untilEmpty(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.base
    let seen = -1
    while (!signal.aborted) {
      const isIdle = this.#hands.size === 0 && !this.#isAway && (await this.#waiting()) === 0
      // A job that left the queue while we asked shows up here by the next look.
      if (isIdle && seen === this.#begun) return
      seen = isIdle && this.#hands.size === 0 ? this.#begun : -1
      await clock.sleep(LOOK_MS, signal).catch(() => {})
    }
  }

  /** Jobs that wait, pausing ones included. -1 where that cannot be told. */
  async #waiting(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    using _limit = this.#options.base.clock.after(LOOK_MS * 10, () => resolve(-1))
    const asked = this.#queue.getJobCountByTypes(...BULLMQ_STATES.waiting)
    return Promise.race([asked.catch(() => -1), promise])
  }

  async #runJob(job: Job<JobData>, token: string): Promise<void> {
    const { work } = this.#options
    const id = String(job.id)
    const controller = new AbortController()
    this.#hands.set(id, controller)
    this.#begun++
    try {
      const ended = work.run(toSyncJob(job, 'active'), controller.signal).then(
        () => ({ is: 'done' }) as const,
        (error: unknown) => ({ is: 'failed', error }) as const,
      )
      const outcome = await Promise.race([ended, this.#handBackTime(controller.signal)])
      const isLost = controller.signal.aborted && this.#stopReason !== controller.signal.reason
      // BullMQ passes over what throws this, and leaves the job to whoever has it.
      if (isLost) throw new WaitingError()
      if (outcome.is === 'done') return
      if (outcome.is === 'late' || controller.signal.aborted) await giveBack(job, token)
      else await this.#endTry(job, token, outcome.error)
    } finally {
      this.#hands.delete(id)
    }
  }

  #endTry(job: Job<JobData>, token: string, thrown: unknown): Promise<never> {
    const { base, times } = this.#options
    return endTry({ job, token, thrown, base, lockMs: times.lockMs, queue: this.#queue, client: this.#client })
  }

  /** Passes once a job that is to be given back has had its time to end. */
  #handBackTime(signal: AbortSignal): Promise<{ is: 'late' }> {
    return new Promise(resolve => {
      signal.addEventListener('abort', () => {
        if (signal.reason === this.#stopReason)
          this.#options.base.clock.after(HAND_BACK_MS, () => resolve({ is: 'late' }))
      })
    })
  }

  /** Lets what is in hand end within its grace, and gives back what does not. */
  async #stop(signal: AbortSignal): Promise<void> {
    const { base, times } = this.#options
    const { clock } = base
    this.#stopReason = signal.reason ?? new Error('the queue is empty')
    const ended = new AbortController()
    using _grace = clock.after(times.graceMs, () => {
      for (const controller of this.#hands.values()) controller.abort(this.#stopReason)
    })
    const limit = clock.sleep(times.graceMs + HAND_BACK_MS + FAREWELL_MS, ended.signal).catch(() => {})
    void this.#cutOnceIdle(ended.signal)
    const closed = this.#worker.close().then(() => this.#queue.close())
    await Promise.race([closed, limit])
    ended.abort()
    this.#clients[Symbol.dispose]()
  }

  /** A worker that has nothing in hand does not wait for a server that is away. */
  async #cutOnceIdle(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if ((this.#isAway || this.#isResting) && this.#hands.size === 0) this.#clients[Symbol.dispose]()
      await this.#options.base.clock.sleep(LOOK_MS, signal).catch(() => {})
    }
  }

  /**
   * What the server answers with an error, such as that its memory is full, BullMQ would ask again at once and for ever. So the
   * worker rests until the server takes a write.
   */
  #onError(error: Error): void {
    const { base, address } = this.#options
    if (error.name === 'ReplyError') void this.#rest(asQueueError(error, address))
    else base.log.debug(`Queue: ${asQueueError(error, address).message}`)
  }

  async #rest(error: Error): Promise<void> {
    if (this.#isResting || this.#stopReason !== null) return
    this.#isResting = true
    const { clock } = this.#options.base
    let cause = error
    await this.#worker.pause(true)
    while (this.#stopReason === null) {
      await clock.sleep(this.#outage.met(cause))
      try {
        await this.#client.set(this.#queue.toKey('last-rest'), clock.now())
        break
      } catch (again) {
        cause = asQueueError(again, this.#options.address)
      }
    }
    this.#isResting = false
    if (this.#stopReason !== null) return
    this.#outage.over()
    await this.#worker.resume()
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

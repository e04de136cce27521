import type { Base } from '../../base/base.ts'
import type { Clock } from '../../base/clock.ts'
import { QueueError, RollcallError } from '../../base/errors.ts'
import { JOB_TRIES, type JobWork } from '../../model/job-queue.ts'
import type { ClaimedJob, JobClaim, JobStore } from '../../model/job-store.ts'
import { jobErrorFrom } from '../job-error.ts'
import { Outage } from '../outage.ts'
import { pauseAfterMs } from '../pauses.ts'
import { isOutOfReach, queueUnavailable } from './reach.ts'

/** How often a worker with a free hand looks for jobs. Drawn anew each time, so that workers do not look in step. */
const LOOK_MS = { min: 250, max: 500 } as const
/** How often each worker looks for jobs of workers that vanished: a dead process of this machine is seen that fast. */
const RECOVER_MS = 2_000
/** What a job gets to end after its grace, before it is given back over its head. */
const HAND_BACK_MS = 500

export interface JobTimes {
  /** How long a claim stands without being renewed. It is renewed three times as often. */
  readonly leaseMs: number
  /** See `GRACE_MS` of the model. */
  readonly graceMs: number
  /** See `JOB_PAUSES_MS` of the model. */
  readonly pausesMs: readonly number[]
}

export interface WorkerParts {
  readonly jobs: JobStore
  readonly holder: string
  readonly isHolderDead: (holder: string) => boolean
  readonly base: Base
  readonly times: JobTimes
  readonly work: JobWork
}

/** A job that this worker has. */
interface Hand {
  readonly claim: JobClaim
  readonly deviceId: number
  readonly controller: AbortController
  /** Until when the claim stands, as far as is known here; in `monotonicMs`. */
  expiresAtMs: number
  /** Somebody else has the job, or it was given back: how it ends here changes nothing. */
  isOut: boolean
  ended: Promise<void>
}

/** One call of `work`: claims jobs, runs them, renews their leases, ends them. */
export class Worker {
  readonly #parts: WorkerParts
  readonly #outage: Outage
  readonly #hands = new Set<Hand>()
  /** Fires when nothing that is still under way here matters any more. */
  readonly #over = new AbortController()
  readonly #bell: Bell
  #recoverAtMs = Number.NEGATIVE_INFINITY
  #stoppedAtMs: number | null = null
  #renewal: Disposable | null = null
  #fatal: { error: unknown } | null = null

  constructor(parts: WorkerParts) {
    this.#parts = parts
    this.#bell = new Bell(parts.base.clock)
    this.#outage = new Outage(parts.base, parts.work.onOutage)
  }

  /** Makes it look for jobs at once. */
  wake(): void {
    this.#bell.ring()
  }

  async run(signal: AbortSignal): Promise<void> {
    const onStop = () => {
      this.#stoppedAtMs = this.#parts.base.clock.monotonicMs()
      this.#bell.ring()
    }
    signal.addEventListener('abort', onStop)
    this.#scheduleRenewal()
    try {
      while (!signal.aborted && this.#fatal === null) {
        const restMs = await this.#look(signal)
        if (restMs === null) break
        await this.#bell.wait(restMs)
      }
    } finally {
      await this.#handBack(signal)
      this.#renewal?.[Symbol.dispose]()
      this.#renewal = null
      this.#over.abort(new Error('the worker has ended'))
      signal.removeEventListener('abort', onStop)
    }
    if (this.#fatal !== null) throw this.#fatal.error
  }

  /** Fills the free hands. @returns when to look again; null when the queue is empty and the worker was to end then. */
  async #look(signal: AbortSignal): Promise<number | null> {
    const { jobs, holder, base, times, work } = this.#parts
    const restMs = base.random.int(LOOK_MS.min, LOOK_MS.max)
    try {
      if (base.clock.monotonicMs() >= this.#recoverAtMs) await this.#recover()
      const limit = work.concurrency - this.#hands.size
      if (limit < 1) return restMs
      const claimedAtMs = base.clock.monotonicMs()
      const claimed = await jobs.claim({ holder, limit, leaseMs: times.leaseMs })
      this.#outage.over()
      // The stop came while the claim was under way.
      if (signal.aborted) await jobs.giveBack(claimed.map(({ claim }) => claim))
      else for (const one of claimed) this.#begin(one, claimedAtMs + times.leaseMs)
      if (!work.stopWhenEmpty || this.#hands.size > 0) return restMs
      // Jobs that a dead process has had until now wait as well.
      await this.#recover()
      return (await jobs.counts()).waiting > 0 ? restMs : null
    } catch (error) {
      return this.#retryInMs(error)
    }
  }

  async #recover(): Promise<void> {
    const { jobs, isHolderDead, base, times } = this.#parts
    const { leaseMs, pausesMs } = times
    // A pause may be a fifth longer than its time.
    const pauseMsMax = 1.25 * Math.max(...pausesMs)
    const count = await jobs.recover({ isDead: isHolderDead, triesMax: JOB_TRIES, leaseMs, pauseMsMax })
    this.#recoverAtMs = base.clock.monotonicMs() + Math.min(RECOVER_MS, leaseMs / 3)
    if (count > 0) base.log.warn(`Queue: took back ${count} job(s) of workers that vanished`)
  }

  #begin({ job, claim }: ClaimedJob, expiresAtMs: number): void {
    const controller = new AbortController()
    const { deviceId } = job
    const hand: Hand = { claim, deviceId, controller, expiresAtMs, isOut: false, ended: Promise.resolve() }
    this.#hands.add(hand)
    hand.ended = this.#runJob(hand, job)
  }

  /** Never rejects. */
  async #runJob(hand: Hand, job: ClaimedJob['job']): Promise<void> {
    const { jobs, work, base, times } = this.#parts
    const { claim, controller } = hand
    const end = async (): Promise<() => Promise<boolean>> => {
      try {
        await work.run(job, controller.signal)
        return () => jobs.complete(claim)
      } catch (thrown) {
        if (controller.signal.aborted) return () => jobs.giveBack([claim]).then(() => true)
        const { error, isRetryable } = jobErrorFrom(thrown)
        const pauseMs = isRetryable ? pauseAfterMs(job.tries, times.pausesMs, base.random) : null
        return () => jobs.fail(claim, { error, pauseMs })
      }
    }
    try {
      await this.#settle(hand, await end())
    } catch (error) {
      this.#fatal ??= { error }
    } finally {
      this.#hands.delete(hand)
      this.#bell.ring()
    }
  }

  /** Writes down how a job ended, as soon as the database can be reached. */
  async #settle(hand: Hand, write: () => Promise<boolean>): Promise<void> {
    const { clock, log } = this.#parts.base
    while (!hand.isOut) {
      try {
        const stood = await write()
        this.#outage.over()
        if (!stood) log.warn(`Queue: the job of device ${hand.deviceId} had been taken over by another worker`)
        return
      } catch (error) {
        // Woken at the end of the worker; the loop sees by itself that the job was given back.
        await clock.sleep(this.#retryInMs(error), this.#over.signal).catch(() => {})
      }
    }
  }

  #scheduleRenewal(): void {
    this.#renewal = this.#parts.base.clock.after(this.#parts.times.leaseMs / 3, () => {
      void this.#renew().then(() => {
        if (this.#renewal !== null) this.#scheduleRenewal()
      })
    })
  }

  /** Never rejects. */
  async #renew(): Promise<void> {
    const { jobs, base, times } = this.#parts
    const hands = [...this.#hands]
    if (hands.length === 0) return
    const renewedAtMs = base.clock.monotonicMs()
    try {
      const lost = new Set(
        await jobs.renew(
          hands.map(hand => hand.claim),
          times.leaseMs,
        ),
      )
      this.#outage.over()
      for (const hand of hands) {
        hand.expiresAtMs = renewedAtMs + times.leaseMs
        if (!lost.has(hand.claim)) continue
        hand.isOut = true
        hand.controller.abort(jobLost(hand))
      }
    } catch (error) {
      // By the next renewal somebody else may have it. Whether that is so is seen when it ends.
      const nextMs = base.clock.monotonicMs() + times.leaseMs / 3
      for (const hand of hands) if (hand.expiresAtMs < nextMs) hand.controller.abort(jobLost(hand))
      try {
        this.#retryInMs(error)
      } catch (fatal) {
        this.#fatal ??= { error: fatal }
        this.#bell.ring()
      }
    }
  }

  /** Lets what is in hand end within its grace, and gives back what does not. */
  async #handBack(signal: AbortSignal): Promise<void> {
    const { jobs, base, times } = this.#parts
    const ended = Promise.all(Array.from(this.#hands, hand => hand.ended))
    // The grace runs from the signal on: a claim that was under way then may have waited for the database.
    const nowMs = base.clock.monotonicMs()
    await within(base.clock, ended, Math.max(0, times.graceMs - (nowMs - (this.#stoppedAtMs ?? nowMs))))
    for (const hand of this.#hands) hand.controller.abort(signal.reason)
    if (this.#hands.size > 0) await within(base.clock, ended, HAND_BACK_MS)
    const left = [...this.#hands]
    if (left.length === 0) return
    for (const hand of left) hand.isOut = true
    try {
      await jobs.giveBack(left.map(hand => hand.claim))
    } catch (error) {
      if (!(error instanceof RollcallError)) throw error
      base.log.warn(`Queue: ${left.length} job(s) could not be given back, and are taken over later: ${error.message}`)
    }
  }

  /** @throws what is not a question of reach. */
  #retryInMs(error: unknown): number {
    if (!isOutOfReach(error)) throw error
    return this.#outage.met(queueUnavailable(error))
  }
}

/** A wait that somebody else can end. */
class Bell {
  readonly #clock: Pick<Clock, 'after'>
  #wake: (() => void) | null = null
  #isRung = false

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /** Ends the wait under way, or the next one before it begins. */
  ring(): void {
    if (this.#wake) this.#wake()
    else this.#isRung = true
  }

  async wait(ms: number): Promise<void> {
    if (!this.#isRung) await this.#ringOrTime(ms)
    this.#isRung = false
  }

  #ringOrTime(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = this.#clock.after(ms, () => this.#wake?.())
      this.#wake = () => {
        timer[Symbol.dispose]()
        this.#wake = null
        resolve()
      }
    })
  }
}

/** Waits until `work` ends, `ms` at most. */
async function within(clock: Pick<Clock, 'after'>, work: Promise<unknown>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  using _timer = clock.after(ms, resolve)
  await Promise.race([work, promise])
}

function jobLost(hand: Hand): QueueError {
  return new QueueError('JOB_LOST', `the job of device ${hand.deviceId} is with another worker`)
}

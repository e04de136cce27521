import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { JobWork } from '../model/job-queue.ts'

/** The delay after the first call that failed, doubled with each one after it, up to the longest. */
const DELAY_MS_MIN = 500
const DELAY_MS_MAX = 10_000

interface OutageBase {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly random: Pick<Random, 'float'>
}

/** One time during which the queue is out of reach, however many calls meet it, told once at its begin and once at its end. */
export class Outage {
  readonly #base: OutageBase
  readonly #onOutage: JobWork['onOutage']
  #beganAtMs: number | null = null
  #grownAtMs = 0
  #delayMs = 0

  constructor(base: OutageBase, onOutage: JobWork['onOutage']) {
    this.#base = base
    this.#onOutage = onOutage
  }

  /** A call has failed with `error`. @returns after how many milliseconds to try again, give or take a fifth. */
  met(error: Error): number {
    const nowMs = this.#base.clock.monotonicMs()
    if (this.#beganAtMs === null) {
      this.#beganAtMs = nowMs
      this.#grownAtMs = nowMs
      this.#delayMs = DELAY_MS_MIN
      this.#onOutage?.({ away: true, error, retryInMs: this.#delayMs })
    } else if (nowMs - this.#grownAtMs >= this.#delayMs) {
      // Calls of several jobs that fail at one moment are one failure.
      this.#grownAtMs = nowMs
      this.#delayMs = Math.min(this.#delayMs * 2, DELAY_MS_MAX)
    }
    return Math.round(this.#delayMs * (0.8 + this.#base.random.float() * 0.4))
  }

  /** A call has reached the queue. */
  over(): void {
    if (this.#beganAtMs === null) return
    const awayForMs = this.#base.clock.monotonicMs() - this.#beganAtMs
    this.#beganAtMs = null
    this.#onOutage?.({ away: false, awayForMs })
  }
}

import { type Clock, sleepWith } from '../../src/base/clock.ts'

/** Turns of the event loop without a timer after which work that has not ended is taken to hang. */
const IDLE_TURNS_MAX = 1_000

/** More timers than any simulation needs: beyond, something goes in circles. */
const TIMERS_MAX = 50_000_000

interface Timer {
  readonly dueMs: number
  readonly order: number
  callback: (() => void) | null
}

/**
 * A clock that stands still while anything can still be done, and then jumps to the next timer. Timers fire in the order
 * of their time, those of the same time in the order in which they were set; between two of them every promise and every
 * `setImmediate` turn runs out, and so does what goes on outside the simulation, see {@link outside}.
 */
export class VirtualClock implements Clock {
  readonly #startMs: number
  #nowMs: number
  #jumpMs = 0
  #order = 0
  readonly #heap = new TimerHeap()
  #outside = 0
  #outsideEnded: (() => void) | null = null

  constructor(startMs = Date.UTC(2026, 0, 5, 8)) {
    this.#startMs = startMs
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs + this.#jumpMs
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepWith(this, ms, signal)
  }

  after(ms: number, callback: () => void): Disposable {
    const dueMs = this.#nowMs + Math.max(0, ms)
    const timer: Timer = { dueMs, order: this.#order++, callback }
    if (Number.isFinite(dueMs)) this.#heap.add(timer)
    return {
      [Symbol.dispose]: () => {
        timer.callback = null
      },
    }
  }

  /** Timers that were set and neither fired nor were disposed of. */
  get waiting(): number {
    return this.#heap.count
  }

  /** Somebody sets the clock of the machine: `now` jumps, timers and `monotonicMs` do not. */
  jump(ms: number): void {
    this.#jumpMs += ms
  }

  /**
   * Counts `work` as going on until it ends: a server in the real world answers when it likes, and no time passes here meanwhile. Such
   * work must not wait for a timer of this clock.
   */
  async outside<Result>(work: Promise<Result>): Promise<Result> {
    this.#outside++
    try {
      return await work
    } finally {
      if (--this.#outside === 0) this.#outsideEnded?.()
    }
  }

  /** Lets `ms` go by, firing what falls due. */
  async advance(ms: number): Promise<void> {
    await this.#advanceTo(this.#nowMs + ms)
  }

  /** Goes on to an instant, as `now` tells it. */
  async advanceTo(instantMs: number): Promise<void> {
    await this.#advanceTo(instantMs - this.#jumpMs)
  }

  /** Fires timers until none is left; `limitMs` bounds how far time may go. */
  async runUntilIdle(options: { limitMs?: number } = {}): Promise<void> {
    const limitMs = this.#nowMs + (options.limitMs ?? Number.POSITIVE_INFINITY)
    await this.#settled()
    for (let fired = 0; fired < TIMERS_MAX; fired++) {
      const timer = this.#heap.takeUntil(limitMs)
      if (timer === null) return
      await this.#fire(timer)
    }
    throw new Error(`the simulation set more than ${TIMERS_MAX} timers`)
  }

  /** Lets time pass until `work` ends, and gives its result. @throws Error where it waits for nothing that can come. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let isSettled = false
    const settle = (): void => {
      isSettled = true
    }
    work.then(settle, settle)
    let idleTurns = 0
    await this.#settled()
    while (!isSettled) {
      const timer = this.#heap.takeUntil(Number.POSITIVE_INFINITY)
      if (timer !== null) {
        idleTurns = 0
        await this.#fire(timer)
      } else if (idleTurns++ < IDLE_TURNS_MAX) await this.#settled()
      else throw new Error('the work waits for something that no timer will bring')
    }
    return work
  }

  async #advanceTo(targetMs: number): Promise<void> {
    await this.#settled()
    for (let timer = this.#heap.takeUntil(targetMs); timer !== null; timer = this.#heap.takeUntil(targetMs))
      await this.#fire(timer)
    this.#nowMs = Math.max(this.#nowMs, targetMs)
  }

  async #fire(timer: Timer): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
    const { callback } = timer
    timer.callback = null
    callback?.()
    await this.#settled()
  }

  /** Once nothing can be done any more without time going by. */
  async #settled(): Promise<void> {
    await turn()
    while (this.#outside > 0) {
      await new Promise<void>(resolve => {
        this.#outsideEnded = resolve
      })
      // The answer is worked on, and may lead to the next question.
      await turn()
    }
  }
}

/** Timers by time, then by order. Those disposed of are dropped when they come to the top. */
class TimerHeap {
  readonly #timers: Timer[] = []

  get count(): number {
    return this.#timers.reduce((count, timer) => (timer.callback === null ? count : count + 1), 0)
  }

  add(timer: Timer): void {
    const timers = this.#timers
    let at = timers.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, timers[parent] as Timer)) break
      timers[at] = timers[parent] as Timer
      at = parent
    }
    timers[at] = timer
  }

  /** Takes the next timer out, if it is due by then. */
  takeUntil(limitMs: number): Timer | null {
    for (let first = this.#timers[0]; first !== undefined; first = this.#timers[0]) {
      if (first.callback !== null && first.dueMs > limitMs) return null
      this.#removeFirst()
      if (first.callback !== null) return first
    }
    return null
  }

  #removeFirst(): void {
    const timers = this.#timers
    const last = timers.pop()
    if (last === undefined || timers.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= timers.length) break
      const right = timers[child + 1]
      if (right !== undefined && isBefore(right, timers[child] as Timer)) child++
      if (!isBefore(timers[child] as Timer, last)) break
      timers[at] = timers[child] as Timer
      at = child
    }
    timers[at] = last
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueMs === other.dueMs ? one.order < other.order : one.dueMs < other.dueMs
}

/**
 * Two turns of the event loop: what is ready runs, and the promises behind it. Two, because an immediate that a promise
 * sets in the first turn stands behind ours.
 */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(() => setImmediate(resolve)))
}

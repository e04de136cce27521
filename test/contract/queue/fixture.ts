import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Clock } from '../../../src/base/clock.ts'
import { type ErrorCode, RollcallError } from '../../../src/base/errors.ts'
import type { JobQueue, JobWork, SyncJob } from '../../../src/model/job-queue.ts'

/** The times that the queues of a fixture live by. Short on the clock of a machine, those of the product on a virtual one. */
export interface QueueTimes {
  /** In place of `JOB_PAUSES_MS`. */
  readonly pausesMs: readonly [number, number]
  /** In place of `GRACE_MS`. */
  readonly graceMs: number
  /** By then the job of a worker that vanished is with another one. */
  readonly takeOverMsMax: number
  /** How long anything else may take that is only a question of the next look, such as a new job or a change of state. */
  readonly patienceMs: number
}

/** One process of those that share a queue. */
export interface QueueProcess {
  readonly queue: JobQueue
  /** From now on it renews nothing, as a process that is held up. What it has in hand goes on, and tries to end its job. */
  stall(): void
  /** From now on nothing of it reaches the backend, as after `kill -9`. A call that is under way need never end. */
  crash(): Promise<void>
}

/** One fresh queue under test. */
export interface QueueFixture extends AsyncDisposable {
  readonly times: QueueTimes
  /** The clock that the queues live by. */
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  /** Opens the queue, each time as a further process would. The fixture closes what is still open at its end. */
  open(): Promise<QueueProcess>
  /** Takes the backend away from every process, until `end` is called. */
  beginOutage(): Promise<{ end(): Promise<void> }>
  /** Lets the time of `clock` pass until `body` ends. On the clock of the machine it simply waits. */
  run(body: Promise<void>): Promise<void>
}

export type OpenQueueFixture = () => Promise<QueueFixture>

/** A test on a fresh queue that is gone at its end. */
export function queueTest(open: OpenQueueFixture, name: string, body: (under: QueueFixture) => Promise<void>): void {
  test(name, async () => {
    await using under = await open()
    await under.run(body(under))
  })
}

/** Waits until `holds` says true. */
export async function eventually(
  under: QueueFixture,
  holds: () => boolean | Promise<boolean>,
  options: { withinMs?: number; what: string },
): Promise<void> {
  const withinMs = options.withinMs ?? under.times.patienceMs
  const stepMs = Math.max(5, Math.round(withinMs / 200))
  const endMs = under.clock.now() + withinMs
  while (!(await holds())) {
    if (under.clock.now() >= endMs) assert.fail(`not within ${withinMs} ms: ${options.what}`)
    await under.clock.sleep(stepMs)
  }
}

/** A worker that runs jobs of `process` until it is stopped, or the queue is empty where that was asked for. */
export function startWorker(
  process: QueueProcess,
  run: JobWork['run'],
  options: Partial<Pick<JobWork, 'concurrency' | 'stopWhenEmpty' | 'onOutage'>> = {},
): { readonly done: Promise<void>; stop(): Promise<void> } {
  const controller = new AbortController()
  const work = { concurrency: 4, stopWhenEmpty: false, ...options, run }
  const done = process.queue.work(work, controller.signal)
  // Whoever stops or awaits the worker meets its error; a worker that crashed is awaited by nobody.
  done.catch(() => {})
  return {
    done,
    async stop() {
      controller.abort(new Error('the worker was stopped'))
      await done
    },
  }
}

/** A job that goes on until it is told to end. */
export class HeldJobs {
  readonly begun: Array<{ job: SyncJob; signal: AbortSignal; end: (error?: Error) => void }> = []

  readonly run: JobWork['run'] = (job, signal) =>
    new Promise((resolve, reject) => {
      this.begun.push({ job, signal, end: error => (error ? reject(error) : resolve()) })
    })

  at(index: number): { job: SyncJob; signal: AbortSignal; end: (error?: Error) => void } {
    const held = this.begun[index]
    assert(held, `job number ${index} has not begun`)
    return held
  }
}

export async function rejectsWith(code: ErrorCode, promise: Promise<unknown>): Promise<RollcallError> {
  try {
    await promise
  } catch (error) {
    assert(error instanceof RollcallError, `not an error of the project: ${error}`)
    assert.equal(error.code, code, error.message)
    return error
  }
  return assert.fail(`it should have failed with ${code}`)
}

import type { Base } from '../base/base.ts'
import { asRollcallError } from '../base/errors.ts'
import type { JobQueue } from '../model/job-queue.ts'
import type { Store } from '../model/store.ts'
import { logOutage, type OutageEvent } from './outage.ts'

/** The first pause of an outage: as long as a restart of a server takes. */
const PAUSE_MS_MIN = 1_000
/** The longest: nobody should wait much longer once the server is back. */
const PAUSE_MS_MAX = 30_000
/** Spreads the tries of several dispatchers. */
const JITTER = 0.2

export type DispatchEvent =
  | {
      readonly event: 'dispatch.queued'
      /** Active devices that this round was for. */
      readonly devices: number
      /** Those that had no job waiting or active. */
      readonly queued: number
      readonly durationMs: number
    }
  | OutageEvent

export interface DispatchParts {
  readonly store: { readonly devices: Pick<Store['devices'], 'list'> }
  readonly queue: Pick<JobQueue, 'enqueue'>
  readonly base: Base
  readonly onEvent: (event: DispatchEvent) => void
}

interface Which {
  /** Those of the active devices that are named; all of them where this is missing. */
  readonly deviceIds?: readonly number[] | undefined
}

/**
 * Queues one sync job for each active device that has none.
 *
 * @throws StoreError or QueueError when the database or the queue cannot be reached: then nothing was queued.
 */
export async function dispatchOnce(options: Which, parts: DispatchParts): Promise<void> {
  parts.onEvent(await queueJobs(options, parts))
}

/**
 * Does so for ever, a round each `intervalMs`. An outage is told once and waited out: a round that failed is tried again with
 * growing pauses, and what devices hold is not lost by it. Ends when the signal fires.
 *
 * @throws RollcallError where trying again cannot help.
 */
export async function dispatch(
  options: Which & { intervalMs: number },
  parts: DispatchParts,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = parts.base
  const outage = new Outage(parts)
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs()
    let waitMs: number
    try {
      const queued = await queueJobs(options, parts)
      outage.end()
      parts.onEvent(queued)
      waitMs = options.intervalMs - (clock.monotonicMs() - startedMs)
    } catch (error) {
      waitMs = outage.pauseAfter(error)
    }
    await clock.sleep(Math.max(0, waitMs), signal).catch(() => {})
  }
}

async function queueJobs(options: Which, { store, queue, base }: DispatchParts): Promise<DispatchEvent> {
  const startedMs = base.clock.monotonicMs()
  const { deviceIds } = options
  const devices = await store.devices.list({ active: true, ...(deviceIds ? { ids: deviceIds } : {}) })
  const { queued } = await queue.enqueue(devices.map(device => device.id))
  const durationMs = Math.round(base.clock.monotonicMs() - startedMs)
  base.log.debug(`Queued ${queued} sync jobs for ${devices.length} active devices`)
  return { event: 'dispatch.queued', devices: devices.length, queued, durationMs }
}

class Outage {
  readonly #parts: Pick<DispatchParts, 'base' | 'onEvent'>
  #failures = 0
  #sinceMs = 0

  constructor(parts: Pick<DispatchParts, 'base' | 'onEvent'>) {
    this.#parts = parts
  }

  /** @returns how long to wait before the next try. @throws what no try can mend. */
  pauseAfter(error: unknown): number {
    const { clock, random, log } = this.#parts.base
    const told = asRollcallError(error)
    if (!told.retryable) throw told
    const doubledMs = Math.min(PAUSE_MS_MIN * 2 ** Math.min(this.#failures, 10), PAUSE_MS_MAX)
    const retryInMs = Math.round(doubledMs * (1 - JITTER + random.float() * 2 * JITTER))
    if (this.#failures++ > 0) return retryInMs
    this.#sinceMs = clock.monotonicMs()
    if (told.code === 'DEFECT') log.error(told.message, { stack: error instanceof Error ? error.stack : undefined })
    const { code, message, nextStep } = told
    this.#tell({ event: 'queue.unavailable', code, message, nextStep, retryInMs })
    return retryInMs
  }

  end(): void {
    if (this.#failures === 0) return
    this.#failures = 0
    this.#tell({ event: 'queue.available', awayForMs: this.#parts.base.clock.monotonicMs() - this.#sinceMs })
  }

  #tell(event: OutageEvent): void {
    logOutage(this.#parts.base.log, event)
    this.#parts.onEvent(event)
  }
}

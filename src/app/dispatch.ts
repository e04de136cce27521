import type { Base } from '../base/base.ts'
import { asRollcallError, type RollcallError } from '../base/errors.ts'
import type { JobQueue, JobWork } from '../model/job-queue.ts'
import type { Store } from '../model/store.ts'
import { Outage } from '../queue/outage.ts'
import { logOutage, type OutageEvent, outageEvent } from './outage.ts'

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
  const outage = new Outage(parts.base, tellOutage(parts))
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs()
    let waitMs: number
    try {
      const queued = await queueJobs(options, parts)
      outage.over()
      parts.onEvent(queued)
      waitMs = options.intervalMs - (clock.monotonicMs() - startedMs)
    } catch (error) {
      waitMs = outage.met(retryable(error, parts))
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

/** Tells an outage, in the log as well. */
function tellOutage({ base, onEvent }: DispatchParts): NonNullable<JobWork['onOutage']> {
  return told => {
    const event = outageEvent(told)
    logOutage(base.log, event)
    onEvent(event)
  }
}

/** A defect may pass by itself; whoever mends it needs to know where it came from. */
function retryable(error: unknown, { base }: DispatchParts): RollcallError {
  const told = asRollcallError(error)
  if (!told.retryable) throw told
  if (told.code === 'DEFECT') base.log.error(told.message, { stack: error instanceof Error ? error.stack : undefined })
  return told
}

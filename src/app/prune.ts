import type { Device } from '../model/device.ts'
import type { RetentionCount, RetentionPart, RetentionStep } from '../model/retention-store.ts'
import type { Rollcall } from './rollcall.ts'

/** The attendance logs of one device from before the instant: of a survey what may go, of a removal what went. */
export interface DevicePruning extends RetentionCount {
  readonly device: Device
}

export interface Pruning {
  readonly before: Date
  /** Those that were gone through; the last one in part where it was ended early. */
  readonly devices: readonly DevicePruning[]
  readonly total: RetentionCount
  /** False when it was ended before all was gone through. */
  readonly isComplete: boolean
}

const NOTHING: RetentionCount = { removable: 0, held: 0, unknown: 0 }

/** Counts what a removal would do, device by device, and changes nothing. */
export async function surveyOldLogs(
  { store, base }: Pick<Rollcall, 'store' | 'base'>,
  request: { devices: readonly Device[]; before: Date },
  signal: AbortSignal,
): Promise<Pruning> {
  const { before } = request
  const devices: DevicePruning[] = []
  for (const device of request.devices) {
    if (signal.aborted) break
    const walk = (step: RetentionStep) => store.retention.survey(step)
    devices.push({ device, ...(await goThrough(walk, { deviceId: device.id, before }, base, signal)) })
  }
  return pruningOf(before, devices, signal)
}

/**
 * Removes of the surveyed devices what may go by what is known then. Ended early, it leaves whole what it has not reached, and
 * can be begun again. One line of the log tells what went.
 */
export async function pruneOldLogs(
  { store, base }: Pick<Rollcall, 'store' | 'base'>,
  survey: Pruning,
  signal: AbortSignal,
): Promise<Pruning> {
  const { before } = survey
  const devices: DevicePruning[] = []
  for (const surveyed of survey.devices) {
    if (signal.aborted) break
    const { device, removable } = surveyed
    const walk = (step: RetentionStep) => store.retention.remove(step)
    // Where nothing goes there is nothing to keep other writers waiting for.
    const count = removable === 0 ? surveyed : await goThrough(walk, { deviceId: device.id, before }, base, signal)
    devices.push({ ...count, device })
  }
  const pruning = pruningOf(before, devices, signal)
  base.log.info(lineOf(pruning))
  return pruning
}

async function goThrough(
  walk: (step: RetentionStep) => Promise<RetentionPart>,
  request: Omit<RetentionStep, 'after'>,
  { clock }: Pick<Rollcall['base'], 'clock'>,
  signal: AbortSignal,
): Promise<RetentionCount> {
  let count = NOTHING
  let after: RetentionStep['after'] = null
  do {
    const part = await walk({ ...request, after })
    count = sumOf(count, part)
    after = part.next
    // The store may be synchronous: only a timer lets other processes and the signal have their turn.
    await clock.sleep(0)
  } while (after !== null && !signal.aborted)
  return count
}

function pruningOf(before: Date, devices: readonly DevicePruning[], signal: AbortSignal): Pruning {
  return { before, devices, total: devices.reduce(sumOf, NOTHING), isComplete: !signal.aborted }
}

function sumOf(a: RetentionCount, b: RetentionCount): RetentionCount {
  return { removable: a.removable + b.removable, held: a.held + b.held, unknown: a.unknown + b.unknown }
}

function lineOf({ before, total, isComplete }: Pruning): string {
  const kept = `${total.held} kept that devices still hold, ${total.unknown} kept of which that is not known`
  const early = isComplete ? '' : '; ended early'
  return `Attendance logs from before ${before.toISOString()}: ${total.removable} removed, ${kept}${early}`
}

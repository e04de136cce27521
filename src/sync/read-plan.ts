import type { FullReason, KnownTail, LogCounters } from '../model/device-driver.ts'
import type { Checkpoint } from '../model/store.ts'

/** What has to be read of a log: nothing, its end, or everything. */
export type ReadPlan =
  | { readonly mode: 'unchanged' }
  | { readonly mode: 'tail'; readonly tail: KnownTail }
  | { readonly mode: 'full'; readonly because: FullReason }

/**
 * Decides by the counters of the device and the checkpoint alone. A checkpoint may only ever shorten work: whatever is in
 * doubt is read whole.
 */
export function planRead(known: {
  checkpoint: Checkpoint | null
  counters: LogCounters
  isAskedFor: boolean
  isComparisonDue: boolean
}): ReadPlan {
  const { checkpoint, counters } = known
  const because = (reason: FullReason): ReadPlan => ({ mode: 'full', because: reason })
  if (checkpoint === null) return because('first-read')
  if (known.isAskedFor) return because('asked-for')
  if (!checkpoint.isTrusted) return because('last-run-failed')
  if (known.isComparisonDue) return because('comparison-due')
  if (isFull(counters)) return because('log-full')
  const { records } = counters
  // A counter that says 0 of a log that has records never could be compared; then neither could the last one.
  if (records !== null && checkpoint.counter !== null) {
    if (records < checkpoint.counter) return because('counter-fell')
    if (records === checkpoint.counter) {
      // A device that counts 0 and holds records by its free space is looked at whole, and told of.
      return records === 0 && hasHidden(counters) ? because('log-changed') : { mode: 'unchanged' }
    }
  }
  return planTail(checkpoint)
}

/** The end of the log, unless it cannot be known or cut. */
function planTail(checkpoint: Checkpoint): ReadPlan {
  const tail = knownTail(checkpoint)
  if (tail === null) return { mode: 'full', because: 'small-log' }
  return checkpoint.takesSlices ? { mode: 'tail', tail } : { mode: 'full', because: 'slice-not-honoured' }
}

/** The end of the log as the checkpoint has it; null for an empty log. */
export function knownTail(checkpoint: Checkpoint | null): KnownTail | null {
  if (!checkpoint?.layout || checkpoint.tail.length === 0) return null
  return { recordCount: checkpoint.recordCount, layout: checkpoint.layout, records: checkpoint.tail }
}

/**
 * A log at its capacity may replace old records with new ones while it counts the same. Some firmware tells capacities in
 * another unit than records: only what is free, or an equal number, is believed.
 */
export function isFull({ records, capacity, free }: LogCounters): boolean {
  if (records === null || records === 0 || capacity === null || capacity === 0) return false
  return records === capacity || free === 0
}

function hasHidden({ capacity, free }: LogCounters): boolean {
  return capacity !== null && free !== null && capacity > free
}

import type { SyncRunJson } from '../../api/types.ts'

/** `open`: it has no end yet, since it runs, or since its process went away. */
export function stateOf({ finished_at, status }: SyncRunJson): 'ok' | 'failed' | 'open' {
  return finished_at === null ? 'open' : status
}

/** Null while it has no end. */
export function durationMs({ started_at, finished_at }: SyncRunJson): number | null {
  return finished_at === null ? null : Math.max(0, Date.parse(finished_at) - Date.parse(started_at))
}

/** Sums of nothing say nothing, but of a log that was read and was empty. */
export function hasCounts({ received, status, mode, finished_at }: SyncRunJson): boolean {
  return received > 0 || (finished_at !== null && status === 'ok' && mode !== 'unchanged')
}

/** What shows that a read left nothing out: the device counted so many before and after it. */
export interface Proof {
  readonly kind: 'counter' | 'announced-size' | 'mismatch' | 'none'
  readonly records: number
  readonly before: number
  readonly after: number
}

/** A count that the device did not tell is that of the records. */
export function proofOf({ count_proof, records_on_device, counter_before, counter_after }: SyncRunJson): Proof {
  const records = records_on_device ?? counter_after ?? 0
  return {
    kind: count_proof ?? 'none',
    records,
    before: counter_before ?? records,
    after: counter_after ?? records,
  }
}

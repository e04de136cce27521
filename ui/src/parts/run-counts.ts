import type { DeviceStandingJson } from '../api/types.ts'

export type Beat = DeviceStandingJson['beats'][number]

/** What a row of runs says in one sentence. */
export interface RunCounts {
  readonly ok: number
  readonly failed: number
  readonly interrupted: number
  readonly running: number
  /** Logs that were new in all of them. */
  readonly inserted: number
}

export function countRuns(beats: readonly Beat[]): RunCounts {
  const counts = { ok: 0, failed: 0, interrupted: 0, running: 0, inserted: 0 }
  for (const { state, inserted } of beats) {
    counts[state]++
    counts.inserted += inserted
  }
  return counts
}

/** The beat under a point, as a share of the width from its start; null where there are none. */
export function beatAt(share: number, count: number): number | null {
  return count === 0 ? null : Math.min(Math.max(Math.floor(share * count), 0), count - 1)
}

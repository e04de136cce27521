import type { CoverageSpan } from './coverage-span.ts'
import type { ClockReading } from './device.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * What the database holds of many devices at once, for how they stand. Each costs a few statements, however many the devices are, and
 * of each device no more rows are gone through than come back. A device of which there is nothing has no entry.
 */
export interface StandingReader {
  /** The newest runs of each, the newest first, `limit` of each at most. */
  newestRuns(deviceIds: readonly number[], limit: number): Promise<ReadonlyMap<number, readonly SyncRun[]>>
  /** The instant of the newest attendance log of each. */
  newestPunches(deviceIds: readonly number[]): Promise<ReadonlyMap<number, Date>>
  newestReadings(deviceIds: readonly number[]): Promise<ReadonlyMap<number, ClockReading>>
  /** How many records the log of each held when it was last read well. */
  recordCounts(deviceIds: readonly number[]): Promise<ReadonlyMap<number, number>>
  /** The spans of each that reach behind `since`, oldest first. */
  spans(deviceIds: readonly number[], since: Date): Promise<ReadonlyMap<number, readonly CoverageSpan[]>>
  /** How many punches of each lie within two instants, both included. The one that goes through what it counts. */
  punchCounts(deviceIds: readonly number[], within: { since: Date; until: Date }): Promise<ReadonlyMap<number, number>>
  /** Records in quarantine that nobody has dismissed; of all devices unless some are named. */
  openQuarantine(deviceIds?: readonly number[]): Promise<ReadonlyMap<number, number>>
  /** The leases that somebody has now. */
  leases(deviceIds: readonly number[]): Promise<ReadonlyMap<number, HeldLease>>
  /** How many punches of all devices lie in each of some spans of time, their ends not included. One statement. */
  punchesIn(spans: ReadonlyArray<{ from: Date; until: Date }>): Promise<number[]>
}

export interface HeldLease {
  /** When its holder last took or renewed it. */
  readonly renewedAt: Date
}

import type { ErrorCode } from '../base/errors.ts'
import type { CountProof, FullReason } from './device-driver.ts'

export type SyncMode = 'full' | 'tail' | 'unchanged'

/** What a run brought, for `sync_runs`. */
export interface RunOutcome {
  readonly mode: SyncMode
  readonly status: 'ok' | 'failed'
  readonly recordsOnDevice: number | null
  readonly counterBefore: number | null
  readonly counterAfter: number | null
  readonly countProof: CountProof | null
  readonly received: number
  readonly inserted: number
  readonly duplicates: number
  readonly quarantined: number
  readonly bytes: number
  /** Why everything was read; null in the other modes. */
  readonly fullBecause: FullReason | null
  /** Records that a full comparison found new where tails had passed. Always 0, or a defect. */
  readonly missedByTail: number
  readonly error: { code: ErrorCode; message: string } | null
}

export interface SyncRun extends RunOutcome {
  readonly id: number
  readonly deviceId: number
  readonly startedAt: Date
  /** Null while the run is under way, or when its process died; its error then is `RUN_INTERRUPTED`. */
  readonly finishedAt: Date | null
}

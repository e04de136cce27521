import type { AttendanceLog } from './punch.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * What happened in the database, by whichever process on whichever machine, in an order that agrees with that of the commits: what was
 * committed before something else began stands before it. Positions grow by one; what is seen at a position never changes, and nothing
 * appears below one that was seen. How stands in docs/decisions/feed.md.
 */
export type FeedEntry = {
  readonly position: number
} /** New attendance logs of one device: those with ids in the range, both included, and no others of it. */ & (
  | {
      readonly kind: 'logs'
      readonly deviceId: number
      readonly firstId: number
      readonly lastId: number
      readonly count: number
    }
  /** A run has ended. */
  | { readonly kind: 'run'; readonly deviceId: number; readonly runId: number }
  /** A device was added, changed or removed, or its standing has changed: its last error, its live state. Not a mere contact. */
  | { readonly kind: 'device'; readonly deviceId: number }
)

/**
 * A reader begins at `newest` of {@link bounds}, read before anything else, and goes on from the last position that it has seen. It has
 * missed some, and begins anew, where the first entry {@link after} that position is not the next one; and where `newest` is below it,
 * which a restored backup brings about.
 */
export interface Feed {
  /**
   * The entries above a position, in order; all that was committed before the call, up to `limit`. Cheap where there are none: it is
   * asked several times a second.
   */
  after(position: number, limit: number): Promise<FeedEntry[]>
  /** The newest position, and the oldest that is still kept, one above it where none is; `{ newest: 0, oldest: 1 }` at first. */
  bounds(): Promise<{ newest: number; oldest: number }>
  /** The logs of an entry, in order of id: `count` of them, unless some were removed since. */
  logsOf(entry: { deviceId: number; firstId: number; lastId: number }): Promise<AttendanceLog[]>
  /** Null where the run is gone. */
  runOf(runId: number): Promise<SyncRun | null>
}

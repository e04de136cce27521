import type { ZonedPunch } from '../src/model/punch.ts'

/** Every column but the id, which the database gives. */
export const BARE_COLUMNS = [
  'device_id',
  'device_user_id',
  'punched_at',
  'local_time',
  'time_note',
  'punch_state',
  'verify_mode',
  'work_code',
  'source',
  'record_layout',
  'raw_record',
  'sync_run_id',
  'created_at',
  'clock_drift_s',
] as const

/** The values of {@link BARE_COLUMNS}. */
export type BareRow = readonly (string | number | Buffer | null)[]

/** A way to insert all rows that a script could have: it checks nothing, and knows that no row is there yet. */
export type BareWay<Connection> = (connection: Connection, rows: readonly BareRow[]) => Promise<void>

/** Made beforehand, so that the bare scripts pay for no rows. */
export function bareRows(punches: readonly ZonedPunch[], of: { deviceId: number; runId: number }): BareRow[] {
  const createdAt = new Date().toISOString()
  return punches.map(punch => [
    of.deviceId,
    punch.userId,
    new Date(punch.punchedAtMs).toISOString(),
    punch.localTime,
    punch.timeNote,
    punch.punchState,
    punch.verifyMode,
    punch.workCode,
    'poll',
    punch.layout,
    Buffer.from(punch.raw),
    of.runId,
    createdAt,
    null,
  ])
}

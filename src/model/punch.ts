/** The ways by which a punch arrives. */
export type PunchSource = 'poll' | 'live' | 'push'

/** Why a record cannot be a punch. Each is explained in docs/errors.md. */
export const QUARANTINE_REASONS = {
  IMPOSSIBLE_DATE: 'the date does not exist in the calendar, such as 31 April',
  NO_TIME: 'the time is zero, all ones, or past the year 2099',
  EMPTY_USER_ID: 'the record names nobody',
  UNREADABLE_USER_ID: 'the user id holds bytes that are not printable text',
  UNKNOWN_UID: 'the record carries only a slot number, and the device has nobody in that slot',
  AMBIGUOUS_UID: 'the record carries only a slot number, and the slot changed hands around that time',
  SAME_SECOND: 'the same person punched twice in this second with different codes; the first is stored',
} as const
export type QuarantineReason = keyof typeof QUARANTINE_REASONS

/** One attendance event as a device told it: no zone yet, every byte kept. */
export interface Punch {
  /** As the device has it: text, leading zeros kept, 1 to 24 characters. */
  readonly userId: string
  /** `YYYY-MM-DD HH:MM:SS`, as the device said it. May be made anew at each asking, like `raw`. */
  readonly localTime: string
  /** As sent: 0 in, 1 out, 2 break out, 3 break in, 4 overtime in, 5 overtime out, 255 none; others pass through. */
  readonly punchState: number
  /** As sent: 0 password, 1 finger, 2 card, 15 face; others pass through. */
  readonly verifyMode: number
  /** 0 where the layout has none. */
  readonly workCode: number
  /** The name of the layout that `raw` was decoded with. */
  readonly layout: string
  /** The bytes as they came. May be a view on a larger buffer: copy it to keep it. */
  readonly raw: Uint8Array
}

/** A punch with its zone applied, ready to be a row. */
export interface ZonedPunch extends Punch {
  /** The instant, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly punchedAtMs: number
  /** Set where the local time names two instants or none; see docs/decisions/local-time.md for the rule. */
  readonly timeNote: 'repeated' | 'skipped' | null
}

/** A record that cannot be a punch: kept with its reason, never dropped and never guessed. */
export interface QuarantinedRecord {
  readonly raw: Uint8Array
  readonly reason: QuarantineReason
}

/**
 * An attendance log: a punch once stored. Instants and bytes are text here, as they are in the database, in the API and in every file:
 * a page or an export that made objects of them on the way would take half as long again.
 */
export interface AttendanceLog {
  readonly id: number
  readonly deviceId: number
  readonly deviceUserId: string
  /** `YYYY-MM-DDTHH:MM:SS.sssZ`, in UTC. */
  readonly punchedAt: string
  readonly localTime: string
  readonly timeNote: 'repeated' | 'skipped' | null
  readonly punchState: number
  readonly verifyMode: number
  readonly workCode: number
  readonly source: PunchSource
  readonly recordLayout: string
  /** Lower-case hex. */
  readonly rawRecord: string
  /** How far the clock of the device was ahead at the contact that brought it; null where it was not known. */
  readonly clockDriftSeconds: number | null
  /** As `punchedAt` is written. */
  readonly createdAt: string
}

/** A place among the attendance logs of one device, in the order of their instants, then of their ids. */
export interface LogPlace {
  readonly punchedAtMs: number
  readonly id: number
}

/** Attendance logs from before an instant, by what may become of them. docs/decisions/retention.md has the rule. */
export interface RetentionCount {
  /** The device does not hold them any more: they may be removed, or were. */
  readonly removable: number
  /** The device may still hold them: a full comparison would bring them back. */
  readonly held: number
  /** It is not known whether the device holds them. */
  readonly unknown: number
}

/** The next of them to be looked at: a bounded number. */
export interface RetentionStep {
  readonly deviceId: number
  /** What was punched at this instant, or later, is not looked at. */
  readonly before: Date
  /** Where the last step ended; null at first. */
  readonly after: LogPlace | null
}

export interface RetentionPart extends RetentionCount {
  /** Where the next step begins; null after the last one. */
  readonly next: LogPlace | null
}

/**
 * Removes old attendance logs that their device no longer holds. A row goes only where the last good read of the device
 * proves that it would not come back; in any doubt it stays.
 */
export interface RetentionStore {
  /** Judges the next rows and changes nothing. */
  survey(step: RetentionStep): Promise<RetentionPart>
  /**
   * Judges the next rows by what is known of the device now, and removes those that may go, in one short transaction. What
   * earlier steps removed stays removed, whatever becomes of this one.
   *
   * @throws StoreError; then nothing of this step has changed.
   */
  remove(step: RetentionStep): Promise<RetentionPart>
}

/**
 * `first-read`: nothing was known before. `log-was-empty`: an empty log has no end from which the next one could be seen to go on.
 * `log-cleared`, `log-overwritten`: what was known of the log is gone from it.
 */
export type SpanStart = 'first-read' | 'log-was-empty' | 'log-cleared' | 'log-overwritten'

/** A span of time for which every punch that the device recorded is stored. */
export interface CoverageSpan {
  readonly provenFrom: Date
  readonly provenUntil: Date
  /** The last moment within it at which records were seen, not the counter alone. */
  readonly seenUntil: Date
  readonly because: SpanStart
}

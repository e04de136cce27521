/** How far the wall clock of a zone is ahead of UTC at an instant, in minutes. */
export function zoneOffsetMinutes(timezone: string, atMs: number): number {
  const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timezone)
  return Math.round(zoned.offsetNanoseconds / 60e9)
}

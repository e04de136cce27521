/** A span of time, its end not included. */
export interface HourSpan {
  readonly from: Date
  readonly until: Date
}

/** No day has more: 24 hours, one that comes twice, and one that is cut in two where clocks are set by half an hour. */
const HOURS_MAX = 26

/**
 * The day of an instant in a zone, and its hours as clocks there show them: 23 or 25 of them where clocks are set by one, and one of
 * another length where they are set by less.
 *
 * @param timezone an IANA name that is known here.
 */
export function hoursOfDay(nowMs: number, timezone: string): { date: string; hours: HourSpan[] } {
  const date = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timezone).toPlainDate()
  // Not midnight: there are zones where clocks are set then, and the day begins at one.
  const begin = date.toZonedDateTime(timezone)
  const end = date.add({ days: 1 }).toZonedDateTime(timezone)
  const hours: HourSpan[] = []
  let from = begin
  while (Temporal.ZonedDateTime.compare(from, end) < 0 && hours.length < HOURS_MAX) {
    const next = earlier(nextHour(from), end)
    hours.push({ from: dateOf(from), until: dateOf(next) })
    from = next
  }
  return { date: date.toString(), hours }
}

/** The next full hour of the clocks, or an hour on where they are set back to before that. */
function nextHour(from: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const hourLater = from.add({ hours: 1 })
  const full = hourLater.round({ smallestUnit: 'hour', roundingMode: 'floor' })
  return Temporal.ZonedDateTime.compare(full, from) > 0 ? full : hourLater
}

function earlier(a: Temporal.ZonedDateTime, b: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return Temporal.ZonedDateTime.compare(a, b) < 0 ? a : b
}

function dateOf(at: Temporal.ZonedDateTime): Date {
  return new Date(at.epochMilliseconds)
}

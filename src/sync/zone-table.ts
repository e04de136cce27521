const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Zones lie between UTC-12 and UTC+14 and have lain up to a day apart when a country crossed the date line. */
const OFFSET_SPAN_MS = 26 * HOUR_MS
/** A log spans some years; past this many distinct days the memory starts anew. */
const DAYS_MAX = 5_000

export interface ZonedInstant {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly ms: number
  /** `repeated`: the local time names two instants, the earlier is taken. `skipped`: it names none, moved on by the gap. */
  readonly note: 'repeated' | 'skipped' | null
}

/** A day without a change of offset near it; null where each time of the day has to be looked up by itself. */
type Day = { readonly utcMs: number } | null

/**
 * Turns the local times of one zone into instants by the platform's Temporal, asking it once for each day, since a log
 * holds many punches a day and offsets change twice a year. The rule for the hours around a change is Temporal's `compatible`
 * (docs/decisions/local-time.md).
 */
export class ZoneTable {
  readonly #timezone: string
  readonly #days = new Map<string, Day>()

  /** @throws RangeError unless `timezone` is an IANA zone name that the platform knows. */
  constructor(timezone: string) {
    this.#timezone = timezone
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone)
  }

  /** @param localTime `YYYY-MM-DD HH:MM:SS`, a date that exists. */
  instantOf(localTime: string): ZonedInstant {
    const date = localTime.slice(0, 10)
    let day = this.#days.get(date)
    if (day === undefined) {
      day = this.#lookUp(date)
      if (this.#days.size >= DAYS_MAX) this.#days.clear()
      this.#days.set(date, day)
    }
    if (day === null) return this.#exactly(localTime)
    return { ms: day.utcMs + timeOfDayMs(localTime), note: null }
  }

  /** The local time of an instant, `YYYY-MM-DD HH:MM:SS`. */
  localTimeAt(ms: number): string {
    const zoned = Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(this.#timezone)
    return zoned.toPlainDateTime().toString({ smallestUnit: 'second', calendarName: 'never' }).replace('T', ' ')
  }

  #lookUp(date: string): Day {
    const midnightMs = Date.parse(`${date}T00:00:00Z`)
    const before = Temporal.Instant.fromEpochMilliseconds(midnightMs - OFFSET_SPAN_MS).toZonedDateTimeISO(
      this.#timezone,
    )
    const next = before.getTimeZoneTransition('next')
    if (next && next.epochMilliseconds <= midnightMs + DAY_MS + OFFSET_SPAN_MS) return null
    return { utcMs: midnightMs - before.offsetNanoseconds / 1e6 }
  }

  #exactly(localTime: string): ZonedInstant {
    const local = Temporal.PlainDateTime.from(localTime.replace(' ', 'T'))
    const chosen = local.toZonedDateTime(this.#timezone, { disambiguation: 'compatible' })
    const earlier = local.toZonedDateTime(this.#timezone, { disambiguation: 'earlier' })
    const later = local.toZonedDateTime(this.#timezone, { disambiguation: 'later' })
    const ms = chosen.epochMilliseconds
    if (earlier.epochMilliseconds === later.epochMilliseconds) return { ms, note: null }
    return { ms, note: earlier.toPlainDateTime().equals(local) ? 'repeated' : 'skipped' }
  }
}

function timeOfDayMs(localTime: string): number {
  const digit = (at: number) => localTime.charCodeAt(at) - 48
  const hours = digit(11) * 10 + digit(12)
  const minutes = digit(14) * 10 + digit(15)
  const seconds = digit(17) * 10 + digit(18)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000
}

const DAY_MS = 86_400_000
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS }

/** Which edge of a day a date alone stands for: `--since 2026-11-01` is its beginning, `--until 2026-11-30` its end. */
export type DayEdge = 'begin' | 'end'

/** Milliseconds of `90s`, `1.5h`, `7d`; null for any other text. */
export function spanMs(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|[smhdw])$/.exec(text) ?? []
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit]
  return unitMs === undefined ? null : Math.round(Number(amount) * unitMs)
}

/**
 * The instant of an ISO date or time, in milliseconds; null where the text is none, or a date that does not exist. A time without
 * an offset is in `timezone`.
 */
export function isoMs(text: string, context: { edge: DayEdge; timezone: string }): number | null {
  const { edge, timezone } = context
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return null
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(text)) {
      const day = Temporal.PlainDate.from(text)
      const next = day.add({ days: edge === 'end' ? 1 : 0 })
      return next.toZonedDateTime(timezone).epochMilliseconds - (edge === 'end' ? 1 : 0)
    }
    if (/(Z|[+-]\d\d(:?\d\d)?)$/i.test(text.slice(10))) return Temporal.Instant.from(text).epochMilliseconds
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timezone).epochMilliseconds
  } catch {
    // A date that does not exist, such as 31 November.
    return null
  }
}

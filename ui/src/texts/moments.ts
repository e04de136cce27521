const UNITS = [
  { unit: 'day', ms: 86_400_000, upToMs: Number.POSITIVE_INFINITY },
  { unit: 'hour', ms: 3_600_000, upToMs: 2 * 86_400_000 },
  { unit: 'minute', ms: 60_000, upToMs: 2 * 3_600_000 },
  { unit: 'second', ms: 1_000, upToMs: 120_000 },
] as const

const JUST_NOW_MS = 2_000

/** `2 minutes ago`, `in 3 hours`, in the largest unit that still says something; null: just now. */
export function agoText(language: string, atMs: number, nowMs: number): string | null {
  const ms = atMs - nowMs
  if (Math.abs(ms) < JUST_NOW_MS) return null
  const unit = UNITS.findLast(({ upToMs }) => Math.abs(ms) < upToMs) ?? UNITS[0]
  return new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(Math.round(ms / unit.ms), unit.unit)
}

/** Date and time to the second in the zone of the browser, with the name of that zone. */
export function exactText(language: string, atMs: number): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long' }).format(atMs)
}

export function clockText(language: string, atMs: number): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(atMs)
}

/** A dash for null: what is not known now. */
export function numberText(language: string, value: number | null): string {
  return value === null ? '–' : new Intl.NumberFormat(language).format(value)
}

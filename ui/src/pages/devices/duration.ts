const UNITS = [
  { unit: 'second', s: 1, upToS: 120 },
  { unit: 'minute', s: 60, upToS: 2 * 3_600 },
  { unit: 'hour', s: 3_600, upToS: 2 * 86_400 },
  { unit: 'day', s: 86_400, upToS: Number.POSITIVE_INFINITY },
] as const

/** `90 sec`, `3 min`, `2 hr`: in the largest unit that still says something. */
export function durationText(language: string, seconds: number): string {
  const { unit, s } = UNITS.find(({ upToS }) => seconds < upToS) ?? UNITS[0]
  const format = new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: 0,
  })
  return format.format(seconds / s)
}

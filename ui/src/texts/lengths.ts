const UNITS = [
  { unit: 'day', seconds: 86_400, fromSeconds: 2 * 86_400 },
  { unit: 'hour', seconds: 3_600, fromSeconds: 2 * 3_600 },
  { unit: 'minute', seconds: 60, fromSeconds: 120 },
  { unit: 'second', seconds: 1, fromSeconds: 0 },
] as const

/** `5 minutes`, in the largest unit that still says something. */
export function lengthText(language: string, ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const unit = UNITS.find(({ fromSeconds }) => seconds >= fromSeconds) ?? UNITS[3]
  const format = new Intl.NumberFormat(language, { style: 'unit', unit: unit.unit, unitDisplay: 'long' })
  return format.format(Math.round(seconds / unit.seconds))
}

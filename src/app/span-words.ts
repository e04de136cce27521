/** A span in its largest sensible unit: `42 s`, `12 min`, `5 h`, `3 days`. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

/** `2 min ago`; `never` for null. */
export function agoText(date: Date | null, nowMs: number): string {
  if (date === null) return 'never'
  const ms = nowMs - date.getTime()
  return ms < 1000 ? 'just now' : `${spanText(ms)} ago`
}

/** How far a clock is off: `right to the second`, `37 s ahead`, `2 min behind`. */
export function driftText(seconds: number): string {
  if (seconds === 0) return 'right to the second'
  return `${spanText(Math.abs(seconds) * 1000)} ${seconds > 0 ? 'ahead' : 'behind'}`
}

/** `YYYY-MM-DD HH:MM:SS` in the zone of this machine, where the person is who reads it. */
export function momentText(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `2 min ago`; `never` for null. */
export function agoText(date: Date | null, nowMs: number): string {
  if (date === null) return 'never'
  const ms = nowMs - date.getTime()
  return ms < 1000 ? 'just now' : `${spanText(ms)} ago`
}

/** A span in its largest sensible unit: `42 s`, `12 min`, `5 h`, `3 days`. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

/** How long something took: `8 ms`, `1.2 s`, `42 s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

import type { AttendanceSearch } from '../../search.ts'

/** Between the instants of the address and what people type, which is local time of their browser to the minute. */

type Bounds = Pick<AttendanceSearch, 'since' | 'until'>

const MINUTE_MS = 60_000
/** A year is typed digit by digit: 2, 20, 202. */
const YEAR_MIN = 1970

/** For an input of date and time. */
export function inputText(instant: string | undefined): string {
  if (instant === undefined) return ''
  const at = new Date(instant)
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The begin of a minute, or its end, since whoever says "until 17:00" means the punch at 17:00:20 too. Null: not typed to its end. */
export function instantFrom(text: string, edge: 'begin' | 'end'): string | null {
  // Without an offset it is local time.
  const at = new Date(text)
  if (Number.isNaN(at.getTime()) || at.getFullYear() < YEAR_MIN) return null
  return new Date(at.getTime() + (edge === 'end' ? MINUTE_MS - 1 : 0)).toISOString()
}

export const SPANS = ['today', 'yesterday', 'week', 'month'] as const
export type Span = (typeof SPANS)[number]

/** Whole days of the browser's zone. Those that reach to now have no end, so that new punches come in. */
export function boundsOf(span: Span, nowMs: number): Bounds {
  const midnight = (daysAgo: number) => {
    const at = new Date(nowMs)
    // By the calendar: a day of the change of clocks has 23 or 25 hours.
    return new Date(at.getFullYear(), at.getMonth(), at.getDate() - daysAgo)
  }
  switch (span) {
    case 'today':
      return { since: midnight(0).toISOString() }
    case 'yesterday':
      return { since: midnight(1).toISOString(), until: new Date(midnight(0).getTime() - 1).toISOString() }
    case 'week':
      return { since: midnight(6).toISOString() }
    case 'month':
      return { since: midnight(29).toISOString() }
    default:
      return span satisfies never
  }
}

export function spanOf({ since, until }: Bounds, nowMs: number): Span | null {
  const isSame = (bounds: Bounds) => bounds.since === since && bounds.until === until
  return SPANS.find(span => isSame(boundsOf(span, nowMs))) ?? null
}

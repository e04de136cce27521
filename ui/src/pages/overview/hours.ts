import type { OverviewJson } from '../../api/types.ts'

export interface HourBar {
  readonly from: string
  /** The last instant of it. */
  readonly until: string
  readonly punches: number
  readonly when: 'past' | 'now' | 'to-come'
  /** How tall it stands beside the tallest of the day, 0 to 100. */
  readonly percent: number
}

const HOUR_MS = 3_600_000

/** The hours of the day as bars. Clocks that are set make 23 or 25 of them, and where they are set by half an hour, a shorter one. */
export function barsOf({ hours }: OverviewJson['today'], nowMs: number): readonly HourBar[] {
  const most = Math.max(1, ...hours.map(({ punches }) => punches))
  return hours.map(({ from, punches }, index) => {
    const fromMs = Date.parse(from)
    const next = hours[index + 1]
    const endMs = next === undefined ? fromMs + HOUR_MS : Date.parse(next.from)
    return {
      from,
      until: new Date(endMs - 1).toISOString(),
      punches,
      when: endMs <= nowMs ? 'past' : fromMs <= nowMs ? 'now' : 'to-come',
      percent: Math.round((punches / most) * 100),
    }
  })
}

/** Below each of so many hours stands its name. */
const NAMED_EVERY = 6
/** A name is as wide as three bars of a phone. */
const NAME_BARS = 3

/** Whether the name of an hour stands below it: the hour that is now has its own, which the others do not run into. */
export function isNamed(bars: readonly HourBar[], index: number): boolean {
  const now = bars.findIndex(({ when }) => when === 'now')
  if (index === now) return true
  return index % NAMED_EVERY === 0 && (now === -1 || Math.abs(index - now) >= NAME_BARS)
}

/** The bar that a key leads to; null where the key means nothing here. */
export function barByKey(key: string, at: number, last: number, direction: 'ltr' | 'rtl'): number | null {
  const forward = direction === 'ltr' ? 1 : -1
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + forward,
    ArrowLeft: at - forward,
    Home: 0,
    End: last,
  }
  const to = steps[key]
  return to === undefined ? null : Math.min(Math.max(to, 0), last)
}

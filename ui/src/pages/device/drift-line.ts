import type { ClockReadingJson } from '../../api/types.ts'

export interface DriftLine {
  /** Points of a polyline, the oldest first. */
  readonly points: string
  /** Where nothing is off. */
  readonly zeroY: number
  readonly sets: readonly { readonly key: string; readonly x: number; readonly y: number }[]
  readonly from: string
  readonly until: string
  readonly leastS: number
  readonly mostS: number
}

/** A clock that is right to the second would else be a line of noise over the whole height. */
const SPAN_S_MIN = 10

/** Clock readings as a line in a box; null where there are too few for one. Zero is always in it. */
export function driftLine(
  readings: readonly ClockReadingJson[],
  { width, height, margin }: { width: number; height: number; margin: number },
): DriftLine | null {
  const series = readings.toSorted((a, b) => Date.parse(a.read_at) - Date.parse(b.read_at))
  const [first] = series
  const last = series.at(-1)
  if (first === undefined || last === undefined || series.length < 2) return null
  const drifts = series.map(({ drift_s }) => drift_s)
  const leastS = Math.min(...drifts)
  const mostS = Math.max(...drifts)
  const [bottom, top] = [Math.min(leastS, 0, -SPAN_S_MIN / 2), Math.max(mostS, 0, SPAN_S_MIN / 2)]
  const beginMs = Date.parse(first.read_at)
  const spanMs = Math.max(1, Date.parse(last.read_at) - beginMs)
  const xOf = (at: string) => margin + ((Date.parse(at) - beginMs) / spanMs) * (width - 2 * margin)
  const yOf = (driftS: number) => margin + ((top - driftS) / (top - bottom)) * (height - 2 * margin)
  const rounded = (value: number) => Math.round(value * 10) / 10
  return {
    points: series.map(({ read_at, drift_s }) => `${rounded(xOf(read_at))},${rounded(yOf(drift_s))}`).join(' '),
    zeroY: rounded(yOf(0)),
    sets: series
      .filter(({ kind }) => kind === 'set')
      .map(({ read_at, drift_s }) => ({ key: read_at, x: rounded(xOf(read_at)), y: rounded(yOf(drift_s)) })),
    from: first.read_at,
    until: last.read_at,
    leastS,
    mostS,
  }
}

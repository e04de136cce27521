import type { CoverageJson } from '../../api/types.ts'

export type Stretch = CoverageJson['stretches'][number]

export interface Piece {
  readonly key: string
  readonly kind: Stretch['kind']
  /** Of the whole bar. */
  readonly percent: number
}

/** An hour in a year must still be seen. */
const SHARE_MIN = 0.015
/** A bar of hundreds of pieces says nothing; the list below it holds the older ones, too. */
const PIECES_MAX = 40

/** Stretches in proportion to their time, each wide enough to be seen; the newest ones where there are many. */
export function barOf(stretches: readonly Stretch[], nowMs: number): readonly Piece[] {
  const shown = stretches.slice(-PIECES_MAX)
  const lengths = shown.map(stretch => lengthMs(stretch, nowMs))
  const wholeMs = lengths.reduce((sum, ms) => sum + ms, 0)
  const shares = lengths.map(ms => Math.max(wholeMs === 0 ? 1 : ms / wholeMs, SHARE_MIN))
  const sum = shares.reduce((total, share) => total + share, 0)
  return shown.map((stretch, index) => ({
    key: `${stretch.kind} ${stretch.from}`,
    kind: stretch.kind,
    percent: (100 * (shares[index] ?? 0)) / sum,
  }))
}

export function lengthMs({ from, until }: Stretch, nowMs: number): number {
  return Math.max(0, (until === null ? nowMs : Date.parse(until)) - Date.parse(from))
}

export function gapCount(stretches: readonly Stretch[]): number {
  return stretches.filter(({ kind }) => kind === 'gap').length
}

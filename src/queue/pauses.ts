import type { Random } from '../base/random.ts'

/** Spreads the tries of devices that went down together, such as behind one switch. */
const JITTER = 0.2

/** The pause after the n-th try of a job, give or take a fifth; null after the last. */
export function pauseAfterMs(tries: number, pausesMs: readonly number[], random: Pick<Random, 'float'>): number | null {
  const pauseMs = pausesMs[tries - 1]
  return pauseMs === undefined ? null : Math.round(pauseMs * (1 - JITTER + random.float() * 2 * JITTER))
}

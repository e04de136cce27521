import type { RollcallError } from '../base/errors.ts'
import type { Random } from '../base/random.ts'

/** The longest wait: long enough to leave a dead device alone, short enough that nobody goes and restarts Rollcall. */
export const BACKOFF_MS_MAX = 10 * 60_000
/** The shortest first wait, for intervals of a few seconds: a device that restarts needs that long. */
const BACKOFF_MS_MIN = 5_000
/** Spreads the tries of devices that went down together, such as behind one switch. */
const JITTER = 0.2

/**
 * How long to leave a device alone after its n-th failure in a row: the interval, doubled each time, up to ten minutes, give
 * or take a fifth. What only a person can mend waits ten minutes at once: repeating a wrong comm key locks some devices.
 */
export function backoffMs(
  failure: { error: Pick<RollcallError, 'retryable'>; failuresInRow: number; intervalMs: number },
  random: Random,
): number {
  const doubled = Math.max(failure.intervalMs, BACKOFF_MS_MIN) * 2 ** Math.min(failure.failuresInRow - 1, 20)
  const base = failure.error.retryable ? Math.min(doubled, BACKOFF_MS_MAX) : BACKOFF_MS_MAX
  return Math.round(base * (1 - JITTER + random.float() * 2 * JITTER))
}

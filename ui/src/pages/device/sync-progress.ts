import type { Progress } from '../../live/progress.ts'

/** How much of a sync is done, in percent; null while it is not known how much there is. */
export function percentOf(progress: Progress): number | null {
  const { records_received, records_total, bytes_received, bytes_total } = progress
  if (records_total > 0) return share(records_received, records_total)
  return bytes_total > 0 ? share(bytes_received, bytes_total) : null
}

function share(part: number, whole: number): number {
  return Math.min(100, Math.floor((100 * part) / whole))
}

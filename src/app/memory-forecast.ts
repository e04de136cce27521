import type { CoverageSpan } from '../model/store.ts'

const DAY_MS = 86_400_000
/** Whole weeks, since nobody punches as much on a Sunday as on a Monday. */
const LOOK_BACK_MS = 28 * DAY_MS
/** Less says nothing of how a day goes. */
const PROVEN_MS_MIN = DAY_MS
/** No device is known that holds less; firmwares that tell less count in thousands or ten thousands. */
const CAPACITY_MIN = 1_000
const DAYS_OF_INTEREST = 3_650

/** How full the log of a device is, and when it will be full. */
export interface MemoryForecast {
  /** Null where the device does not tell. */
  readonly records: number | null
  /** Null where the device does not tell it, or in another unit than records. */
  readonly capacity: number | null
  readonly percentFull: number | null
  /** Punches a day over the last four weeks; null where less than a day of these is proven complete. */
  readonly growthPerDay: number | null
  /** Null where it cannot be told, or where nobody punches. */
  readonly fullInDays: number | null
  /** In words. */
  readonly text: string
}

/** @param told what the device told; a capacity that cannot be one of records is not used. */
export function forecastMemory(
  told: { records: number | null; capacity: number | null },
  growthPerDay: number | null,
): MemoryForecast {
  const { records } = told
  const isDoubtful = told.capacity !== null && told.capacity < Math.max(CAPACITY_MIN, records ?? 0)
  const capacity = isDoubtful ? null : told.capacity
  const percentFull = records === null || capacity === null ? null : Math.floor((records / capacity) * 100)
  const fullInDays =
    records === null || capacity === null || !growthPerDay ? null : Math.floor((capacity - records) / growthPerDay)
  const forecast = { records, capacity, percentFull, growthPerDay, fullInDays }
  return { ...forecast, text: textOf(forecast, { isDoubtful, told: told.capacity }) }
}

/** The last four weeks, over which a log is seen to grow. */
export function growthWindow(nowMs: number): { since: Date; until: Date } {
  return { since: new Date(nowMs - LOOK_BACK_MS), until: new Date(nowMs) }
}

/**
 * Punches a day within the window, as far as it is proven complete; null where less than a day of it is.
 *
 * @param log its spans, those at least that reach into the window, and how many punches lie in that.
 */
export function growthPerDay(log: { spans: readonly CoverageSpan[]; punches: number }, nowMs: number): number | null {
  const sinceMs = nowMs - LOOK_BACK_MS
  let provenMs = 0
  for (const { provenFrom, provenUntil } of log.spans) {
    provenMs += Math.max(0, Math.min(provenUntil.getTime(), nowMs) - Math.max(provenFrom.getTime(), sinceMs))
  }
  return provenMs < PROVEN_MS_MIN ? null : log.punches / (provenMs / DAY_MS)
}

function textOf(
  forecast: Omit<MemoryForecast, 'text'>,
  capacity: { isDoubtful: boolean; told: number | null },
): string {
  const { records, percentFull } = forecast
  if (records === null) return 'not told: the device has not counted its records'
  if (capacity.isDoubtful)
    return `${records} records; of the capacity it tells ${capacity.told}, in a unit that is not known`
  if (forecast.capacity === null) return `${records} records; how many fit is not told`
  return `${records} of ${forecast.capacity} records (${percentFull} %), ${whenFull(forecast)}`
}

function whenFull({ records, capacity, growthPerDay, fullInDays }: Omit<MemoryForecast, 'text'>): string {
  if (records === capacity) return 'full: it writes over its oldest records, or keeps no new ones'
  if (growthPerDay === null) return 'full at a time that is not known before a day of its log is proven'
  if (fullInDays === null) return 'and nobody punches'
  if (fullInDays < 1) return 'full within a day'
  if (fullInDays > DAYS_OF_INTEREST) return 'not full within ten years'
  return fullInDays === 1 ? 'full in a day' : `full in ${fullInDays} days`
}

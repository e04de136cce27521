import { ZoneTable } from './zone-table.ts'

/** When the whole log of a device is compared with what tails brought. */
export interface ComparisonSettings {
  /** Every so many days; 0 never. */
  readonly everyDays: number
  /** Hours of the day in the zone of the device in which nobody should be kept waiting, `from` to before `to`. */
  readonly quietHours: { readonly from: number; readonly to: number }
}

export const COMPARISON_DEFAULT: ComparisonSettings = { everyDays: 1, quietHours: { from: 1, to: 5 } }

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A device that is never reached in its quiet hours is compared in the others, this much later. */
const PATIENCE = 1.5

/**
 * Whether the last comparison is old enough. Each device has a moment of its own in the quiet hours, so that a hundred of
 * them do not read their logs at once.
 */
export function isComparisonDue(
  device: { id: number; timezone: string; comparedAtMs: number | null },
  nowMs: number,
  settings: ComparisonSettings,
): boolean {
  const { everyDays, quietHours } = settings
  const { comparedAtMs } = device
  if (everyDays === 0 || comparedAtMs === null) return false
  const ageMs = nowMs - comparedAtMs
  if (ageMs < (everyDays - 1) * DAY_MS) return false
  if (ageMs >= everyDays * DAY_MS * PATIENCE) return true
  const zone = new ZoneTable(device.timezone)
  const hour = hourOf(zone.localTimeAt(nowMs))
  const lengthHours = (quietHours.to - quietHours.from + 24) % 24 || 24
  const sinceQuiet = (hour - quietHours.from + 24) % 24
  if (sinceQuiet >= lengthHours) return false
  const ownMoment = shareOf(device.id) * lengthHours
  // Compared in these very quiet hours already, or before this device's moment in them.
  return sinceQuiet >= ownMoment && ageMs > (sinceQuiet - ownMoment) * HOUR_MS
}

/** Hours since midnight, with a fraction. */
function hourOf(localTime: string): number {
  return Number(localTime.slice(11, 13)) + Number(localTime.slice(14, 16)) / 60 + Number(localTime.slice(17, 19)) / 3600
}

/** A number from 0 to below 0.9, the same for a device at every start, and spread over all devices. */
function shareOf(id: number): number {
  return ((Math.imul(id, 0x9e3779b1) >>> 0) / 2 ** 32) * 0.9
}

import type { Clock } from '../../base/clock.ts'
import { readCounters, readFirmware, readOption, readTime } from '../../client/conversations.ts'
import type { Session } from '../../client/session.ts'
import { PackedTimeFormatter } from '../../codec/binary/packed-time.ts'
import { ZoneTable } from '../../sync/zone-table.ts'
import { DRIFT_S_MAX, NEARLY_FULL_SHARE, type VerdictCode } from '../verdicts.ts'
import type { Outcome } from './stages.ts'

const QUARTER_HOUR_S = 900
/** From UTC-12 to UTC+14: clocks further apart do not differ by their zone. */
const ZONES_S_MAX = 26 * 3600
/** Where a clock that lost its time starts again. */
const UNSET_YEAR = '2000'

/** What the device said of itself; null where it did not, or was not asked. */
export interface Told {
  serialNumber: string | null
  model: string | null
  platform: string | null
  firmware: string | null
  /** `YYYY-MM-DD HH:MM:SS` by its clock. */
  deviceTime: string | null
  packedTime: number | null
  clockDriftMs: number | null
  attendanceRecords: number | null
  attendanceCapacity: number | null
  users: number | null
}

export const NOTHING_TOLD: Readonly<Told> = {
  serialNumber: null,
  model: null,
  platform: null,
  firmware: null,
  deviceTime: null,
  packedTime: null,
  clockDriftMs: null,
  attendanceRecords: null,
  attendanceCapacity: null,
  users: null,
}

/** Serial number, model, platform. */
export async function askIdentity(
  session: Session,
  { told, expected }: { told: Told; expected: string | null },
  signal: AbortSignal,
): Promise<Outcome> {
  const serialNumber = await session.run(readOption('~SerialNumber'), signal)
  told.serialNumber = serialNumber
  const name = await session.run(readOption('~DeviceName'), signal)
  const platform = await session.run(readOption('~Platform'), signal)
  told.model = name ?? platform
  told.platform = platform
  const isStranger = expected !== null && serialNumber !== expected
  const verdicts: VerdictCode[] = []
  if (isStranger) verdicts.push('SERIAL_MISMATCH')
  else if (serialNumber === null) verdicts.push('SERIAL_NOT_TOLD')
  if (name === null) verdicts.push('MODEL_NOT_TOLD')
  const words = `serial number ${serialNumber ?? 'not told'}, model ${name ?? 'not told'}, platform ${platform ?? 'not told'}`
  return {
    found: isStranger ? `${words}; serial number ${expected} is expected` : words,
    details: { serial_number: serialNumber, expected_serial_number: expected, model: name, platform },
    verdicts,
  }
}

export async function askFirmware(session: Session, told: Told, signal: AbortSignal): Promise<Outcome> {
  const firmware = await session.run(readFirmware(), signal)
  told.firmware = firmware
  return {
    found: firmware ?? 'not told',
    details: { firmware },
    verdicts: firmware === null ? ['FIRMWARE_NOT_TOLD'] : [],
  }
}

/** The clock of the device against the zone that it is taken to show. */
export async function askClock(
  session: Session,
  { told, timezone, clock }: { told: Told; timezone: string; clock: Clock },
  signal: AbortSignal,
): Promise<Outcome> {
  const askedAtMs = clock.now()
  const packed = await session.run(readTime(), signal)
  const answeredAtMs = clock.now()
  if (packed === null) return { found: 'not told', details: { timezone }, verdicts: ['CLOCK_NOT_TOLD'] }
  told.packedTime = packed
  const deviceTime = new PackedTimeFormatter().text(packed)
  told.deviceTime = deviceTime
  if (deviceTime === null) {
    const isFirst = packed === 0
    const found = isFirst ? `${UNSET_YEAR}-01-01 00:00:00` : 'a time that does not exist'
    return { found, details: { timezone }, verdicts: [isFirst ? 'CLOCK_UNSET' : 'CLOCK_NOT_TOLD'] }
  }
  const clockDriftMs = driftMs(deviceTime, { atMs: (askedAtMs + answeredAtMs) / 2, timezone })
  told.clockDriftMs = clockDriftMs
  const driftS = Math.round(clockDriftMs / 1000)
  const side = driftS > 0 ? 'ahead of' : 'behind'
  const drift = driftS === 0 ? 'as on this machine' : `${Math.abs(driftS)} s ${side} this machine`
  return {
    found: `${deviceTime}, ${drift}, taken as ${timezone}`,
    details: { device_time: deviceTime, clock_drift_s: driftS, timezone },
    verdicts: driftVerdicts(deviceTime, driftS),
  }
}

/**
 * How far the clock is ahead, as an instant or on the wall, whichever is nearer: in the hour that autumn repeats one local time is
 * two instants, and at a change of the zone two clocks a second apart may show an hour between them.
 */
function driftMs(deviceTime: string, here: { atMs: number; timezone: string }): number {
  const zone = new ZoneTable(here.timezone)
  // Whole seconds are cut off, not rounded, and the answer was made somewhere between question and arrival.
  const asInstant = zone.instantOf(deviceTime).ms + 500 - here.atMs
  const onTheWall = wallMs(deviceTime) + 500 - wallMs(zone.localTimeAt(here.atMs)) - (here.atMs % 1000)
  return Math.round(Math.abs(onTheWall) < Math.abs(asInstant) ? onTheWall : asInstant)
}

function wallMs(localTime: string): number {
  return Date.parse(`${localTime.replace(' ', 'T')}Z`)
}

function driftVerdicts(deviceTime: string, driftS: number): VerdictCode[] {
  if (deviceTime.startsWith(UNSET_YEAR)) return ['CLOCK_UNSET']
  const offS = Math.abs(driftS)
  if (offS <= DRIFT_S_MAX) return []
  // Zones differ by multiples of a quarter of an hour; a clock that runs wrong hits one by chance alone.
  const offQuarterS = Math.abs(offS - Math.round(offS / QUARTER_HOUR_S) * QUARTER_HOUR_S)
  const isZone = offS >= QUARTER_HOUR_S - DRIFT_S_MAX && offS <= ZONES_S_MAX && offQuarterS <= DRIFT_S_MAX
  return [isZone ? 'ZONE_WRONG' : 'CLOCK_DRIFT']
}

export async function askCounters(session: Session, told: Told, signal: AbortSignal): Promise<Outcome> {
  const { attendanceRecords, attendanceCapacity, attendanceFree, users } = await session.run(readCounters(), signal)
  told.attendanceRecords = attendanceRecords
  told.attendanceCapacity = attendanceCapacity
  told.users = users
  const details = {
    attendance_records: attendanceRecords,
    attendance_capacity: attendanceCapacity,
    attendance_free: attendanceFree,
    users,
  }
  if (attendanceRecords === null) {
    return { found: 'the device does not count its records', details, verdicts: ['COUNTERS_NOT_TOLD'] }
  }
  const capacity = attendanceCapacity === null ? '' : ` of at most ${attendanceCapacity}`
  const free = attendanceFree === null ? '' : `, room for ${attendanceFree} more`
  const people = users === null ? 'an unknown number of users' : `${users} users`
  const verdicts: VerdictCode[] = []
  if (users === null) verdicts.push('COUNTERS_FEW')
  const isInUse = attendanceCapacity !== null && attendanceFree !== null && attendanceFree < attendanceCapacity
  if (attendanceRecords === 0 && isInUse) verdicts.push('COUNTER_CONTRADICTED')
  // Only these two words are counted in records on all firmware.
  if (attendanceCapacity) verdicts.push(...fillVerdicts(attendanceRecords / attendanceCapacity))
  return { found: `${attendanceRecords} attendance records${capacity}${free}, ${people}`, details, verdicts }
}

function fillVerdicts(share: number): VerdictCode[] {
  if (share >= 1) return ['LOG_FULL']
  return share >= NEARLY_FULL_SHARE ? ['LOG_NEARLY_FULL'] : []
}

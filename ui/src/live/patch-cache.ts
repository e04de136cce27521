import type { InfiniteData } from '@tanstack/react-query'
import { type LogFilter, PAGE } from '../api/resources.ts'
import type { AttendanceLogJson, DeviceDetailJson, DeviceStandingJson, OverviewJson, Page } from '../api/types.ts'

export type LogPages = InfiniteData<Page<AttendanceLogJson>, string | null>

/** A page that stays open for days does not grow for ever: with so many rows more than were read, its list is read anew. */
const GROWN_MAX = 1_000

/** Whether a list with this filter holds the log. */
export function isIn(filter: LogFilter, log: AttendanceLogJson): boolean {
  const at = Date.parse(log.punched_at)
  return (
    (filter.device_id === undefined || filter.device_id.length === 0 || filter.device_id.includes(log.device_id)) &&
    (filter.user === undefined || filter.user === '' || filter.user === log.device_user_id) &&
    (filter.since === undefined || at >= Date.parse(filter.since)) &&
    (filter.until === undefined || at <= Date.parse(filter.until))
  )
}

/**
 * The list with a log at its place, the newest punch first: one that was read late stands where it belongs. What lies behind the last
 * row that is loaded comes with the next page.
 *
 * @returns null where the list is to be read anew.
 */
export function insertLog(list: LogPages, log: AttendanceLogJson): LogPages | null {
  const rows = list.pages.reduce((sum, page) => sum + page.data.length, 0)
  if (rows - list.pages.length * PAGE >= GROWN_MAX) return null
  const pages = [...list.pages]
  for (const [index, page] of pages.entries()) {
    if (page.data.some(({ id }) => id === log.id)) return list
    const isLast = index === pages.length - 1
    const at = page.data.findIndex(row => isNewer(log, row))
    if (at === -1 && !(isLast && page.next_cursor === null)) continue
    const data = at === -1 ? [...page.data, log] : page.data.toSpliced(at, 0, log)
    pages[index] = { ...page, data }
    return { ...list, pages }
  }
  return list
}

/** By instant, then by id, as the server has it. */
function isNewer(log: AttendanceLogJson, other: AttendanceLogJson): boolean {
  const [at, otherAt] = [Date.parse(log.punched_at), Date.parse(other.punched_at)]
  return at > otherAt || (at === otherAt && log.id > other.id)
}

/** One punch more, where it is of this day. */
export function countPunch(overview: OverviewJson, log: AttendanceLogJson): OverviewJson {
  const { today } = overview
  const at = Date.parse(log.punched_at)
  const hour = today.hours.findLastIndex(({ from }) => Date.parse(from) <= at)
  const [first] = today.hours
  if (hour === -1 || first === undefined || isAfterDay(overview, at)) return overview
  const hours = today.hours.map((one, index) => (index === hour ? { ...one, punches: one.punches + 1 } : one))
  return { ...overview, today: { ...today, hours, punches: today.punches + 1 } }
}

const HOUR_MS = 3_600_000

export function isAfterDay({ today }: OverviewJson, atMs: number): boolean {
  const last = today.hours.at(-1)
  return last !== undefined && atMs >= Date.parse(last.from) + HOUR_MS
}

/** Of the device that it came from: one more, and perhaps the last. */
export function tellDetail(detail: DeviceDetailJson, log: AttendanceLogJson): DeviceDetailJson {
  const [told = detail] = tellPunch([detail], log)
  return { ...detail, last_punch_at: told.last_punch_at, attendance_logs: detail.attendance_logs + 1 }
}

export function tellPunch(
  standings: readonly DeviceStandingJson[],
  log: AttendanceLogJson,
): readonly DeviceStandingJson[] {
  return standings.map(standing =>
    standing.device.id === log.device_id &&
    (standing.last_punch_at === null || Date.parse(standing.last_punch_at) < Date.parse(log.punched_at))
      ? { ...standing, last_punch_at: log.punched_at }
      : standing,
  )
}

import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { AttendanceLog } from '../model/punch.ts'
import type { AttendanceLogReader, LogFilter } from '../model/store.ts'
import { instantFrom, instantText } from './instants.ts'
import type { AttendanceLogRow, Tables } from './tables.ts'

/** Rows of one page of a scan: some milliseconds of work, after which others get their turn. */
const SCAN_PAGE_ROWS = 2000

export class SqlAttendanceLogs implements AttendanceLogReader {
  readonly #kysely: Kysely<Tables>

  constructor(kysely: Kysely<Tables>) {
    this.#kysely = kysely
  }

  async page(
    filter: LogFilter,
    options: { limit: number; before?: { punchedAtMs: number; id: number } },
  ): Promise<AttendanceLog[]> {
    let query = this.#selectLogs(filter).selectAll()
    if (options.before) {
      const { id } = options.before
      const instant = instantText(options.before.punchedAtMs)
      // The first condition says nothing new; it is the one that an index can start from.
      query = query
        .where('punched_at', '<=', instant)
        .where(({ eb, or }) => or([eb('punched_at', '<', instant), eb('id', '<', id)]))
    }
    const rows = await query.orderBy('punched_at', 'desc').orderBy('id', 'desc').limit(options.limit).execute()
    return rows.map(attendanceLogFrom)
  }

  async count(filter: LogFilter): Promise<number> {
    const { count } = await this.#selectLogs(filter)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async *scan(filter: LogFilter): AsyncGenerator<AttendanceLog, void, undefined> {
    let lastId = 0
    for (;;) {
      const rows = await this.#selectLogs(filter)
        .selectAll()
        .where('id', '>', lastId)
        .orderBy('id')
        .limit(SCAN_PAGE_ROWS)
        .execute()
      for (const row of rows) yield attendanceLogFrom(row)
      const last = rows.at(-1)
      if (!last || rows.length < SCAN_PAGE_ROWS) return
      lastId = last.id
    }
  }

  #selectLogs(filter: LogFilter): SelectQueryBuilder<Tables, 'attendance_logs', object> {
    let query: SelectQueryBuilder<Tables, 'attendance_logs', object> = this.#kysely.selectFrom('attendance_logs')
    if (filter.deviceIds) query = query.where('device_id', 'in', filter.deviceIds)
    if (filter.user !== undefined) query = query.where('device_user_id', '=', filter.user)
    if (filter.since) query = query.where('punched_at', '>=', instantText(filter.since.getTime()))
    if (filter.until) query = query.where('punched_at', '<=', instantText(filter.until.getTime()))
    return query
  }
}

function attendanceLogFrom(row: AttendanceLogRow): AttendanceLog {
  return {
    id: row.id,
    deviceId: row.device_id,
    deviceUserId: row.device_user_id,
    punchedAt: instantFrom(row.punched_at),
    localTime: row.local_time,
    timeNote: row.time_note,
    punchState: row.punch_state,
    verifyMode: row.verify_mode,
    workCode: row.work_code,
    source: row.source,
    recordLayout: row.record_layout,
    // The driver may hand out a Buffer; the model promises plain bytes.
    rawRecord: new Uint8Array(row.raw_record),
    createdAt: instantFrom(row.created_at),
  }
}

import type { Kysely, SelectQueryBuilder } from 'kysely'
import { StoreError } from '../base/errors.ts'
import type { AttendanceLog } from '../model/punch.ts'
import type { AttendanceLogReader, LogFilter, SyncRun } from '../model/store.ts'
import type { Engine } from './engine.ts'
import { instantFrom, instantText } from './instants.ts'
import { syncRunFrom } from './sync-runs.ts'
import type { AttendanceLogRow, Tables } from './tables.ts'

/** Rows that one step of a scan goes through: some milliseconds of work, after which others get their turn. */
const SCAN_STEP_ROWS = 2000

const PAGE_COLUMNS = [
  'attendance_logs.id',
  'attendance_logs.device_id',
  'attendance_logs.device_user_id',
  'attendance_logs.punched_at',
  'attendance_logs.local_time',
  'attendance_logs.time_note',
  'attendance_logs.punch_state',
  'attendance_logs.verify_mode',
  'attendance_logs.work_code',
  'attendance_logs.source',
  'attendance_logs.record_layout',
  'attendance_logs.clock_drift_s',
  'attendance_logs.created_at',
] as const

/** The bytes come as text: the driver of SQLite makes a buffer of its own for each, which takes longer than the whole row beside it. */
type PageRow = Omit<AttendanceLogRow, 'raw_record' | 'sync_run_id'> & { readonly raw_hex: string }

type LogQuery<Output> = SelectQueryBuilder<Tables, 'attendance_logs', Output>

export class SqlAttendanceLogs implements AttendanceLogReader {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>

  constructor(engine: Engine) {
    this.#engine = engine
    this.#kysely = engine.kysely
  }

  async page(
    filter: LogFilter,
    options: { limit: number; before?: { punchedAtMs: number; id: number } },
  ): Promise<AttendanceLog[]> {
    const { deviceIds } = filter
    // An index gives the newest of one device, or of one user. The newest of several devices are among the newest of
    // each; asked for at once, they would be sorted out of everything that these devices have.
    const filters =
      deviceIds && filter.user === undefined ? deviceIds.map(id => ({ ...filter, deviceIds: [id] })) : [filter]
    const pages: PageRow[][] = []
    for (const part of filters) pages.push(await this.#newest(part, options))
    const rows = pages.length === 1 ? (pages[0] ?? []) : pages.flat().sort(newestFirst).slice(0, options.limit)
    return rows.map(({ raw_hex, ...row }) => attendanceLogFrom({ ...row, raw_record: Uint8Array.fromHex(raw_hex) }))
  }

  async count(filter: LogFilter): Promise<number> {
    const { count } = await matching(this.#kysely.selectFrom('attendance_logs'), filter)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async get(id: number): Promise<{ log: AttendanceLog; run: SyncRun | null }> {
    const row = await this.#kysely.selectFrom('attendance_logs').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw new StoreError('NOT_FOUND', `there is no attendance log ${id}`)
    const run = await this.#kysely
      .selectFrom('sync_runs')
      .selectAll()
      .where('id', '=', row.sync_run_id)
      .executeTakeFirst()
    return { log: attendanceLogFrom(row), run: run ? syncRunFrom(run) : null }
  }

  async find(punch: { deviceId: number; userId: string; localTime: string }): Promise<AttendanceLog | null> {
    const row = await this.#kysely
      .selectFrom('attendance_logs')
      .selectAll()
      .where('device_id', '=', punch.deviceId)
      .where('device_user_id', '=', punch.userId)
      .where('local_time', '=', punch.localTime)
      .executeTakeFirst()
    return row ? attendanceLogFrom(row) : null
  }

  async *scan(filter: LogFilter): AsyncGenerator<AttendanceLog, void, undefined> {
    const newest = await this.#kysely
      .selectFrom('attendance_logs')
      .select(({ fn }) => fn.max('id').as('id'))
      .executeTakeFirstOrThrow()
    const end = Number(newest.id ?? 0)
    for (let after = 0; after < end; ) {
      const until = await this.#stepEnd({ after, end })
      for (const row of await this.#step(filter, { after, until })) yield attendanceLogFrom(row)
      after = until
    }
  }

  /**
   * The ids of a page come first, out of an index alone, and then their rows. Asked for whole rows, MariaDB begins at the newest of a
   * device that has much of the table, however deep the page lies, and PostgreSQL at the newest of all devices.
   */
  async #newest(
    filter: LogFilter,
    options: { limit: number; before?: { punchedAtMs: number; id: number } },
  ): Promise<PageRow[]> {
    let ids = matching(this.#kysely.selectFrom('attendance_logs').select('id'), filter)
    if (options.before) {
      const { id } = options.before
      const instant = instantText(options.before.punchedAtMs)
      // The first condition says nothing new; it is the one that an index can start from.
      ids = ids
        .where('punched_at', '<=', instant)
        .where(({ eb, or }) => or([eb('punched_at', '<', instant), eb('id', '<', id)]))
    }
    const page = ids.orderBy('punched_at', 'desc').orderBy('id', 'desc').limit(options.limit)
    const rows = await this.#kysely
      .selectFrom(page.as('page'))
      .innerJoin('attendance_logs', 'attendance_logs.id', 'page.id')
      .select(PAGE_COLUMNS)
      .select(this.#engine.hexOf('attendance_logs.raw_record').as('raw_hex'))
      .execute()
    return rows.sort(newestFirst)
  }

  /** The id up to which a step goes. Ids have gaps, large ones on engines that give one to a row they then refuse. */
  async #stepEnd(range: { after: number; end: number }): Promise<number> {
    const ids = this.#kysely
      .selectFrom('attendance_logs')
      .select('id')
      .where('id', '>', range.after)
      .where('id', '<=', range.end)
      .orderBy('id')
      .limit(SCAN_STEP_ROWS)
    const last = await this.#kysely
      .selectFrom(ids.as('step'))
      .select(({ fn }) => fn.max('id').as('id'))
      .executeTakeFirstOrThrow()
    return Number(last.id ?? range.end)
  }

  /**
   * The matching rows of a step. The subquery with its limit keeps the engine from starting at the index of a device or user,
   * which would sort everything they have again in each step.
   */
  async #step(filter: LogFilter, range: { after: number; until: number }): Promise<AttendanceLogRow[]> {
    const step = this.#kysely
      .selectFrom('attendance_logs')
      .selectAll()
      .where('id', '>', range.after)
      .where('id', '<=', range.until)
      .orderBy('id')
      .limit(SCAN_STEP_ROWS)
    const query: LogQuery<AttendanceLogRow> = this.#kysely.selectFrom(step.as('attendance_logs')).selectAll()
    const rows = await matching(query, filter).execute()
    // They come in this order, and MariaDB would sort them once more if it were asked to.
    return rows.sort((a, b) => a.id - b.id)
  }
}

function matching<Output>(logs: LogQuery<Output>, filter: LogFilter): LogQuery<Output> {
  let query = logs
  if (filter.user !== undefined) query = query.where('device_user_id', '=', filter.user)
  if (filter.deviceIds) {
    const { deviceIds, user } = filter
    // A user has thousands of logs and a device a million: the sum keeps the engine from choosing the index of the device.
    query = query.where(({ eb }) => {
      if (deviceIds.length === 0) return eb.lit(false)
      return user === undefined ? eb('device_id', 'in', deviceIds) : eb(eb('device_id', '+', 0), 'in', deviceIds)
    })
  }
  if (filter.since) query = query.where('punched_at', '>=', instantText(filter.since.getTime()))
  if (filter.until) query = query.where('punched_at', '<=', instantText(filter.until.getTime()))
  return query
}

function newestFirst(a: PageRow, b: PageRow): number {
  if (a.punched_at !== b.punched_at) return a.punched_at < b.punched_at ? 1 : -1
  return b.id - a.id
}

export function attendanceLogFrom(row: Omit<AttendanceLogRow, 'sync_run_id'>): AttendanceLog {
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
    clockDriftSeconds: row.clock_drift_s,
    createdAt: instantFrom(row.created_at),
  }
}

import type { Compilable, Kysely, RawBuilder, SelectQueryBuilder } from 'kysely'
import { StoreError } from '../base/errors.ts'
import type { AttendanceLog } from '../model/punch.ts'
import type { AttendanceLogReader, LogFilter, SyncRun } from '../model/store.ts'
import type { Engine } from './engine.ts'
import { instantText } from './instants.ts'
import { KeptQueries, type Place, type QueryValues } from './kept-queries.ts'
import { syncRunFrom } from './sync-runs.ts'
import type { Tables } from './tables.ts'

/** Rows that one step of a scan goes through: some milliseconds of work, after which others get their turn. */
const SCAN_STEP_ROWS = 2000

/** A log as it is selected, but for its bytes, which {@link Engine.hexOf} adds. */
const LOG_COLUMNS = [
  'attendance_logs.id',
  'attendance_logs.device_id as deviceId',
  'attendance_logs.device_user_id as deviceUserId',
  'attendance_logs.punched_at as punchedAt',
  'attendance_logs.local_time as localTime',
  'attendance_logs.time_note as timeNote',
  'attendance_logs.punch_state as punchState',
  'attendance_logs.verify_mode as verifyMode',
  'attendance_logs.work_code as workCode',
  'attendance_logs.source',
  'attendance_logs.record_layout as recordLayout',
  'attendance_logs.clock_drift_s as clockDriftSeconds',
  'attendance_logs.created_at as createdAt',
] as const

/** What rows are to have. Each value stands there itself, or its place. */
interface Conditions {
  readonly user: Of<string> | undefined
  readonly deviceIds: ReadonlyArray<Of<number>> | undefined
  readonly since: Of<string> | undefined
  readonly until: Of<string> | undefined
}
type Of<Value> = Value | RawBuilder<Value>

/** Begins the names of the devices among the values of a page. */
const DEVICE = 'device'

type LogQuery<Output> = SelectQueryBuilder<Tables, 'attendance_logs', Output>

export class SqlAttendanceLogs implements AttendanceLogReader {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #pages: KeptQueries<AttendanceLog>

  constructor(engine: Engine) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#pages = new KeptQueries(engine, (place, values) => this.#pageQuery(place, values))
  }

  async page(
    filter: LogFilter,
    options: { limit: number; before?: { punchedAtMs: number; id: number } },
  ): Promise<AttendanceLog[]> {
    const { deviceIds } = filter
    if (deviceIds?.length === 0) return []
    // An index gives the newest of one device, or of one user. The newest of several devices are among the newest of
    // each; asked for at once, they would be sorted out of everything that these devices have.
    const filters =
      deviceIds && filter.user === undefined ? deviceIds.map(id => ({ ...filter, deviceIds: [id] })) : [filter]
    const pages: AttendanceLog[][] = []
    for (const part of filters) pages.push(await this.#newest(part, options))
    return pages.length === 1 ? (pages[0] ?? []) : pages.flat().sort(newestFirst).slice(0, options.limit)
  }

  async count(filter: LogFilter): Promise<number> {
    const { count } = await matching(this.#kysely.selectFrom('attendance_logs'), conditionsOf(filter))
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async get(id: number): Promise<{ log: AttendanceLog; run: SyncRun | null }> {
    const log = await logRows(this.#engine).where('id', '=', id).executeTakeFirst()
    if (!log) throw new StoreError('NOT_FOUND', `there is no attendance log ${id}`)
    const run = await this.#kysely
      .selectFrom('sync_runs')
      .selectAll()
      .where('id', '=', ({ selectFrom }) => selectFrom('attendance_logs').select('sync_run_id').where('id', '=', id))
      .executeTakeFirst()
    return { log, run: run ? syncRunFrom(run) : null }
  }

  async find(punch: { deviceId: number; userId: string; localTime: string }): Promise<AttendanceLog | null> {
    const row = await logRows(this.#engine)
      .where('device_id', '=', punch.deviceId)
      .where('device_user_id', '=', punch.userId)
      .where('local_time', '=', punch.localTime)
      .executeTakeFirst()
    return row ?? null
  }

  async *scan(filter: LogFilter): AsyncGenerator<AttendanceLog, void, undefined> {
    const newest = await this.#kysely
      .selectFrom('attendance_logs')
      .select(({ fn }) => fn.max('id').as('id'))
      .executeTakeFirstOrThrow()
    const end = Number(newest.id ?? 0)
    for (let after = 0; after < end; ) {
      const until = await this.#stepEnd({ after, end })
      for (const row of await this.#step(filter, { after, until })) yield row
      after = until
    }
  }

  async #newest(
    { user, deviceIds = [], since, until }: LogFilter,
    { limit, before }: { limit: number; before?: { punchedAtMs: number; id: number } },
  ): Promise<AttendanceLog[]> {
    const instant = (ms: number) => this.#engine.instantParameter(instantText(ms))
    const rows = await this.#pages.rows({
      limit,
      ...(user === undefined ? {} : { user }),
      ...Object.fromEntries(deviceIds.map((id, i) => [`${DEVICE}${i}`, id])),
      ...(since ? { since: instant(since.getTime()) } : {}),
      ...(until ? { until: instant(until.getTime()) } : {}),
      ...(before ? { beforeInstant: instant(before.punchedAtMs), beforeId: before.id } : {}),
    })
    // An engine need not keep the order of the ids when it looks up their rows.
    return this.#engine.findsIdsFirst ? rows.sort(newestFirst) : rows
  }

  #pageQuery(place: Place, values: QueryValues): Compilable<AttendanceLog> {
    const given = <Value extends string | number>(name: string) => (name in values ? place<Value>(name) : undefined)
    const devices = Object.keys(values).filter(name => name.startsWith(DEVICE))
    let logs = matching(this.#kysely.selectFrom('attendance_logs'), {
      user: given<string>('user'),
      deviceIds: devices.length === 0 ? undefined : devices.map(name => place<number>(name)),
      since: given<string>('since'),
      until: given<string>('until'),
    })
    if ('beforeId' in values) {
      const instant = place<string>('beforeInstant')
      // The first condition says nothing new; it is the one that an index can start from.
      logs = logs
        .where('punched_at', '<=', instant)
        .where(({ eb, or }) => or([eb('punched_at', '<', instant), eb('id', '<', place<number>('beforeId'))]))
    }
    const page = logs.orderBy('punched_at', 'desc').orderBy('id', 'desc').limit(place<number>('limit'))
    if (!this.#engine.findsIdsFirst) return page.select(LOG_COLUMNS).select(rawRecordOf(this.#engine))
    return this.#kysely
      .selectFrom(page.select('id').as('page'))
      .innerJoin('attendance_logs', 'attendance_logs.id', 'page.id')
      .select(LOG_COLUMNS)
      .select(rawRecordOf(this.#engine))
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
  async #step(filter: LogFilter, range: { after: number; until: number }): Promise<AttendanceLog[]> {
    const step = this.#kysely
      .selectFrom('attendance_logs')
      .selectAll()
      .where('id', '>', range.after)
      .where('id', '<=', range.until)
      .orderBy('id')
      .limit(SCAN_STEP_ROWS)
    const query: LogQuery<AttendanceLog> = this.#kysely
      .selectFrom(step.as('attendance_logs'))
      .select(LOG_COLUMNS)
      .select(rawRecordOf(this.#engine))
    const rows = await matching(query, conditionsOf(filter)).execute()
    // They come in this order, and MariaDB would sort them once more if it were asked to.
    return rows.sort((a, b) => a.id - b.id)
  }
}

/** Attendance logs as the model has them, to be narrowed down. */
export function logRows(engine: Engine) {
  return engine.kysely.selectFrom('attendance_logs').select(LOG_COLUMNS).select(rawRecordOf(engine))
}

function rawRecordOf(engine: Engine) {
  return engine.hexOf('attendance_logs.raw_record').as('rawRecord')
}

function conditionsOf({ user, deviceIds, since, until }: LogFilter): Conditions {
  const instant = (date: Date | undefined) => date && instantText(date.getTime())
  return { user, deviceIds, since: instant(since), until: instant(until) }
}

function matching<Output>(logs: LogQuery<Output>, conditions: Conditions): LogQuery<Output> {
  const { user, deviceIds, since, until } = conditions
  let query = logs
  if (user !== undefined) query = query.where('device_user_id', '=', user)
  if (deviceIds) {
    // A user has thousands of logs and a device a million: the sum keeps the engine from choosing the index of the device.
    query = query.where(({ eb }) => {
      if (deviceIds.length === 0) return eb.lit(false)
      return user === undefined ? eb('device_id', 'in', deviceIds) : eb(eb('device_id', '+', 0), 'in', deviceIds)
    })
  }
  if (since !== undefined) query = query.where('punched_at', '>=', since)
  if (until !== undefined) query = query.where('punched_at', '<=', until)
  return query
}

function newestFirst(a: AttendanceLog, b: AttendanceLog): number {
  if (a.punchedAt !== b.punchedAt) return a.punchedAt < b.punchedAt ? 1 : -1
  return b.id - a.id
}

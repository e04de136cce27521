import { type Kysely, sql } from 'kysely'
import type { JobQueue, JobState, SyncJob } from '../model/job-queue.ts'
import type { AttendanceLog } from '../model/punch.ts'
import type { DeviceStore, LogFilter } from '../model/store.ts'
import type { Tables } from '../store/tables.ts'
import { openReader } from './database.ts'
import { openQueue } from './queue.ts'
import type { Rollcall } from './rollcall.ts'

const LATEST = 20

/** What stands in scope in `rollcall tinker`. */
export interface ConsoleScope {
  /** Kysely over the tables, for reading alone: a slip of the keyboard cannot lose a punch. */
  readonly db: Kysely<Tables>
  /** Tag for plain SQL: `await sql`select 1`.execute(db)`. */
  readonly sql: typeof sql
  /** Without the way to a comm key: what is shown here stays on screens and in history files. */
  readonly devices: Pick<DeviceStore, 'list' | 'get' | 'edit' | 'add' | 'remove'>
  readonly attendanceLogs: {
    /** The newest first. */
    latest(count?: number, filter?: LogFilter): Promise<AttendanceLog[]>
    count(filter?: LogFilter): Promise<number>
    /** All of them, in the order in which they were stored, as an async iterable. */
    scan(filter?: LogFilter): AsyncIterable<AttendanceLog>
  }
  readonly queue: Pick<JobQueue, 'enqueue' | 'counts' | 'retry' | 'flush'> & {
    /** The newest first. */
    list(state: JobState, count?: number): Promise<SyncJob[]>
  }
}

/** Opens a scope over a running Rollcall. */
export async function openConsole(rollcall: Rollcall): Promise<{ scope: ConsoleScope } & AsyncDisposable> {
  const { store, config } = rollcall
  const reader = await openReader(config.database)
  const queue = new LazyQueue(rollcall)
  return {
    scope: {
      db: reader.kysely,
      sql,
      devices: {
        list: filter => store.devices.list(filter),
        get: id => store.devices.get(id),
        edit: (id, changes) => store.devices.edit(id, changes),
        add: settings => store.devices.add(settings),
        remove: id => store.devices.remove(id),
      },
      attendanceLogs: {
        latest: (count = LATEST, filter = {}) => store.logs.page(filter, { limit: count }),
        count: (filter = {}) => store.logs.count(filter),
        scan: (filter = {}) => store.logs.scan(filter),
      },
      queue: {
        enqueue: async deviceIds => (await queue.open()).enqueue(deviceIds),
        counts: async () => (await queue.open()).counts(),
        list: async (state, count = LATEST) => (await queue.open()).list(state, { limit: count }),
        retry: async ids => (await queue.open()).retry(ids),
        flush: async () => (await queue.open()).flush(),
      },
    },
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]()
      await reader[Symbol.asyncDispose]()
    },
  }
}

/** Opened by the first question, since most who look at punches have none. */
class LazyQueue implements AsyncDisposable {
  readonly #rollcall: Rollcall
  #opening: Promise<JobQueue> | null = null

  constructor(rollcall: Rollcall) {
    this.#rollcall = rollcall
  }

  open(): Promise<JobQueue> {
    this.#opening ??= openQueue(this.#rollcall)
    return this.#opening
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opening)?.[Symbol.asyncDispose]()
  }
}

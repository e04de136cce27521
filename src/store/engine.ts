import type { CompiledQuery, Kysely, RawBuilder, Transaction } from 'kysely'
import type { NumberedTable } from './copy-tables.ts'
import type { AttendanceLogsTable, Tables } from './tables.ts'

/**
 * A database engine, as the parts of the store need it. Everything that throws here, or in a query of `kysely`, throws
 * StoreError: `STORE_UNREACHABLE`, `STORE_UNAVAILABLE`, `STORE_FAILED`, or `NOT_FOUND` where a row names a device that does not exist.
 */
export interface Engine {
  readonly kysely: Kysely<Tables>
  /**
   * Whether {@link transaction} may call its work more than once. What such work goes through only once has to be kept.
   */
  readonly repeatsTransactions: boolean
  /**
   * One transaction around `work`. Every write goes through one, a single statement too. What `work` reads with `forUpdate` nobody
   * else changes until it ends: an engine of one writer excludes all others at the begin, a server locks those rows.
   *
   * A server may end one of two transactions that wait for each other. It has rolled that one back, so that its work is done anew.
   */
  transaction<Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result>
  /** Reads by a query that was compiled before, outside of any transaction. */
  read<Row>(query: CompiledQuery<Row>): Promise<Row[]>
  /**
   * Inserts the rows that the unique index on (device, user id, local time) does not hold yet, within `transaction`, which
   * has locked the lease of the device. The one place where the time of a statement counts: a log has up to a million rows.
   */
  insertNewPunches(transaction: Transaction<Tables>, punches: NewPunches): Promise<NewRows>
  /**
   * Bytes of a column as lower-case hex, by the engine itself: the driver of SQLite makes a buffer of its own for each, which takes
   * longer than the whole row beside it.
   */
  hexOf(column: 'attendance_logs.raw_record'): RawBuilder<string>
  /**
   * Whether the ids of a page of logs have to be asked for by themselves, out of an index alone, and their rows then. Asked for whole
   * rows, MariaDB begins at the newest of a device that has much of the table, however deep the page lies, and PostgreSQL at the newest
   * of all devices. SQLite goes down the right index in any case, and a third faster without the ids.
   */
  readonly findsIdsFirst: boolean
  /** An instant as a parameter has it, where no column beside it says that it is one. */
  instantParameter(text: string): string
  /** Of all its tables, those of other programs too. */
  tableNames(): Promise<string[]>
  /** The highest id that the table has ever given to a row, one that is gone included; 0 where it has had none. */
  lastId(table: NumberedTable): Promise<number>
  /** Gives new rows of the table ids above this one, and above those it has. A lower id changes nothing. */
  raiseLastId(table: NumberedTable, id: number): Promise<void>
  /** Waits for the transaction under way. May be called twice. */
  close(): Promise<void>
}

/** Punches of one device, as rows. */
export interface NewPunches {
  readonly shared: SharedColumns
  readonly rows: Iterable<PunchColumns>
}

/** What all rows of one batch have in common. */
export type SharedColumns = Pick<
  AttendanceLogsTable,
  'device_id' | 'source' | 'sync_run_id' | 'created_at' | 'clock_drift_s'
>
export type PunchColumns = Omit<AttendanceLogsTable, keyof SharedColumns | 'id'>

/** Which of the rows were new: those of the device whose ids lie in the range. */
export interface NewRows {
  readonly count: number
  /** Both included; null where none was new. Rows of other devices may lie between. */
  readonly ids: { readonly first: number; readonly last: number } | null
}

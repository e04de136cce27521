import type { Kysely, Transaction } from 'kysely'
import type { NewAttendanceLogRow, Tables } from './tables.ts'

/**
 * A database engine, as the parts of the store need it. Everything that throws here, or in a query of `kysely`, throws
 * StoreError: `STORE_UNAVAILABLE`, `STORE_FAILED`, or `NOT_FOUND` where a row names a device that does not exist.
 */
export interface Engine {
  /**
   * A transaction of it must exclude other writers of the rows it reads, from its first statement to its last. Every
   * write goes through one, a single statement too: where a begin has to wait, the process goes on meanwhile.
   */
  readonly kysely: Kysely<Tables>
  /**
   * Inserts the rows that the unique index on (device, user id, local time) does not hold yet, within `transaction`, and
   * returns how many those were. The one place where the time of a statement counts: a log has up to a million rows.
   */
  insertNewPunches(transaction: Transaction<Tables>, rows: Iterable<NewAttendanceLogRow>): Promise<number>
  /** Waits for the transaction under way. May be called twice. */
  close(): Promise<void>
}

import type { Database, Statement } from 'better-sqlite3'
import type { CompiledQuery, SqliteDatabase, SqliteStatement } from 'kysely'
import type { Clock } from '../../base/clock.ts'
import { BUSY_TIMEOUT_MS, retryWhileBusy } from './busy.ts'
import { storeErrorFrom } from './errors.ts'

/** Statements kept prepared. The store has some fifty, but a list of ids in a query makes one for each length. */
const STATEMENTS_KEPT = 200

/** The connection as Kysely uses it: statements are prepared once, and everything that throws is a StoreError. */
export class SqliteHandle implements SqliteDatabase {
  readonly #database: Database
  readonly #path: string
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #onStatement: ((sql: string) => void) | undefined
  /** In order of last use. */
  readonly #statements = new Map<string, HandleStatement>()

  constructor(parts: {
    database: Database
    path: string
    clock: Pick<Clock, 'sleep'>
    onStatement: ((sql: string) => void) | undefined
  }) {
    this.#database = parts.database
    this.#path = parts.path
    this.#clock = parts.clock
    this.#onStatement = parts.onStatement
  }

  prepare(sql: string): SqliteStatement {
    return this.#statement(sql)
  }

  /**
   * Begins a transaction with the write lock: a deferred one fails at its first write when another connection wrote in
   * between, and no waiting helps. Waits for the lock without holding up the process.
   */
  async begin(): Promise<void> {
    try {
      this.#onStatement?.('begin immediate')
      await retryWhileBusy(this.#clock, () => {
        this.#waitAtMost(0)
        try {
          this.#database.exec('begin immediate')
        } finally {
          this.#waitAtMost(BUSY_TIMEOUT_MS)
        }
      })
    } catch (error) {
      throw storeErrorFrom(error, this.#path)
    }
  }

  /** Cannot fail, and is told to nobody: after a full disk, for one, SQLite has rolled back by itself already. */
  rollback(): void {
    if (this.#database.inTransaction) this.#database.exec('rollback')
  }

  /** Executes one statement; returns how many rows it changed. */
  run(sql: string, parameters: readonly unknown[]): number {
    return this.#statement(sql).run(parameters).changes
  }

  /** All rows of a query; null while a transaction is under way, to which this connection belongs. */
  read<Row>({ sql, parameters }: CompiledQuery<Row>): Row[] | null {
    return this.#database.inTransaction ? null : (this.#statement(sql).all(parameters) as Row[])
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #statement(sql: string): HandleStatement {
    const known = this.#statements.get(sql)
    if (known) this.#statements.delete(sql)
    const statement = known ?? this.#prepared(sql)
    this.#statements.set(sql, statement)
    if (this.#statements.size > STATEMENTS_KEPT) {
      const [oldest] = this.#statements.keys()
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    return statement
  }

  #prepared(sql: string): HandleStatement {
    const attempt = <Result>(work: () => Result): Result => {
      try {
        return work()
      } catch (error) {
        throw storeErrorFrom(error, this.#path)
      }
    }
    const statement: Statement<unknown[]> = attempt(() => this.#database.prepare(sql))
    return {
      reader: statement.reader,
      all: parameters =>
        attempt(() => {
          this.#onStatement?.(sql)
          return statement.all(parameters)
        }),
      run: parameters =>
        attempt(() => {
          this.#onStatement?.(sql)
          return statement.run(parameters)
        }),
      iterate: parameters => attempt(() => statement.iterate(parameters)),
    }
  }

  /** By `exec`, as it happens twice in each transaction: `pragma` makes an object of each statement, at ten times the cost. */
  #waitAtMost(ms: number): void {
    this.#database.exec(`pragma busy_timeout = ${ms}`)
  }
}

interface HandleStatement extends SqliteStatement {
  run(parameters: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint }
}

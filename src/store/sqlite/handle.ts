import type { Database, Statement } from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { storeErrorFrom } from './errors.ts'

/** Statements kept prepared. The store has some fifty, but a list of ids in a query makes one for each length. */
const STATEMENTS_KEPT = 200

/**
 * The connection as Kysely uses it. Statements are prepared once, transactions take the write lock at their begin (a
 * deferred one fails at its first write when another process wrote since, and no waiting helps), and everything that
 * throws is a StoreError.
 */
export class SqliteHandle implements SqliteDatabase {
  readonly #database: Database
  readonly #path: string
  readonly #onStatement: ((sql: string) => void) | undefined
  /** In order of last use. */
  readonly #statements = new Map<string, HandleStatement>()

  constructor(parts: { database: Database; path: string; onStatement: ((sql: string) => void) | undefined }) {
    this.#database = parts.database
    this.#path = parts.path
    this.#onStatement = parts.onStatement
  }

  prepare(sql: string): SqliteStatement {
    if (sql === 'rollback') return this.#rollback
    return this.#statement(sql === 'begin' ? 'begin immediate' : sql)
  }

  /** Executes one statement for each of `rows`; returns how many rows they changed. */
  runEach(sql: string, rows: Iterable<readonly unknown[]>): number {
    const statement = this.#statement(sql)
    let changes = 0
    for (const row of rows) changes += statement.run(row).changes
    return changes
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

  /** After some failures, a full disk among them, SQLite has rolled back by itself, and a second time is an error. */
  readonly #rollback: SqliteStatement = {
    reader: false,
    all: () => [],
    run: () => {
      if (this.#database.inTransaction) this.#database.exec('rollback')
      return { changes: 0, lastInsertRowid: 0 }
    },
    iterate: () => [].values(),
  }
}

interface HandleStatement extends SqliteStatement {
  run(parameters: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint }
}

import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'

/** One connection to a server, as an engine lends it. Whatever it throws is a StoreError. */
export interface ServerConnection {
  query(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>>
  /** Gives it back; one whose state is in doubt is thrown away instead. */
  release(): void
  /** Puts its state in doubt. */
  discard(): void
}

/** The connections of one process to one server. */
export interface ServerPool {
  /** Waits for a free one. @throws StoreError. */
  connect(): Promise<ServerConnection>
  /** Once all that are lent are back. */
  close(): Promise<void>
}

/**
 * Kysely's driver over a pool. `onStatement` is told each statement before it is sent; what it throws counts as the failure of that
 * statement, which is how tests make the n-th one fail. A rollback is not told.
 */
export class ServerDriver implements Driver {
  readonly #pool: ServerPool
  readonly #onStatement: ((sql: string) => void) | undefined

  constructor(pool: ServerPool, onStatement: ((sql: string) => void) | undefined) {
    this.#pool = pool
    this.#onStatement = onStatement
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new LentConnection(await this.#pool.connect(), this.#onStatement)
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  /** Cannot fail: the server rolls back what a connection leaves that goes away. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as LentConnection).rollback()
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    ;(connection as LentConnection).release()
  }

  async destroy(): Promise<void> {
    await this.#pool.close()
  }
}

class LentConnection implements DatabaseConnection {
  readonly #connection: ServerConnection
  readonly #onStatement: ((sql: string) => void) | undefined

  constructor(connection: ServerConnection, onStatement: ((sql: string) => void) | undefined) {
    this.#connection = connection
    this.#onStatement = onStatement
  }

  async executeQuery<Row>(compiled: CompiledQuery): Promise<QueryResult<Row>> {
    this.#onStatement?.(compiled.sql)
    return (await this.#connection.query(compiled.sql, compiled.parameters)) as QueryResult<Row>
  }

  streamQuery(): never {
    throw new Error('rows are read in pages: a stream would hold its connection for as long as its reader likes')
  }

  async rollback(): Promise<void> {
    try {
      await this.#connection.query('rollback', [])
    } catch {
      this.#connection.discard()
    }
  }

  release(): void {
    this.#connection.release()
  }
}

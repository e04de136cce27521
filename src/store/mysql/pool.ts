import type { QueryResult } from 'kysely'
import mysql from 'mysql2/promise'
import { StoreError } from '../../base/errors.ts'
import { type ServerAddress, shownAddress, type TlsSetting } from '../server-address.ts'
import type { ServerConnection, ServerPool } from '../server-driver.ts'
import type { PoolSetting } from '../server-engine.ts'
import { storeErrorFrom } from './errors.ts'

/** Of one process. The server has 151 by default, for all. */
const CONNECTIONS_MAX = 10
const CONNECT_MS_MAX = 5_000
const KEEP_ALIVE_MS = 10_000
/**
 * Instants are UTC whatever the zone of the server, a value that does not fit is an error, and a statement waits for a lock no longer
 * than a person would. Read committed, since the gaps between rows are nobody's to lock: the unique index decides.
 */
const SESSION = [
  `set session time_zone = '+00:00', innodb_lock_wait_timeout = 15,
    sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION'`,
  'set session transaction isolation level read committed',
]

const READ_ONLY = 'set session transaction read only'

export class MysqlPool implements ServerPool {
  readonly #shown: string
  readonly #patienceMs: number | null
  readonly #session: readonly string[]
  readonly #pool: mysql.Pool
  readonly #prepared = new WeakSet<object>()
  #closing: Promise<void> | null = null

  constructor(address: ServerAddress, { patienceMs, access }: PoolSetting) {
    this.#shown = shownAddress(address)
    this.#patienceMs = patienceMs
    this.#session = access === 'read-only' ? [...SESSION, READ_ONLY] : SESSION
    const ssl = tlsOptions(address.tls)
    this.#pool = mysql.createPool({
      ...(address.socket === null ? { host: address.host, port: address.port } : { socketPath: address.socket }),
      user: address.user,
      ...(address.password === null ? {} : { password: address.password }),
      database: address.database,
      ...(ssl === null ? {} : { ssl }),
      charset: 'utf8mb4',
      connectionLimit: CONNECTIONS_MAX,
      connectTimeout: CONNECT_MS_MAX,
      enableKeepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      // A row that was there already is not counted as inserted. Rows that an update matched are told beside.
      flags: ['-FOUND_ROWS'],
      timezone: 'Z',
      typeCast: (field, next) => (field.type === 'DATETIME' ? instantOf(field.string()) : next()),
    })
  }

  async connect(): Promise<ServerConnection> {
    if (this.#closing) throw new StoreError('STORE_UNAVAILABLE', `the database ${this.#shown} was closed already`)
    try {
      const connection = await this.#pool.getConnection()
      // The pool wraps a connection anew each time that it lends it.
      if (!this.#prepared.has(connection.connection)) {
        try {
          for (const statement of this.#session) await connection.query(statement)
        } catch (error) {
          connection.destroy()
          throw error
        }
        this.#prepared.add(connection.connection)
      }
      return new MysqlConnection({ connection, shown: this.#shown, patienceMs: this.#patienceMs })
    } catch (error) {
      throw storeErrorFrom(error, this.#shown)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end()
    return this.#closing
  }
}

class MysqlConnection implements ServerConnection {
  readonly #connection: mysql.PoolConnection
  readonly #shown: string
  readonly #patienceMs: number | null
  #isInDoubt = false

  constructor(parts: { connection: mysql.PoolConnection; shown: string; patienceMs: number | null }) {
    this.#connection = parts.connection
    this.#shown = parts.shown
    this.#patienceMs = parts.patienceMs
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    try {
      const timeout = this.#patienceMs === null ? {} : { timeout: this.#patienceMs }
      const [result] = await this.#connection.query<mysql.RowDataPacket[] | mysql.ResultSetHeader>({
        sql,
        values: parameters.map(sendable),
        ...timeout,
      })
      if (Array.isArray(result)) return { rows: result }
      const changed = { rows: [], numAffectedRows: BigInt(matchedRows(result)) }
      return result.insertId === 0 ? changed : { ...changed, insertId: BigInt(result.insertId) }
    } catch (error) {
      const told = storeErrorFrom(error, this.#shown)
      if (told.code === 'STORE_UNREACHABLE') this.discard()
      throw told
    }
  }

  discard(): void {
    this.#isInDoubt = true
  }

  release(): void {
    if (this.#isInDoubt) this.#connection.destroy()
    else this.#connection.release()
  }
}

/** An update counts the rows that it found, as on other engines, and not only those that it made different. */
function matchedRows(result: mysql.ResultSetHeader): number {
  const matched = /^Rows matched: (\d+)/.exec(result.info)?.[1]
  return matched === undefined ? result.affectedRows : Number(matched)
}

/** The driver takes bytes as a Buffer alone. */
function sendable(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

/** `2026-01-05 08:30:00.500` in the form of `instants.ts`. */
function instantOf(text: string | null): string | null {
  return text === null ? null : `${text.replace(' ', 'T')}Z`
}

function tlsOptions(tls: TlsSetting | null): mysql.SslOptions | null {
  if (tls === null) return null
  // By itself the driver takes any certificate of a known authority, whatever name it is for.
  const { isVerified } = tls
  return {
    rejectUnauthorized: isVerified,
    verifyIdentity: isVerified,
    ...(tls.authority === null ? {} : { ca: tls.authority }),
  }
}

import type { QueryResult } from 'kysely'
import pg from 'pg'
import { StoreError } from '../../base/errors.ts'
import { type ServerAddress, shownAddress, type TlsSetting } from '../server-address.ts'
import type { ServerConnection, ServerPool } from '../server-driver.ts'
import type { PoolSetting } from '../server-engine.ts'
import { storeErrorFrom } from './errors.ts'

/** Of one process. The server has a hundred by default, for all. */
const CONNECTIONS_MAX = 10
const CONNECT_MS_MAX = 5_000
const KEEP_ALIVE_MS = 10_000
/**
 * Instants come in UTC whatever the zone of the server, and a statement waits for a lock no longer than a person would. A
 * connection that lies idle within a transaction belongs to a machine that vanished: others wait for its locks.
 */
const SESSION = `set time zone 'UTC'; set datestyle to 'ISO'; set default_transaction_isolation to 'read committed';
  set lock_timeout to '15s'; set idle_in_transaction_session_timeout to '60s'`

const READ_ONLY = 'set default_transaction_read_only to on'

/** Types whose values come as numbers: the store counts nothing beyond 2^53. */
const NUMBERS: readonly number[] = [pg.types.builtins.INT8, pg.types.builtins.NUMERIC]

export class PostgresPool implements ServerPool {
  readonly #shown: string
  readonly #session: string
  readonly #pool: pg.Pool
  readonly #prepared = new WeakSet<pg.PoolClient>()
  #closing: Promise<void> | null = null

  constructor(address: ServerAddress, { patienceMs, access }: PoolSetting) {
    this.#shown = shownAddress(address)
    this.#session = access === 'read-only' ? `${SESSION}; ${READ_ONLY}` : SESSION
    this.#pool = new pg.Pool({
      host: address.socket ?? address.host,
      port: address.port,
      user: address.user,
      ...(address.password === null ? {} : { password: address.password }),
      database: address.database,
      ssl: tlsOptions(address.tls),
      max: CONNECTIONS_MAX,
      connectionTimeoutMillis: CONNECT_MS_MAX,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      ...(patienceMs === null ? {} : { query_timeout: patienceMs }),
      application_name: 'rollcall',
      types: { getTypeParser: parserOf },
    })
    // A connection that dies while it lies idle is replaced; nobody has to know.
    this.#pool.on('error', () => {})
  }

  async connect(): Promise<ServerConnection> {
    if (this.#closing) throw new StoreError('STORE_UNAVAILABLE', `the database ${this.#shown} was closed already`)
    try {
      const client = await this.#pool.connect()
      if (this.#prepared.has(client)) return new PostgresConnection(client, this.#shown)
      // What happens to it in use is told by the statement that meets it.
      client.on('error', () => {})
      await client.query(this.#session).catch((error: unknown) => {
        client.release(true)
        throw error
      })
      this.#prepared.add(client)
      return new PostgresConnection(client, this.#shown)
    } catch (error) {
      throw storeErrorFrom(error, this.#shown)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end()
    return this.#closing
  }
}

class PostgresConnection implements ServerConnection {
  readonly #client: pg.PoolClient
  readonly #shown: string
  #isInDoubt = false

  constructor(client: pg.PoolClient, shown: string) {
    this.#client = client
    this.#shown = shown
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    try {
      const { command, rowCount, rows } = await this.#client.query(statementOf(sql, parameters))
      const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE'
      return isChange ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
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
    this.#client.release(this.#isInDoubt)
  }
}

/** A statement that begins with a comment of one word is kept prepared under that name: it is long, and comes again and again. */
function statementOf(sql: string, parameters: readonly unknown[]): pg.QueryConfig {
  const name = /^\/\* ([\w-]+) \*\//.exec(sql)?.[1]
  return { ...(name === undefined ? {} : { name }), text: sql, values: [...parameters] }
}

function tlsOptions(tls: TlsSetting | null): pg.PoolConfig['ssl'] {
  if (tls === null) return false
  return { rejectUnauthorized: tls.isVerified, ...(tls.authority === null ? {} : { ca: tls.authority }) }
}

function parserOf(type: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (NUMBERS.includes(type)) return Number
  if (type === pg.types.builtins.BOOL) return text => (text === 't' ? 1 : 0)
  if (type === pg.types.builtins.TIMESTAMPTZ) return instantOf
  return pg.types.getTypeParser(type, format as 'text')
}

/** `2026-01-05 08:30:00.5+00`, as a session in UTC shows an instant, in the form of `instants.ts`. */
function instantOf(text: string): string {
  const [date, time = ''] = text.slice(0, -'+00'.length).split(' ')
  const [clock, fraction = ''] = time.split('.')
  return `${date}T${clock}.${fraction.padEnd(3, '0')}Z`
}

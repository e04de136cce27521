import assert from 'node:assert/strict'
import { systemClock } from '../../src/base/clock.ts'
import type { Store } from '../../src/model/store.ts'
import { openMysqlStore } from '../../src/store/mysql/open-mysql-store.ts'
import { openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts'
import type { ServerAddress } from '../../src/store/server-address.ts'
import type { ServerStoreOptions } from '../../src/store/server-engine.ts'
import type { ProcessServer } from './process-server.ts'
import { type ServerName, withMysql, withPostgres } from './recipes.ts'
import { ServerRelay } from './server-relay.ts'

const OPEN: Record<ServerName, (options: ServerStoreOptions) => Promise<Store>> = {
  PostgreSQL: openPostgresStore,
  MariaDB: openMysqlStore,
}
/** A database whose rows are removed keeps these: its schema is still the current one. */
const OF_THE_MIGRATOR = /^rollcall_migrations/
const OPEN_TRANSACTIONS: Record<ServerName, string> = {
  PostgreSQL: `select pid, state, query from pg_stat_activity
    where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`,
  MariaDB: `select trx_mysql_thread_id, trx_state, trx_query from information_schema.innodb_trx join
    information_schema.processlist on id = trx_mysql_thread_id where db = database() and id <> connection_id()`,
}
const LOOK_MS = 20
const NOTICED_MS_MAX = 10_000

/** One database on a server of the tests, whose rows are looked at and removed directly, and to which connections can be lost. */
export class RelayedDatabase implements AsyncDisposable {
  readonly relay: ServerRelay
  readonly #name: ServerName
  readonly #address: ServerAddress

  private constructor(parts: { name: ServerName; address: ServerAddress; relay: ServerRelay }) {
    this.#name = parts.name
    this.#address = parts.address
    this.relay = parts.relay
  }

  static async create(name: ServerName, server: ProcessServer): Promise<RelayedDatabase> {
    const address = server.address(await server.createDatabase())
    return new RelayedDatabase({ name, address, relay: await ServerRelay.open(server.port) })
  }

  /** A store of one process, over the relay. */
  open(parts: Omit<ServerStoreOptions, 'address'>): Promise<Store> {
    return OPEN[this.#name]({ ...parts, address: { ...this.#address, port: this.relay.port } })
  }

  /** Brings it to the current schema. */
  async prepare(): Promise<void> {
    const secrets = { seal: (text: string) => text, open: (sealed: string) => sealed }
    await (await this.open({ clock: systemClock, secrets }))[Symbol.asyncDispose]()
  }

  cut(): void {
    this.relay.cut()
  }

  /** Every row of every table, by table. */
  async contents(): Promise<Record<string, unknown[]>> {
    return this.#withQuery(async query => {
      const rows: Record<string, unknown[]> = {}
      for (const table of await this.#tables(query))
        rows[table] = (await query(`select * from ${table}`)).map(inWords).sort()
      return rows
    })
  }

  /** As a database that was just brought to the current schema, ids included. */
  async empty(): Promise<void> {
    await this.#withQuery(async query => {
      const tables = await this.#tables(query)
      if (this.#name === 'PostgreSQL') await query(`truncate ${tables.join(', ')} restart identity`)
      else {
        await query('set foreign_key_checks = 0')
        for (const table of tables) await query(`truncate ${table}`)
      }
      await query('insert into feed_head (id, position) values (1, 0)')
    })
  }

  /** No transaction is open. That of a connection that was lost is, until the server has noticed. */
  async assertNothingOpen(): Promise<void> {
    const count = OPEN_TRANSACTIONS[this.#name]
    await this.#withQuery(async query => {
      for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
        const open = await query(count)
        if (open.length === 0) return
        assert(waitedMs < NOTICED_MS_MAX, `transactions are open: ${JSON.stringify(open)}`)
        await systemClock.sleep(LOOK_MS)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay[Symbol.asyncDispose]()
  }

  async #tables(query: Query): Promise<string[]> {
    const schema = this.#name === 'PostgreSQL' ? 'current_schema()' : 'database()'
    const rows = await query(`select table_name as name from information_schema.tables where table_schema = ${schema}`)
    const names = rows.map(row => String((row as { name: string }).name))
    return names.filter(name => !OF_THE_MIGRATOR.test(name)).sort()
  }

  #withQuery<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    if (this.#name === 'PostgreSQL') {
      return withPostgres(this.#address, client => work(async text => (await client.query(text)).rows))
    }
    return withMysql(this.#address, connection => work(async text => (await connection.query(text))[0] as unknown[]))
  }
}

type Query = (text: string) => Promise<unknown[]>

/** Comparable, in an order of its own: a server gives rows in any. */
function inWords(row: unknown): string {
  return JSON.stringify(row)
}

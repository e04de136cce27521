import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { StoreError } from '../base/errors.ts'
import type { ApiToken, Role, TokenStore } from '../model/accounts.ts'
import type { Engine } from './engine.ts'
import { insertedId } from './inserted-id.ts'
import { instantFrom, instantText } from './instants.ts'
import type { ApiTokenRow, Tables } from './tables.ts'

/** A program may call many times a second, and a row that is written each time would be the slowest part of it. */
const USE_NOTED_EVERY_MS = 60_000

export class SqlTokens implements TokenStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async add(token: { name: string; role: Role; prefix: string; hash: Uint8Array }): Promise<ApiToken> {
    const { name, role, prefix } = token
    const row = {
      name,
      role,
      prefix,
      token_sha256: hexOf(token.hash),
      created_at: instantText(this.#clock.now()),
      last_used_at: null,
      revoked_at: null,
    }
    const id = await this.#engine.transaction(transaction =>
      insertedId(transaction, transaction.insertInto('api_tokens').values(row)),
    )
    return tokenFrom({ ...row, id })
  }

  async use(hash: Uint8Array): Promise<ApiToken | null> {
    const row = await this.#kysely
      .selectFrom('api_tokens')
      .selectAll()
      .where('token_sha256', '=', hexOf(hash))
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    if (!row) return null
    const nowMs = this.#clock.now()
    // The time between counts either way: our own clock may have been set back.
    const isRecent = row.last_used_at !== null && Math.abs(nowMs - Date.parse(row.last_used_at)) < USE_NOTED_EVERY_MS
    if (isRecent) return tokenFrom(row)
    const lastUsedAt = instantText(nowMs)
    await this.#engine.transaction(transaction =>
      transaction.updateTable('api_tokens').set({ last_used_at: lastUsedAt }).where('id', '=', row.id).execute(),
    )
    return tokenFrom({ ...row, last_used_at: lastUsedAt })
  }

  async list(): Promise<ApiToken[]> {
    return (await this.#kysely.selectFrom('api_tokens').selectAll().orderBy('id', 'desc').execute()).map(tokenFrom)
  }

  async revoke(id: number): Promise<void> {
    const revokedAt = instantText(this.#clock.now())
    await this.#engine.transaction(async transaction => {
      const row = await transaction
        .selectFrom('api_tokens')
        .select('revoked_at')
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (!row) throw new StoreError('NOT_FOUND', `there is no token ${id}`)
      if (row.revoked_at !== null) return
      await transaction.updateTable('api_tokens').set({ revoked_at: revokedAt }).where('id', '=', id).execute()
    })
  }
}

function tokenFrom(row: ApiTokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    createdAt: instantFrom(row.created_at),
    lastUsedAt: row.last_used_at === null ? null : instantFrom(row.last_used_at),
    revokedAt: row.revoked_at === null ? null : instantFrom(row.revoked_at),
  }
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}

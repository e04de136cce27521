import assert from 'node:assert/strict'
import type { ExpressionBuilder, Kysely, Transaction } from 'kysely'
import type { SignInCondition, SignInPage, SignInRow, SignInRows, SignInTable, SignInValue } from '../model/accounts.ts'
import type { Engine } from './engine.ts'
import type { Tables } from './tables.ts'

type AnyTables = Record<SignInTable, Record<string, SignInValue>>

/** Bounds what a library may ask for at once. */
const ROWS_MAX = 1000

export class SqlSignInRows implements SignInRows {
  readonly #engine: Engine
  readonly #kysely: Kysely<AnyTables>

  constructor(engine: Engine) {
    this.#engine = engine
    this.#kysely = untyped(engine.kysely)
  }

  async insert(table: SignInTable, row: SignInRow): Promise<SignInRow> {
    return this.#engine.transaction(transaction => insertRow(transaction, table, row))
  }

  async insertSession(row: SignInRow, provenHash: string): Promise<SignInRow | null> {
    return this.#engine.transaction(async transaction => {
      const accountId = Number(row.account_id)
      // Whoever ends sessions locks the same row first.
      const account = await transaction
        .selectFrom('accounts')
        .select('is_disabled')
        .where('id', '=', accountId)
        .forUpdate()
        .executeTakeFirst()
      const login = await transaction
        .selectFrom('account_logins')
        .select('password_hash')
        .where('account_id', '=', accountId)
        .where('password_hash', '=', provenHash)
        .executeTakeFirst()
      if (account === undefined || account.is_disabled === 1 || login === undefined) return null
      return await insertRow(transaction, 'account_sessions', row)
    })
  }

  async select(table: SignInTable, where: readonly SignInCondition[], page?: SignInPage): Promise<SignInRow[]> {
    const { column, direction } = page?.order ?? { column: 'id', direction: 'asc' }
    return this.#kysely
      .selectFrom(table)
      .selectAll()
      .where(meeting(where))
      .orderBy(column, direction)
      .limit(Math.min(page?.limit ?? ROWS_MAX, ROWS_MAX))
      .offset(page?.offset ?? 0)
      .execute()
  }

  async update(table: SignInTable, where: readonly SignInCondition[], changes: SignInRow): Promise<number> {
    // A library that forgets to say which rows it means must not change them all.
    assert(where.length > 0, 'an update names its rows')
    return this.#engine.transaction(async transaction => {
      const query = untyped(transaction).updateTable(table).set(changes).where(meeting(where))
      return Number((await query.executeTakeFirstOrThrow()).numUpdatedRows)
    })
  }

  async remove(table: SignInTable, where: readonly SignInCondition[]): Promise<number> {
    assert(where.length > 0, 'a removal names its rows')
    return this.#engine.transaction(async transaction => {
      const query = untyped(transaction).deleteFrom(table).where(meeting(where))
      return Number((await query.executeTakeFirstOrThrow()).numDeletedRows)
    })
  }
}

async function insertRow(transaction: Transaction<Tables>, table: SignInTable, row: SignInRow): Promise<SignInRow> {
  const insert = untyped(transaction).insertInto(table).values(row)
  if (transaction.getExecutor().adapter.supportsReturning)
    return { ...row, ...(await insert.returning(['id']).executeTakeFirstOrThrow()) }
  const { insertId } = await insert.executeTakeFirstOrThrow()
  return { ...row, id: Number(insertId) }
}

function meeting(where: readonly SignInCondition[]) {
  return (eb: ExpressionBuilder<AnyTables, SignInTable>) =>
    eb.and(
      where.map(({ column, is, value }) =>
        value === null ? eb(column, is === '!=' ? 'is not' : 'is', null) : eb(column, is, value),
      ),
    )
}

/** The columns come by name, from the configuration of a library. */
function untyped(kysely: unknown): Kysely<AnyTables> {
  return kysely as Kysely<AnyTables>
}

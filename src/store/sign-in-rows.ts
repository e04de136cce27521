import assert from 'node:assert/strict'
import type { ExpressionBuilder, Kysely } from 'kysely'
import type { SignInCondition, SignInPage, SignInRow, SignInRows, SignInTable, SignInValue } from '../model/accounts.ts'
import type { Engine } from './engine.ts'

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
    return this.#engine.transaction(async transaction => {
      const insert = untyped(transaction).insertInto(table).values(row)
      if (transaction.getExecutor().adapter.supportsReturning)
        return { ...row, ...(await insert.returning(['id']).executeTakeFirstOrThrow()) }
      const { insertId } = await insert.executeTakeFirstOrThrow()
      return { ...row, id: Number(insertId) }
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

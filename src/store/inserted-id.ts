import type { InsertQueryBuilder, InsertResult, Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/** Inserts a row, or some, and tells the id that the database gave the first: engines return it as a row, or beside the result. */
export async function insertedId<Table extends 'devices' | 'sync_runs' | 'feed_waiting' | 'accounts' | 'api_tokens'>(
  transaction: Transaction<Tables>,
  insert: InsertQueryBuilder<Tables, Table, unknown>,
): Promise<number> {
  if (transaction.getExecutor().adapter.supportsReturning) {
    const { id } = await insert.returning(['id']).$castTo<{ id: number }>().executeTakeFirstOrThrow()
    return id
  }
  const { insertId } = (await insert.executeTakeFirstOrThrow()) as InsertResult
  return Number(insertId)
}

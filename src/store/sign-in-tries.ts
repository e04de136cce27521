import type { Clock } from '../base/clock.ts'
import { StoreError } from '../base/errors.ts'
import type { TryLimit } from '../model/accounts.ts'
import type { Engine } from './engine.ts'
import { instantText } from './instants.ts'

/** Rows whose time is over, deleted with each try. More than one try makes, so that they never pile up. */
const DELETED_AT_ONCE = 20

export async function countTry(
  engine: Engine,
  clock: Pick<Clock, 'now'>,
  keys: readonly TryLimit[],
): Promise<{ waitMs: number } | null> {
  await deleteEnded(engine, clock.now())
  for (const key of keys) {
    const refused = await countOne(engine, clock.now(), key)
    if (refused) return refused
  }
  return null
}

export async function forgetTries(engine: Engine, keys: ReadonlyArray<Pick<TryLimit, 'hash'>>): Promise<void> {
  const hashes = keys.map(key => hexOf(key.hash))
  await engine.transaction(transaction =>
    transaction.deleteFrom('sign_in_tries').where('key_sha256', 'in', hashes).execute(),
  )
}

async function countOne(engine: Engine, nowMs: number, limit: TryLimit): Promise<{ waitMs: number } | null> {
  try {
    return await countOnce(engine, nowMs, limit)
  } catch (error) {
    // Two first tries at once: the index has refused the row of the second, which counts on that of the first.
    if (error instanceof StoreError && error.code === 'STORE_FAILED') return countOnce(engine, nowMs, limit)
    throw error
  }
}

async function countOnce(engine: Engine, nowMs: number, limit: TryLimit): Promise<{ waitMs: number } | null> {
  const key = hexOf(limit.hash)
  const fresh = { tries: 1, ends_at: instantText(nowMs + limit.withinMs) }
  return engine.transaction(async transaction => {
    const row = await transaction
      .selectFrom('sign_in_tries')
      .selectAll()
      .where('key_sha256', '=', key)
      .forUpdate()
      .executeTakeFirst()
    if (!row) {
      await transaction
        .insertInto('sign_in_tries')
        .values({ key_sha256: key, ...fresh })
        .execute()
      return null
    }
    const leftMs = Date.parse(row.ends_at) - nowMs
    // A time that is longer than any comes from a clock of ours that was set back since.
    const isOver = leftMs <= 0 || leftMs > limit.withinMs
    if (!isOver && row.tries >= limit.tries) return { waitMs: leftMs }
    await transaction
      .updateTable('sign_in_tries')
      .set(isOver ? fresh : { tries: row.tries + 1 })
      .where('id', '=', row.id)
      .execute()
    return null
  })
}

async function deleteEnded(engine: Engine, nowMs: number): Promise<void> {
  const ended = await engine.kysely
    .selectFrom('sign_in_tries')
    .select('id')
    .where('ends_at', '<', instantText(nowMs))
    .limit(DELETED_AT_ONCE)
    .execute()
  if (ended.length === 0) return
  const ids = ended.map(row => row.id)
  // Asked again: a try may have begun the count of a row anew meanwhile.
  await engine.transaction(transaction =>
    transaction.deleteFrom('sign_in_tries').where('id', 'in', ids).where('ends_at', '<', instantText(nowMs)).execute(),
  )
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}

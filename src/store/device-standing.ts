import type { Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/**
 * Writes how the last contact with a device ended, within a transaction that is fenced by its lease: nobody else writes it meanwhile.
 * Tells whether its last error appeared, changed or went away. Mostly it is none, as before: then this is one statement.
 */
export async function writeStanding(
  transaction: Transaction<Tables>,
  deviceId: number,
  standing: { last_synced_at?: string; last_error: string | null },
): Promise<{ isErrorOther: boolean }> {
  const { last_error, last_synced_at } = standing
  const device = transaction.updateTable('devices').where('id', '=', deviceId)
  if (last_error === null && last_synced_at !== undefined) {
    const asBefore = await device.set({ last_synced_at }).where('last_error', 'is', null).executeTakeFirstOrThrow()
    if (asBefore.numUpdatedRows > 0n) return { isErrorOther: false }
  }
  const { numUpdatedRows } = await device
    .set(standing)
    .where(({ eb, or }) =>
      last_error === null
        ? eb('last_error', 'is not', null)
        : or([eb('last_error', 'is', null), eb('last_error', '!=', last_error)]),
    )
    .executeTakeFirstOrThrow()
  return { isErrorOther: numUpdatedRows > 0n }
}

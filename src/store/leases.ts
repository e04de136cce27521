import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { StoreError } from '../base/errors.ts'
import type { Lease, LeaseStore } from '../model/store.ts'
import { instantText } from './instants.ts'
import type { Tables } from './tables.ts'

/** A lease that was given back keeps its row, with no holder: the token must go on growing. */
export class SqlLeases implements LeaseStore {
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(kysely: Kysely<Tables>, clock: Pick<Clock, 'now'>) {
    this.#kysely = kysely
    this.#clock = clock
  }

  async acquire(request: {
    deviceId: number
    holder: string
    ttlMs: number
    isDead: (holder: string) => boolean
    isUrgent?: boolean
  }): Promise<{ lease: Lease } | { heldBy: string; expiresInMs: number }> {
    const { deviceId, holder, ttlMs, isUrgent = false } = request
    return this.#kysely.transaction().execute(async transaction => {
      const row = await transaction
        .selectFrom('device_leases')
        .selectAll()
        .where('device_id', '=', deviceId)
        .executeTakeFirst()
      if (row?.holder != null && row.expires_at !== null && !request.isDead(row.holder)) {
        const leftMs = Date.parse(row.expires_at) - this.#clock.now()
        if (leftMs > row.ttl_ms) {
          // The clock was set back since. The holder gets one full time from now, and not the hours of the jump.
          await this.#setExpiry(transaction, { deviceId, holder: row.holder, token: row.token }, row.ttl_ms)
        }
        if (leftMs > 0) {
          if (isUrgent && row.is_wanted === 0) await setWanted(transaction, deviceId)
          return { heldBy: row.holder, expiresInMs: Math.min(leftMs, row.ttl_ms) }
        }
      }
      const token = (row?.token ?? 0) + 1
      const expiresAt = instantText(this.#clock.now() + ttlMs)
      const columns = { holder, token, ttl_ms: ttlMs, expires_at: expiresAt, is_wanted: 0 }
      if (row) {
        await transaction.updateTable('device_leases').set(columns).where('device_id', '=', deviceId).execute()
      } else {
        await transaction
          .insertInto('device_leases')
          .values({ device_id: deviceId, ...columns })
          .execute()
      }
      return { lease: { deviceId, holder, token } }
    })
  }

  async renew(lease: Lease, ttlMs: number): Promise<{ isWanted: boolean }> {
    return this.#kysely.transaction().execute(async transaction => {
      if (!(await this.#setExpiry(transaction, lease, ttlMs))) throw leaseLost(lease)
      const row = await transaction
        .selectFrom('device_leases')
        .select('is_wanted')
        .where('device_id', '=', lease.deviceId)
        .executeTakeFirstOrThrow()
      return { isWanted: row.is_wanted === 1 }
    })
  }

  async release(lease: Lease): Promise<void> {
    await this.#kysely
      .transaction()
      .execute(transaction =>
        transaction
          .updateTable('device_leases')
          .set({ holder: null, expires_at: null, is_wanted: 0 })
          .where('device_id', '=', lease.deviceId)
          .where('holder', '=', lease.holder)
          .where('token', '=', lease.token)
          .execute(),
      )
  }

  async holderOf(deviceId: number): Promise<string | null> {
    const row = await this.#kysely
      .selectFrom('device_leases')
      .select(['holder', 'expires_at'])
      .where('device_id', '=', deviceId)
      .executeTakeFirst()
    if (row === undefined || row.expires_at === null) return null
    return Date.parse(row.expires_at) > this.#clock.now() ? row.holder : null
  }

  /** Whether the lease still stood. */
  async #setExpiry(transaction: Transaction<Tables>, lease: Lease, ttlMs: number): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('device_leases')
      .set({ ttl_ms: ttlMs, expires_at: instantText(this.#clock.now() + ttlMs) })
      .where('device_id', '=', lease.deviceId)
      .where('holder', '=', lease.holder)
      .where('token', '=', lease.token)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }
}

/**
 * Fences a transaction: passes while nobody else has taken the lease, even when its time is up.
 *
 * @throws StoreError `LEASE_LOST`.
 */
export async function assertLease(transaction: Transaction<Tables>, lease: Lease): Promise<void> {
  const row = await transaction
    .selectFrom('device_leases')
    .select('token')
    .where('device_id', '=', lease.deviceId)
    .where('holder', '=', lease.holder)
    .where('token', '=', lease.token)
    .executeTakeFirst()
  if (!row) throw leaseLost(lease)
}

function leaseLost(lease: Lease): StoreError {
  return new StoreError('LEASE_LOST', `${lease.holder} no longer has the lease on device ${lease.deviceId}`)
}

async function setWanted(transaction: Transaction<Tables>, deviceId: number): Promise<void> {
  await transaction.updateTable('device_leases').set({ is_wanted: 1 }).where('device_id', '=', deviceId).execute()
}

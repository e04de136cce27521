import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { StoreError } from '../base/errors.ts'
import type { Lease, LeaseStore } from '../model/store.ts'
import type { Engine } from './engine.ts'
import { instantText } from './instants.ts'
import type { DeviceLeaseRow, Tables } from './tables.ts'

/** A lease that was given back keeps its row, with no holder: the token must go on growing. */
export class SqlLeases implements LeaseStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
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
    return this.#engine.transaction(async transaction => {
      const row = await lockRow(transaction, deviceId)
      if (row.holder !== null && row.expires_at !== null && !request.isDead(row.holder)) {
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
      const token = row.token + 1
      const expiresAt = instantText(this.#clock.now() + ttlMs)
      const columns = { holder, token, ttl_ms: ttlMs, expires_at: expiresAt, is_wanted: 0 }
      await transaction.updateTable('device_leases').set(columns).where('device_id', '=', deviceId).execute()
      return { lease: { deviceId, holder, token } }
    })
  }

  async renew(lease: Lease, ttlMs: number): Promise<{ isWanted: boolean }> {
    return this.#engine.transaction(async transaction => {
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
    await this.#engine.transaction(transaction =>
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
 * Fences a transaction: passes while nobody else has taken the lease, even when its time is up, and lets nobody take it until the
 * transaction ends. So whatever is fenced happens to one device one after the other.
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
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw leaseLost(lease)
}

/** The row of a device, which nobody else changes now; made where there is none, with nobody as its holder. */
async function lockRow(transaction: Transaction<Tables>, deviceId: number): Promise<DeviceLeaseRow> {
  const locked = transaction.selectFrom('device_leases').selectAll().where('device_id', '=', deviceId).forUpdate()
  const row = await locked.executeTakeFirst()
  if (row) return row
  await transaction
    .insertInto('device_leases')
    .values({ device_id: deviceId, holder: null, token: 0, ttl_ms: 0, expires_at: null })
    .onConflict(conflict => conflict.column('device_id').doNothing())
    .execute()
  return locked.executeTakeFirstOrThrow()
}

function leaseLost(lease: Lease): StoreError {
  return new StoreError('LEASE_LOST', `${lease.holder} no longer has the lease on device ${lease.deviceId}`)
}

async function setWanted(transaction: Transaction<Tables>, deviceId: number): Promise<void> {
  await transaction.updateTable('device_leases').set({ is_wanted: 1 }).where('device_id', '=', deviceId).execute()
}

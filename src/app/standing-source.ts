import { RollcallError, StoreError } from '../base/errors.ts'
import type { Lease } from '../model/store.ts'
import type { Engine } from '../store/engine.ts'
import { SqlLeases } from '../store/leases.ts'
import { describeHolder, isHolderDead, nameHolder } from './holder.ts'
import type { Rollcall } from './rollcall.ts'

/** Long enough for a page that waits for a lock, short enough for whoever waits after a kill on another machine. */
const LEASE_MS = 120_000
const RENEW_EVERY_MS = 40_000
/** More would fill the screen, and one is enough to know what to stop. */
const HOLDERS_TOLD = 3

/**
 * Keeps a database still for as long as it is copied, by what keeps processes apart in any case: it holds the lease of every device, so
 * that nobody else speaks with one or stores what it sent (I-6). A person can still change settings, and a dispatcher can queue jobs.
 */
export class StandingSource implements AsyncDisposable {
  readonly #engine: Engine
  readonly #shown: string
  readonly #base: Rollcall['base']
  readonly #leases: SqlLeases
  readonly #holder: string
  #held: Lease[] = []
  #renewedAtMs: number

  private constructor(engine: Engine, shown: string, base: Rollcall['base']) {
    this.#engine = engine
    this.#shown = shown
    this.#base = base
    this.#leases = new SqlLeases(engine, base.clock)
    this.#holder = nameHolder(base.random)
    this.#renewedAtMs = base.clock.monotonicMs()
  }

  /** @throws StoreError `DATABASE_IN_USE`, with who uses it. */
  static async take(engine: Engine, parts: { shown: string; base: Rollcall['base'] }): Promise<StandingSource> {
    const source = new StandingSource(engine, parts.shown, parts.base)
    try {
      await source.#refuseWorkers()
      await source.#takeAll()
      return source
    } catch (error) {
      await source[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Renews the leases where it is time. @throws StoreError `DATABASE_IN_USE` where one was lost. */
  async hold(): Promise<void> {
    const nowMs = this.#base.clock.monotonicMs()
    if (nowMs - this.#renewedAtMs < RENEW_EVERY_MS) return
    this.#renewedAtMs = nowMs
    try {
      for (const lease of this.#held) await this.#leases.renew(lease, LEASE_MS)
    } catch (cause) {
      if (!(cause instanceof RollcallError) || cause.code !== 'LEASE_LOST') throw cause
      throw new StoreError('DATABASE_IN_USE', `the database ${this.#shown} is written meanwhile: ${cause.message}`, {
        cause,
      })
    }
  }

  /** Gives the leases back; their tokens have grown. Where that fails, they run out by themselves. */
  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held
    this.#held = []
    try {
      for (const lease of held) await this.#leases.release(lease)
    } catch (error) {
      this.#base.log.warn(`Leases of ${this.#shown} could not be given back: ${String(error)}`)
    }
  }

  async #takeAll(): Promise<void> {
    const devices = await this.#engine.kysely.selectFrom('devices').select('id').orderBy('id').execute()
    const others: string[] = []
    for (const { id: deviceId } of devices) {
      const request = { deviceId, holder: this.#holder, ttlMs: LEASE_MS, isDead: isHolderDead }
      const taken = await this.#leases.acquire(request)
      if ('lease' in taken) this.#held.push(taken.lease)
      else others.push(`${describeHolder(taken.heldBy)} has device ${deviceId}`)
    }
    this.#refuse(others)
  }

  /** A worker that has claimed a job and not begun with its device yet. */
  async #refuseWorkers(): Promise<void> {
    const active = await this.#engine.kysely
      .selectFrom('sync_jobs')
      .select(['device_id', 'holder', 'expires_at'])
      .where('state', '=', 'active')
      .orderBy('id')
      .execute()
    const nowMs = this.#base.clock.now()
    const others = active.flatMap(({ device_id, holder, expires_at }) => {
      if (holder === null || expires_at === null || Date.parse(expires_at) <= nowMs || isHolderDead(holder)) return []
      return [`${describeHolder(holder)} has the job of device ${device_id}`]
    })
    this.#refuse(others)
  }

  #refuse(others: readonly string[]): void {
    if (others.length === 0) return
    const more = others.length > HOLDERS_TOLD ? `, and ${others.length - HOLDERS_TOLD} more` : ''
    const who = others.slice(0, HOLDERS_TOLD).join(', ')
    throw new StoreError('DATABASE_IN_USE', `the database ${this.#shown} is in use: ${who}${more}`)
  }
}

import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { StoreError } from '../base/errors.ts'
import type { Tables } from './tables.ts'

/** Two that collide are apart after one more try; so many are only needed where very many write at once. */
const TRIES = 8
/** The pause after the n-th collision is n times this: whoever won is done by then. */
const PAUSE_MS = 10

/** A server ended a transaction since it collided with another one, and has rolled it back. */
export class TransactionCollision extends StoreError {}

/**
 * Runs transactions on a server. One that collided is done anew, and so is one whose connection turned out to be dead before
 * anything was sent: neither has left a trace. Not one that lost its connection later, since it may have been committed.
 */
export class ServerTransactions {
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(kysely: Kysely<Tables>, clock: Pick<Clock, 'sleep'>) {
    this.#kysely = kysely
    this.#clock = clock
  }

  async run<Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    const running = this.#repeated(work)
    const settled = running.catch(() => {}).finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
    return await running
  }

  /** Once those are done that have begun. */
  async ended(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  async #repeated<Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      let hasBegun = false
      try {
        return await this.#kysely.transaction().execute(transaction => {
          hasBegun = true
          return work(transaction)
        })
      } catch (error) {
        const isStale = !hasBegun && error instanceof StoreError && error.code === 'STORE_UNREACHABLE' && tries === 1
        if (!(isStale || error instanceof TransactionCollision) || tries === TRIES) throw error
      }
      await this.#clock.sleep(PAUSE_MS * tries)
    }
  }
}

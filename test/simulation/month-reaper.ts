import { StoreError } from '../../src/base/errors.ts'

/** Where a process is killed: at its n-th statement or packet from now on. */
export interface Appointment {
  readonly at: 'statement' | 'packet'
  readonly n: number
}

/**
 * Kills the process under test at any of its awaits: from then on no statement of it is executed and no packet of it passes. Also
 * fails one statement alone, as a disk that is full for a moment does.
 */
export class Reaper {
  readonly #onDeath: () => void
  readonly #onFailure: () => void
  #appointment: Appointment | null = null
  #failsAt = Number.POSITIVE_INFINITY
  #statements = 0
  #packets = 0
  #isDead = false
  #isAway = false

  constructor(told: { onDeath: () => void; onFailure: () => void }) {
    this.#onDeath = told.onDeath
    this.#onFailure = told.onFailure
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** A new process lives. */
  newLife(plan: { dies: Appointment | null; statementFailsAt: number | null }): void {
    this.#isDead = false
    this.#statements = 0
    this.#packets = 0
    this.#appointment = plan.dies
    this.#failsAt = plan.statementFailsAt ?? Number.POSITIVE_INFINITY
  }

  kill(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#onDeath()
  }

  /** Statements of somebody else than the process, who lives. */
  async away<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#isAway = true
    try {
      return await work()
    } finally {
      this.#isAway = false
    }
  }

  /** @throws StoreError where this statement must fail. */
  passStatement(sql: string): void {
    if (this.#isAway && !this.#isDead) return
    this.#statements++
    if (this.#appointment?.at === 'statement' && this.#statements >= this.#appointment.n) this.kill()
    if (this.#statements === this.#failsAt) {
      this.#onFailure()
      throw new StoreError('STORE_FAILED', `simulated failure of statement ${this.#statements}: ${sql.slice(0, 40)}`)
    }
    if (this.#isDead) throw new StoreError('STORE_FAILED', `the process is dead: ${sql.slice(0, 40)}`)
  }

  passPacket(): void {
    this.#packets++
    if (this.#appointment?.at === 'packet' && this.#packets >= this.#appointment.n) this.kill()
  }
}

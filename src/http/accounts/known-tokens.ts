import type { Clock } from '../../base/clock.ts'
import type { ApiToken } from '../../model/accounts.ts'

/** For so long a token that was found is not looked up again: what another process revokes ends here as late as that. */
export const TOKEN_KNOWN_MS = 1_000
/** Programs that ask within that time; of more, the one found first is looked up again. */
export const TOKENS_KNOWN_MAX = 1_000

interface Known {
  readonly token: ApiToken
  readonly untilMs: number
}

/**
 * Tokens that were found a moment ago, by their hash. A program asks many times a second, and each look-up costs as much as a quarter of
 * a page. One that is none is not remembered, so that guesses push nothing out.
 */
export class KnownTokens {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  /** In the order in which they were found. */
  readonly #known = new Map<string, Known>()
  #forgotten = 0

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** The token with this hash, known or looked up. */
  async find(hash: Uint8Array, lookUp: (hash: Uint8Array) => Promise<ApiToken | null>): Promise<ApiToken | null> {
    const key = hash.toHex()
    const known = this.#known.get(key)
    if (known && this.#clock.monotonicMs() < known.untilMs) return known.token
    this.#known.delete(key)
    const forgotten = this.#forgotten
    // From before the look-up on, so that a slow one does not lengthen it.
    const untilMs = this.#clock.monotonicMs() + TOKEN_KNOWN_MS
    const token = await lookUp(hash)
    // A look-up that a revocation has overtaken may have seen what was before it.
    if (token !== null && forgotten === this.#forgotten) this.#keep(key, { token, untilMs })
    return token
  }

  /** Has every token looked up again. */
  forget(): void {
    this.#forgotten++
    this.#known.clear()
  }

  #keep(key: string, known: Known): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    if (this.#known.size <= TOKENS_KNOWN_MAX) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}

import type { Base } from '../base/base.ts'
import { RollcallError } from '../base/errors.ts'
import type { Store } from '../model/store.ts'
import type { StoreEvent } from './events.ts'

/** The pause before the first look whether the database is back, doubled after each one in vain, up to the longest. */
const LOOK_MS_MIN = 500
const LOOK_MS_MAX = 10_000

/**
 * The times during which the database server does not answer, as all runs of one engine meet them: told once when it goes and once
 * when it is back, however many runs fail by it. What failed by it says nothing about a device, and is done again as a whole.
 */
export class StoreOutage {
  readonly #store: Pick<Store, 'ping'>
  readonly #base: Pick<Base, 'clock' | 'random'>
  readonly #onEvent: (event: StoreEvent) => void
  #sinceMs: number | null = null
  #lookMs = LOOK_MS_MIN
  #lookedAtMs = 0
  #looking: Promise<void> | null = null

  constructor(parts: {
    store: Pick<Store, 'ping'>
    base: Pick<Base, 'clock' | 'random'>
    onEvent: (event: StoreEvent) => void
  }) {
    this.#store = parts.store
    this.#base = parts.base
    this.#onEvent = parts.onEvent
  }

  /** Whether `error` comes of it; the first such begins it. */
  isMetBy(error: unknown): boolean {
    const cause = unreachable(error)
    if (cause === null) return false
    if (this.#sinceMs === null) {
      this.#sinceMs = this.#base.clock.monotonicMs()
      this.#lookMs = LOOK_MS_MIN
      this.#lookedAtMs = this.#sinceMs
      const { code, message, nextStep } = cause
      this.#onEvent({ event: 'store.unreachable', code, message, nextStep })
    }
    return true
  }

  /** Waits until it is over, for so long at most. @returns whether it is. @throws the reason of `signal`. */
  async isOver(signal: AbortSignal, withinMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const { clock, random } = this.#base
    const endMs = clock.monotonicMs() + withinMs
    while (this.#sinceMs !== null) {
      if (clock.monotonicMs() >= endMs) return false
      const pauseMs = this.#lookMs * (0.8 + random.float() * 0.4)
      await clock.sleep(Math.min(pauseMs, Math.max(0, endMs - clock.monotonicMs())), signal)
      if (this.#sinceMs === null) break
      // Of many that wait, one looks for all.
      if (clock.monotonicMs() - this.#lookedAtMs < this.#lookMs / 2) continue
      this.#looking ??= this.#look().finally(() => {
        this.#looking = null
      })
      await this.#looking
    }
    return true
  }

  async #look(): Promise<void> {
    try {
      await this.#store.ping()
    } catch {
      this.#lookedAtMs = this.#base.clock.monotonicMs()
      this.#lookMs = Math.min(this.#lookMs * 2, LOOK_MS_MAX)
      return
    }
    if (this.#sinceMs === null) return
    const awayForMs = this.#base.clock.monotonicMs() - this.#sinceMs
    this.#sinceMs = null
    this.#onEvent({ event: 'store.reachable', awayForMs })
  }
}

export function isUnreachable(error: unknown): boolean {
  return unreachable(error) !== null
}

/** A lease that could not be renewed is lost by it too. */
function unreachable(error: unknown): RollcallError | null {
  if (!(error instanceof RollcallError)) return null
  return error.code === 'STORE_UNREACHABLE' ? error : unreachable(error.cause)
}

/**
 * Collects what is to be read anew, and asks for each thing once in a while however often it is named: at once the first time, then
 * when the pause is over. A fleet of a hundred devices ends some runs each second.
 */
export class Renewals {
  readonly #renew: (key: string) => void
  readonly #pauseMs: number
  readonly #pending = new Set<string>()
  readonly #resting = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(renew: (key: string) => void, pauseMs: number) {
    this.#renew = renew
    this.#pauseMs = pauseMs
  }

  want(...keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#resting.has(key)) this.#pending.add(key)
      else this.#now(key)
    }
  }

  end(): void {
    for (const timer of this.#resting.values()) clearTimeout(timer)
    this.#resting.clear()
    this.#pending.clear()
  }

  #now(key: string): void {
    this.#pending.delete(key)
    const timer = setTimeout(() => {
      this.#resting.delete(key)
      if (this.#pending.has(key)) this.#now(key)
    }, this.#pauseMs)
    this.#resting.set(key, timer)
    this.#renew(key)
  }
}

/** Lets so many pass at a time; the others wait in line. */
export class Gate {
  readonly #limit: number
  readonly #waiting: Array<() => void> = []
  #inside = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Waits for a place, holds it during `work`. @throws the reason of `signal` if it fires while waiting; what `work` throws. */
  async pass<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted()
    if (this.#inside >= this.#limit) await this.#place(signal)
    else this.#inside++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The place goes from hand to hand, so that nobody slips in between.
      if (next) next()
      else this.#inside--
    }
  }

  #place(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(enter)
    })
  }
}

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
    using _place = await this.enter(signal)
    return await work()
  }

  /** Waits for a place, which is given back once, however often it is disposed of. @throws the reason of `signal`. */
  async enter(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted()
    if (this.#inside >= this.#limit) await this.#place(signal)
    else this.#inside++
    let isHeld = true
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#leave()
        isHeld = false
      },
    }
  }

  /** The place goes from hand to hand, so that nobody slips in between. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#inside--
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

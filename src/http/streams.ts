/** The answers that have no end of their own. A server that closes ends them, since it would wait for them for ever. */
export class OpenStreams {
  readonly #ends = new Set<() => void>()
  #isEnded = false

  get count(): number {
    return this.#ends.size
  }

  /** Remembers how to end a stream, until it is disposed of. One that comes too late is ended at once. */
  add(end: () => void): Disposable {
    if (this.#isEnded) end()
    else this.#ends.add(end)
    return { [Symbol.dispose]: () => void this.#ends.delete(end) }
  }

  end(): void {
    this.#isEnded = true
    for (const end of this.#ends) end()
    this.#ends.clear()
  }
}

import type { FastifyReply } from 'fastify'
import { RequestProblem } from './problems.ts'

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

/** For answers that take long: fires once their client is gone, or the server closes, with the problem that either is. */
export function untilGone(reply: FastifyReply, streams: OpenStreams): Disposable & { readonly signal: AbortSignal } {
  const gone = new AbortController()
  const leave = () => gone.abort(new RequestProblem('CLIENT_GONE', 'nobody waits for the answer any more'))
  const { raw } = reply
  raw.once('close', leave)
  // It may have left while it was found out who asks, and is told of that no second time.
  if (raw.destroyed) leave()
  const added = streams.add(() => gone.abort(new RequestProblem('SERVER_ENDS', 'the server ends before its answer')))
  return {
    signal: gone.signal,
    [Symbol.dispose]: () => {
      raw.off('close', leave)
      added[Symbol.dispose]()
    },
  }
}

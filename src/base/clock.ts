import { performance } from 'node:perf_hooks'

/** Time, as every layer is handed it. The simulation hands in another one that moves only when nothing else does. */
export interface Clock {
  /** The instant, in milliseconds since 1970-01-01T00:00:00Z. May jump when somebody sets the clock. */
  now(): number
  /** Milliseconds that only ever grow; for durations. */
  monotonicMs(): number
  /** Resolves after `ms`. Rejects with the signal's own reason, unwrapped, as soon as it fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `callback` once after `ms`, unless disposed of before. */
  after(ms: number, callback: () => void): Disposable
}

/** The clock of this machine. Its timers keep a process alive only while somebody waits for them. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep(ms, signal) {
    return sleepWith(this, ms, signal)
  },
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** `sleep` for any clock that has `after`. */
export function sleepWith(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      timer[Symbol.dispose]()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** A signal that fires with the reason of `parent`, or with the error of `onExpiry` once its time is spent. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
  /** Moves the deadline to `ms` from now, for work that has shown to be larger. */
  extend(ms: number): void
}

/** Starts a deadline `ms` from now. Dispose of it when the work is done, whichever way it ended. */
export function startDeadline(
  clock: Pick<Clock, 'after'>,
  options: { ms: number; onExpiry: () => Error; parent?: AbortSignal | undefined },
): Deadline {
  const controller = new AbortController()
  const { parent } = options
  let timer = clock.after(options.ms, () => controller.abort(options.onExpiry()))
  const onParent = () => controller.abort(parent?.reason)
  if (parent?.aborted) onParent()
  else parent?.addEventListener('abort', onParent, { once: true })
  return {
    signal: controller.signal,
    extend(ms) {
      timer[Symbol.dispose]()
      timer = clock.after(ms, () => controller.abort(options.onExpiry()))
    },
    [Symbol.dispose]() {
      timer[Symbol.dispose]()
      parent?.removeEventListener('abort', onParent)
    },
  }
}

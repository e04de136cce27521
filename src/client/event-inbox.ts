import type { Clock } from '../base/clock.ts'
import type { Packet } from '../codec/binary/packet.ts'

/** A device that floods its line fills no more memory than this; what is dropped still stands in its log. */
const EVENTS_MAX = 1_000

/** An event as it came: the third header field of its packet says which kind, the reply id is what it is acknowledged by. */
export interface DeviceEvent {
  /** A bit of the mask of {@link registerEvents}; 1 is a punch. */
  readonly kind: number
  readonly replyId: number
  /** A copy. */
  readonly data: Uint8Array
}

/** Holds what a device tells unasked until somebody takes it. */
export class EventInbox {
  #events: DeviceEvent[] = []
  #dropped = 0
  #fault: Error | null = null
  #wake: (() => void) | null = null

  push(packet: Packet): void {
    if (this.#events.length >= EVENTS_MAX) this.#dropped++
    else this.#events.push({ kind: packet.sessionId, replyId: packet.replyId, data: packet.data.slice() })
    this.#wake?.()
  }

  /** The link is gone: whoever waits is told once what came before it was taken. */
  end(fault: Error): void {
    this.#fault ??= fault
    this.#wake?.()
  }

  /**
   * What came since the last call, waiting up to `ms` for the first; empty when nothing came. `dropped` counts what came
   * too fast.
   *
   * @throws the fault of the link, once everything before it was taken; the reason of `signal`.
   */
  async take(
    wait: { clock: Pick<Clock, 'after'>; ms: number },
    signal: AbortSignal,
  ): Promise<{ events: DeviceEvent[]; dropped: number }> {
    signal.throwIfAborted()
    if (this.#events.length === 0 && this.#fault === null) await this.#arrival(wait, signal)
    if (this.#events.length === 0 && this.#fault !== null) throw this.#fault
    const taken = { events: this.#events, dropped: this.#dropped }
    this.#events = []
    this.#dropped = 0
    return taken
  }

  #arrival(wait: { clock: Pick<Clock, 'after'>; ms: number }, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        timer[Symbol.dispose]()
        signal.removeEventListener('abort', onAbort)
        this.#wake = null
        settle()
      }
      const onAbort = () => end(() => reject(signal.reason))
      const timer = wait.clock.after(wait.ms, () => end(resolve))
      signal.addEventListener('abort', onAbort, { once: true })
      this.#wake = () => end(resolve)
    })
  }
}

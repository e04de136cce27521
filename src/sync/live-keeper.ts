import type { Clock } from '../base/clock.ts'
import type { Device } from '../model/device.ts'

/** A device that told nothing is asked once more after this: its firmware may have been updated, or its settings changed. */
const ASK_AGAIN_MS = 24 * 3_600_000

interface Listener {
  readonly ending: AbortController
  readonly settingsOf: number
  readonly ended: Promise<void>
}

/** Keeps to the wishes for live: who is listened to now, who told nothing, and whose wish has ended. */
export class LiveKeeper {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #listeners = new Map<number, Listener>()
  readonly #unheard = new Map<number, { untilMs: number; settingsOf: number }>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  has(deviceId: number): boolean {
    return this.#listeners.has(deviceId)
  }

  isWished(device: Device): boolean {
    if (!device.isLive) return false
    const unheard = this.#unheard.get(device.id)
    if (!unheard) return true
    return unheard.settingsOf !== device.updatedAt.getTime() || unheard.untilMs <= this.#clock.monotonicMs()
  }

  /** Remembers that a device tells nothing: it is polled for a day. */
  unheard(device: Device): void {
    const untilMs = this.#clock.monotonicMs() + ASK_AGAIN_MS
    this.#unheard.set(device.id, { untilMs, settingsOf: device.updatedAt.getTime() })
  }

  /** Begins; `listen` ends when its signal fires, and never rejects. */
  start(device: Device, listen: (end: AbortSignal) => Promise<void>, signal: AbortSignal): void {
    const ending = new AbortController()
    const ended = listen(AbortSignal.any([signal, ending.signal])).finally(() => this.#listeners.delete(device.id))
    this.#listeners.set(device.id, { ending, settingsOf: device.updatedAt.getTime(), ended })
  }

  /** Ends what is no longer wished, and what is to begin anew since a person changed the device. */
  tend(devices: readonly Device[]): void {
    if (this.#listeners.size === 0) return
    const byId = new Map(devices.map(device => [device.id, device]))
    for (const [id, { ending, settingsOf }] of this.#listeners) {
      const device = byId.get(id)
      if (device?.isLive && device.updatedAt.getTime() === settingsOf) continue
      ending.abort(new Error('the wish for live has ended or changed'))
    }
  }

  /** Once everybody has said goodbye. */
  async ended(): Promise<void> {
    await Promise.all(Array.from(this.#listeners.values(), listener => listener.ended))
  }
}

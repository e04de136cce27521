import type { Clock } from '../base/clock.ts'
import type { ProgressSource, SyncProgressJson } from '../http/events.ts'
import type { SyncEvent } from './rollcall.ts'

/** Four a second: what an eye can follow. */
const TOLD_EVERY_MS = 250

const NOTHING_YET = { bytes_received: 0, bytes_total: 0, records_received: 0, records_total: 0 } as const

/** How far the syncs of this process are, for whoever watches. Nothing is kept but when each was told last. */
export class SyncProgress implements ProgressSource {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #listeners = new Set<(data: string) => void>()
  /** Those under way, so that there are no more of them than devices. */
  readonly #toldAtMs = new Map<number, number>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  watch(listener: (data: string) => void): Disposable {
    const own = (data: string) => listener(data)
    this.#listeners.add(own)
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) }
  }

  /** A sync of the device is wanted now, and nothing was read yet. */
  begin(deviceId: number): void {
    this.#toldAtMs.set(deviceId, this.#clock.monotonicMs())
    this.#send({ device_id: deviceId, state: 'started', ...NOTHING_YET })
  }

  /** Takes what an engine of this process tells. */
  tell(event: SyncEvent): void {
    if (event.event === 'device.synced' || event.event === 'device.failed') this.end(event.deviceId)
    if (event.event !== 'device.progress') return
    const { deviceId } = event
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - (this.#toldAtMs.get(deviceId) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return
    this.#toldAtMs.set(deviceId, nowMs)
    this.#send({
      device_id: deviceId,
      state: 'reading',
      bytes_received: event.bytesReceived,
      bytes_total: event.bytesTotal,
      records_received: event.recordsReceived,
      records_total: event.recordsTotal,
    })
  }

  /** However it ended. Told once, and only where something was told before. */
  end(deviceId: number): void {
    if (this.#toldAtMs.delete(deviceId)) this.#send({ device_id: deviceId, state: 'ended', ...NOTHING_YET })
  }

  #send(progress: SyncProgressJson): void {
    if (this.#listeners.size === 0) return
    const data = JSON.stringify(progress)
    for (const listener of this.#listeners) listener(data)
  }
}

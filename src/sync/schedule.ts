import type { Base } from '../base/base.ts'
import type { RollcallError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import { backoffMs } from './backoff.ts'

/** Devices may be added, edited or removed by anybody at any time; the list is looked at this often. */
const LOOK_MS = 2_000

interface Standing {
  dueAtMs: number
  failuresInRow: number
  downSinceMs: number | null
  /** Another process was reading it when it was last due. */
  isHeldElsewhere: boolean
  /** When a person last changed the device: a change ends any waiting. */
  settingsOf: number
}

/** When each device is due, and since when it is down. Lives in this process: after a restart every device is due at once. */
export class Schedule {
  readonly #base: Pick<Base, 'clock' | 'random'>
  readonly #standings = new Map<number, Standing>()

  constructor(base: Pick<Base, 'clock' | 'random'>) {
    this.#base = base
  }

  /** Those that are due, the longest overdue first. Forgets devices that are no longer in the list. */
  due(devices: readonly Device[]): Device[] {
    const nowMs = this.#base.clock.monotonicMs()
    const listed = new Set(devices.map(device => device.id))
    for (const id of this.#standings.keys()) if (!listed.has(id)) this.#standings.delete(id)
    return devices
      .filter(device => this.#standing(device, nowMs).dueAtMs <= nowMs)
      .sort((a, b) => this.#standing(a).dueAtMs - this.#standing(b).dueAtMs)
  }

  /** How long nothing will be due, at most until the list is to be looked at again. */
  untilNextLookMs(
    devices: readonly Device[],
    options: { isBusy: (deviceId: number) => boolean; intervalMs: number },
  ): number {
    const nowMs = this.#base.clock.monotonicMs()
    const waits = devices
      .filter(device => !options.isBusy(device.id))
      .map(device => this.#standing(device).dueAtMs - nowMs)
      // What is due now and could not start waits for a place, which wakes the engine by itself.
      .filter(waitMs => waitMs > 0)
    return Math.max(1, Math.min(LOOK_MS, options.intervalMs, ...waits))
  }

  /** @returns how long the device was down; null when it was not. */
  succeeded(device: Device, intervalMs: number): number | null {
    const standing = this.#standing(device)
    const nowMs = this.#base.clock.monotonicMs()
    const downForMs = standing.downSinceMs === null ? null : nowMs - standing.downSinceMs
    Object.assign(standing, {
      dueAtMs: nowMs + intervalMs,
      failuresInRow: 0,
      downSinceMs: null,
      isHeldElsewhere: false,
    })
    return downForMs
  }

  /** @returns when it is tried again, and whether this is the failure that took the device down. */
  failed(
    device: Device,
    failure: { error: RollcallError; intervalMs: number },
  ): { retryInMs: number; isFirst: boolean } {
    const standing = this.#standing(device)
    const nowMs = this.#base.clock.monotonicMs()
    const isFirst = standing.failuresInRow === 0
    standing.failuresInRow++
    standing.isHeldElsewhere = false
    standing.downSinceMs ??= nowMs
    const retryInMs = backoffMs({ ...failure, failuresInRow: standing.failuresInRow }, this.#base.random)
    standing.dueAtMs = nowMs + retryInMs
    return { retryInMs, isFirst }
  }

  /** Nothing is known of it: it is due as it was. */
  again(device: Device): void {
    this.#standing(device).dueAtMs = this.#base.clock.monotonicMs()
  }

  /** Another process reads it: no failure, look again soon. @returns whether this is news. */
  heldElsewhere(device: Device, waitMs: number): boolean {
    const standing = this.#standing(device)
    const isNews = !standing.isHeldElsewhere
    Object.assign(standing, { dueAtMs: this.#base.clock.monotonicMs() + waitMs, isHeldElsewhere: true })
    return isNews
  }

  /** A device that is new or was changed is due at `nowMs`: the moment that its caller compares with. */
  #standing(device: Device, nowMs = this.#base.clock.monotonicMs()): Standing {
    const settingsOf = device.updatedAt.getTime()
    const known = this.#standings.get(device.id)
    if (known) {
      if (known.settingsOf !== settingsOf) Object.assign(known, { settingsOf, dueAtMs: nowMs })
      return known
    }
    const fresh = { dueAtMs: nowMs, failuresInRow: 0, downSinceMs: null, isHeldElsewhere: false, settingsOf }
    this.#standings.set(device.id, fresh)
    return fresh
  }
}

import type { Clock } from '../base/clock.ts'
import type { AttendanceLog } from '../model/punch.ts'
import type { Store } from '../model/store.ts'
import { type AttendanceView, type Names, readPeople, viewOf } from './attendance-view.ts'

/** How long names count without a look at whether they are still the same. */
const NAMES_KEPT_MS = 5_000

interface KeptNames extends Names {
  /** When the device last told its people; they are read anew once it has told them again. */
  readonly peopleReadAtMs: number | null
}

/**
 * Adds names to one page of attendance logs after the other, for as long as a server runs. It looks at the devices every few seconds, and
 * at their people only where these were read from the device anew, once a day: a device has thousands, and a page shows fifty.
 */
export class PageViewer {
  readonly #parts: { readonly store: Pick<Store, 'devices' | 'people'>; readonly clock: Pick<Clock, 'monotonicMs'> }
  #names: ReadonlyMap<number, Promise<KeptNames>> = new Map()
  #fresh = new Map<number, Promise<KeptNames>>()
  #renewAtMs = 0

  constructor(parts: { store: Pick<Store, 'devices' | 'people'>; clock: Pick<Clock, 'monotonicMs'> }) {
    this.#parts = parts
  }

  /** In the order of `logs`. */
  async view(logs: readonly AttendanceLog[]): Promise<AttendanceView[]> {
    this.#renew()
    const names = new Map<number, Names>()
    for (const { deviceId } of logs) {
      if (!names.has(deviceId)) names.set(deviceId, await this.#namesOf(deviceId))
    }
    return logs.map(log => viewOf(log, names.get(log.deviceId) ?? NO_NAMES))
  }

  /** Names of devices that nobody has asked for meanwhile are let go of. */
  #renew(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs < this.#renewAtMs) return
    this.#names = this.#fresh
    this.#fresh = new Map()
    this.#renewAtMs = nowMs + NAMES_KEPT_MS
  }

  #namesOf(deviceId: number): Promise<KeptNames> {
    const known = this.#fresh.get(deviceId)
    if (known) return known
    const fresh = this.#fresh
    const names = this.#look(deviceId, this.#names.get(deviceId))
    fresh.set(deviceId, names)
    // What has failed is tried again by the next page.
    names.catch(() => fresh.delete(deviceId))
    return names
  }

  async #look(deviceId: number, earlier: Promise<KeptNames> | undefined): Promise<KeptNames> {
    const { store } = this.#parts
    const before = await earlier?.catch(() => undefined)
    const [device] = await store.devices.list({ ids: [deviceId] })
    const peopleReadAtMs = device?.peopleReadAt?.getTime() ?? null
    const isSame = before !== undefined && before.peopleReadAtMs === peopleReadAtMs
    return {
      device: device?.name ?? null,
      peopleReadAtMs,
      people: isSame ? before.people : await readPeople(store, deviceId),
    }
  }
}

const NO_NAMES: Names = { device: null, people: new Map() }

import type { ClockReading, Device } from '../model/device.ts'
import type { Store } from '../model/store.ts'
import {
  type Contacts,
  type DeviceState,
  lastContactOf,
  mayBeLate,
  nextStepOf,
  type StandingRun,
  sentenceOf,
  standingRuns,
  stateOf,
} from './device-state.ts'
import { forecastMemory, growthPerDay, growthWindow, type MemoryForecast } from './memory-forecast.ts'

/** As many runs as one looks at to see a pattern. */
export const RUNS_LOOKED_AT = 20

/** How a device stands, as far as it is told of many devices at once. */
export interface Standing {
  readonly device: Device
  readonly state: DeviceState
  /** How it stands, in a sentence without its full stop. */
  readonly sentence: string
  /** What mends it; null where nothing is wrong. */
  readonly nextStep: string | null
  readonly lastContactAt: Date | null
  /** The instant of its newest attendance log. */
  readonly lastPunchAt: Date | null
  readonly newestReading: ClockReading | null
  readonly memory: MemoryForecast
  /** Records of it in quarantine that nobody has dismissed. */
  readonly quarantined: number
  /** Somebody speaks with it, or listens to it, now. */
  readonly isHeld: boolean
  /** The newest first, {@link RUNS_LOOKED_AT} at most. */
  readonly runs: readonly StandingRun[]
}

/** In the order of `devices`. Takes some statements, however many they are. */
export async function readStandings(
  store: { readonly standings: Store['standings'] },
  devices: readonly Device[],
  nowMs: number,
): Promise<Standing[]> {
  const { standings } = store
  const ids = devices.map(device => device.id)
  const window = growthWindow(nowMs)
  // The leases first: a run that ends after they were read has its end, and one that begins then is not seen to be under way.
  const leases = await standings.leases(ids)
  const runs = await standings.newestRuns(ids, RUNS_LOOKED_AT)
  const lastPunches = await standings.newestPunches(ids)
  const readings = await standings.newestReadings(ids)
  const quarantined = await standings.openQuarantine(ids)
  const recordCounts = await standings.recordCounts(ids)
  const spans = await standings.spans(ids, window.since)
  const punches = await standings.punchCounts(ids, window)
  return devices.map(device => {
    const { id } = device
    const lease = leases.get(id) ?? null
    const contacts: Contacts = { device, lease, runs: standingRuns(runs.get(id) ?? [], lease) }
    const records = device.recordsOnDevice ?? recordCounts.get(id) ?? null
    const growth = growthPerDay({ spans: spans.get(id) ?? [], punches: punches.get(id) ?? 0 }, nowMs)
    return {
      device,
      state: stateOf(contacts, nowMs),
      sentence: sentenceOf(contacts, nowMs),
      nextStep: nextStepOf(contacts, nowMs),
      lastContactAt: lastContactOf(contacts),
      lastPunchAt: lastPunches.get(id) ?? null,
      newestReading: readings.get(id) ?? null,
      memory: forecastMemory({ records, capacity: device.logCapacity }, growth),
      quarantined: quarantined.get(id) ?? 0,
      isHeld: lease !== null,
      runs: contacts.runs,
    }
  })
}

/** How many devices stand in which state. Runs are read of those alone that have not been in contact for a while. */
export async function countStates(
  store: { readonly standings: Store['standings'] },
  devices: readonly Device[],
  nowMs: number,
): Promise<Record<DeviceState, number>> {
  const leases = await store.standings.leases(devices.map(device => device.id))
  const leaseOf = (device: Device) => leases.get(device.id) ?? null
  const doubtful = devices.filter(device => mayBeLate({ device, lease: leaseOf(device) }, nowMs))
  const runs = await store.standings.newestRuns(
    doubtful.map(device => device.id),
    RUNS_LOOKED_AT,
  )
  const counts = { online: 0, late: 0, down: 0, new: 0, paused: 0 }
  for (const device of devices) {
    const lease = leaseOf(device)
    counts[stateOf({ device, lease, runs: standingRuns(runs.get(device.id) ?? [], lease) }, nowMs)]++
  }
  return counts
}

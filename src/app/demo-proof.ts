import type { Device } from '../model/device.ts'
import type { Store } from '../model/store.ts'
import type { FleetDevice } from './fleet.ts'

/** The fleet has one; a device of somebody else's that was added meanwhile is not counted at all. */
const QUARANTINED_MAX = 100

/** What the people punched against what is stored. */
export interface CountProof {
  /** Punches in the memory of the devices. */
  readonly made: number
  readonly stored: number
  /** Punches of a device that are not stored, and rows that no device has: none, if all is well. */
  readonly missing: number
  readonly surplus: number
  /** Records that cannot be punches, which are kept in quarantine. They are in neither count. */
  readonly quarantined: number
  /** Devices that were not to be read, by name: the paused one, and the one that refuses. */
  readonly notCounted: readonly string[]
}

/** Whether the count closes. */
export function isProven({ missing, surplus }: CountProof): boolean {
  return missing === 0 && surplus === 0
}

/** Compares the memory of every device that was to be read with the rows that it has. */
export async function proveCounts(
  { devices, logs, quarantine }: Pick<Store, 'devices' | 'logs' | 'quarantine'>,
  fleet: ReadonlyArray<{ readonly deviceId: number; readonly walled: FleetDevice }>,
): Promise<CountProof> {
  const saved = new Map((await devices.list()).map(device => [device.id, device]))
  const counted = fleet.filter(({ deviceId, walled }) => isToBeRead(walled, saved.get(deviceId)))
  const made = new Set<string>()
  for (const { deviceId, walled } of counted) {
    for (const { userId, localTime, faulty } of walled.device.punches) {
      if (faulty === null) made.add(`${deviceId} ${userId} ${localTime}`)
    }
  }
  const stored = new Set<string>()
  let rows = 0
  let quarantined = 0
  for (const { deviceId } of counted) {
    for await (const log of logs.scan({ deviceIds: [deviceId] })) {
      stored.add(`${deviceId} ${log.deviceUserId} ${log.localTime}`)
      rows++
    }
    quarantined += (await quarantine.page({ deviceId, limit: QUARANTINED_MAX })).length
  }
  const names = fleet.filter(one => !counted.includes(one)).map(({ walled }) => walled.settings.name)
  return {
    made: made.size,
    stored: rows,
    missing: made.difference(stored).size,
    surplus: rows - stored.intersection(made).size,
    quarantined,
    notCounted: names,
  }
}

/** Whoever looks around may have enabled, corrected, disabled or removed a device. */
function isToBeRead({ part }: FleetDevice, saved: Device | undefined): boolean {
  return saved?.isActive === true && (part === 'works' || saved.lastSyncedAt !== null)
}

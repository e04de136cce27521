import assert from 'node:assert/strict'
import type { AttendanceLog, QuarantinedRecord } from '../../src/model/punch.ts'
import type { Store } from '../../src/model/store.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import type { VirtualPunch } from '../../src/virtual/record-draft.ts'

/** What stands in the tables for one device. */
export interface Stored {
  readonly logs: readonly AttendanceLog[]
  readonly quarantined: readonly QuarantinedRecord[]
}

export async function storedOf(store: Store, deviceId: number): Promise<Stored> {
  const logs: AttendanceLog[] = []
  for await (const log of store.logs.scan({ deviceIds: [deviceId] })) logs.push(log)
  const quarantined = await store.quarantine.page({ deviceId, limit: 1_000_000 })
  return { logs, quarantined }
}

/**
 * The table holds punches of the device, each once and with its codes, and nothing else. With `missing: 'none'` it also holds all
 * that stand in the log now, and quarantine holds what cannot be a punch: so it must be once a run has ended well.
 */
export function assertTruth(
  device: Pick<VirtualDevice, 'punches' | 'departedPunches'>,
  stored: Stored,
  options: { missing: 'none' | 'some' },
): void {
  const truth = new Map<string, VirtualPunch>()
  const faulty: VirtualPunch[] = []
  const present = new Set<string>()
  const collect = (punch: VirtualPunch): string | null => {
    if (punch.faulty !== null || punch.localTime === null) return null
    const key = keyOf(punch.userId, punch.localTime)
    if (!truth.has(key)) truth.set(key, punch)
    return key
  }
  for (const punch of device.departedPunches) collect(punch)
  for (const punch of device.punches) {
    const key = collect(punch)
    if (key === null) faulty.push(punch)
    else present.add(key)
  }
  const seen = new Set<string>()
  for (const row of stored.logs) {
    const key = keyOf(row.deviceUserId, row.localTime)
    assert(!seen.has(key), `stored twice: ${key}`)
    seen.add(key)
    const punch = truth.get(key)
    assert(punch, `a row that nobody punched: ${key} (raw ${row.rawRecord}, layout ${row.recordLayout})`)
    const codes = [row.punchState, row.verifyMode, row.workCode]
    assert.deepEqual(codes, [punch.punchState, punch.verifyMode, punch.workCode], `other codes: ${key}`)
  }
  if (options.missing === 'some') return
  for (const key of present) assert(seen.has(key), `a punch is missing: ${key} (${seen.size} of ${truth.size} stored)`)
  // Records that are alike to the byte are kept once, so there may be fewer than were made, by their kind and not by much.
  for (const reason of new Set(faulty.map(punch => punch.faulty))) {
    const made = faulty.filter(punch => punch.faulty === reason).length
    const kept = stored.quarantined.filter(record => record.reason === reason).length
    assert(kept > 0 && kept >= made / 2, `${kept} of ${made} records in quarantine for ${reason}`)
  }
}

function keyOf(userId: string, localTime: string): string {
  return `${userId}|${localTime}`
}

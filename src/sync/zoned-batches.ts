import type { RecordBatch } from '../model/device-driver.ts'
import type { Punch, QuarantinedRecord, ZonedPunch } from '../model/punch.ts'
import { SameSecond } from './same-second.ts'
import type { ZoneTable } from './zone-table.ts'

export interface ZonedBatch {
  readonly punches: readonly ZonedPunch[]
  readonly quarantined: readonly QuarantinedRecord[]
}

/** A punch with the zone of its device applied. Field by field: those of a punch may be made as they are asked for. */
export function zonedPunch(punch: Punch, zone: ZoneTable): ZonedPunch {
  const { localTime } = punch
  const { ms, note } = zone.instantOf(localTime)
  return {
    userId: punch.userId,
    localTime,
    punchState: punch.punchState,
    verifyMode: punch.verifyMode,
    workCode: punch.workCode,
    layout: punch.layout,
    raw: punch.raw,
    punchedAtMs: ms,
    timeNote: note,
  }
}

/** Applies the zone of the device to the batches of one read, and sets aside what contradicts an earlier punch of it. */
export function* zonedBatches(batches: Iterable<RecordBatch>, zone: ZoneTable): Generator<ZonedBatch> {
  const sameSecond = new SameSecond()
  for (const batch of batches) {
    const quarantined = [...batch.quarantined]
    const punches: ZonedPunch[] = []
    for (const punch of batch.punches) {
      const zoned = zonedPunch(punch, zone)
      if (sameSecond.contradicts(zoned)) quarantined.push({ raw: zoned.raw, reason: 'SAME_SECOND' })
      else punches.push(zoned)
    }
    yield { punches, quarantined }
  }
}

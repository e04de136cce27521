import type { RecordBatch } from '../model/device-driver.ts'
import type { QuarantinedRecord, ZonedPunch } from '../model/punch.ts'
import { SameSecond } from './same-second.ts'
import type { ZoneTable } from './zone-table.ts'

export interface ZonedBatch {
  readonly punches: readonly ZonedPunch[]
  readonly quarantined: readonly QuarantinedRecord[]
}

/** Applies the zone of the device to the batches of one read, and sets aside what contradicts an earlier punch of it. */
export function* zonedBatches(batches: Iterable<RecordBatch>, zone: ZoneTable): Generator<ZonedBatch> {
  const sameSecond = new SameSecond()
  for (const batch of batches) {
    const quarantined = [...batch.quarantined]
    const punches: ZonedPunch[] = []
    for (const punch of batch.punches) {
      const { localTime } = punch
      const { ms, note } = zone.instantOf(localTime)
      const zoned: ZonedPunch = {
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
      if (sameSecond.contradicts(zoned)) quarantined.push({ raw: zoned.raw, reason: 'SAME_SECOND' })
      else punches.push(zoned)
    }
    yield { punches, quarantined }
  }
}

import type { Transaction } from 'kysely'
import type { Checkpoint } from '../model/store.ts'
import { instantFrom, instantText } from './instants.ts'
import type { CheckpointRow, Tables } from './tables.ts'

export async function writeCheckpoint(
  transaction: Transaction<Tables>,
  deviceId: number,
  checkpoint: Checkpoint,
  nowMs: number,
): Promise<void> {
  const columns = {
    record_count: checkpoint.recordCount,
    counter: checkpoint.counter,
    layout: checkpoint.layout,
    firmware: checkpoint.firmware,
    tail: checkpoint.tail,
    compared_at: checkpoint.comparedAt === null ? null : instantText(checkpoint.comparedAt.getTime()),
    is_trusted: Number(checkpoint.isTrusted),
    takes_slices: Number(checkpoint.takesSlices),
    oldest_local: checkpoint.oldestLocal,
    updated_at: instantText(nowMs),
  }
  await transaction
    .insertInto('checkpoints')
    .values({ device_id: deviceId, ...columns })
    .onConflict(conflict => conflict.column('device_id').doUpdateSet(columns))
    .execute()
}

export function checkpointFrom(row: CheckpointRow): Checkpoint {
  return {
    recordCount: row.record_count,
    counter: row.counter,
    layout: row.layout,
    firmware: row.firmware,
    // The driver may hand out a Buffer; the model promises plain bytes.
    tail: new Uint8Array(row.tail),
    comparedAt: row.compared_at === null ? null : instantFrom(row.compared_at),
    isTrusted: row.is_trusted === 1,
    takesSlices: row.takes_slices === 1,
    oldestLocal: row.oldest_local,
  }
}

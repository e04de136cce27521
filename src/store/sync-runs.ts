import type { Transaction } from 'kysely'
import type { RunOutcome, SyncRun } from '../model/store.ts'
import { instantFrom, instantText } from './instants.ts'
import type { SyncRunRow, Tables } from './tables.ts'

/** A poll each 30 s is a million runs a year for each device; those that brought nothing say nothing after a month. */
const EMPTY_RUNS_KEPT_MS = 30 * 86_400_000
/** Runs deleted at the end of one run. More than one, so that what piled up goes away; few, so that nobody waits. */
const RUNS_DELETED_AT_ONCE = 100

export function columnsOfOutcome(outcome: RunOutcome) {
  return {
    mode: outcome.mode,
    status: outcome.status,
    records_on_device: outcome.recordsOnDevice,
    counter_before: outcome.counterBefore,
    counter_after: outcome.counterAfter,
    count_proof: outcome.countProof,
    received: outcome.received,
    inserted: outcome.inserted,
    duplicates: outcome.duplicates,
    quarantined: outcome.quarantined,
    bytes: outcome.bytes,
    full_because: outcome.fullBecause,
    missed_by_tail: outcome.missedByTail,
    error_code: outcome.error?.code ?? null,
    error_message: outcome.error?.message ?? null,
  }
}

export function syncRunFrom(row: SyncRunRow): SyncRun {
  return {
    id: row.id,
    deviceId: row.device_id,
    mode: row.mode,
    status: row.status,
    startedAt: instantFrom(row.started_at),
    finishedAt: row.finished_at === null ? null : instantFrom(row.finished_at),
    recordsOnDevice: row.records_on_device,
    counterBefore: row.counter_before,
    counterAfter: row.counter_after,
    countProof: row.count_proof,
    received: row.received,
    inserted: row.inserted,
    duplicates: row.duplicates,
    quarantined: row.quarantined,
    bytes: row.bytes,
    fullBecause: row.full_because,
    missedByTail: row.missed_by_tail,
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  }
}

/** Deletes some of the oldest runs that inserted nothing, if they are old enough. Never one that inserted a row. */
export async function deleteEmptyRuns(transaction: Transaction<Tables>, nowMs: number): Promise<void> {
  const rows = await transaction
    .selectFrom('sync_runs')
    .select('id')
    .where('inserted', '=', 0)
    .where('started_at', '<', instantText(nowMs - EMPTY_RUNS_KEPT_MS))
    .orderBy('started_at')
    .limit(RUNS_DELETED_AT_ONCE)
    // Those that somebody else is deleting are left to them.
    .forUpdate()
    .skipLocked()
    .execute()
  if (rows.length === 0) return
  const ids = rows.map(row => row.id)
  await transaction.deleteFrom('sync_runs').where('id', 'in', ids).execute()
}

import type { RollcallError } from '../base/errors.ts'
import type { LogRead } from '../model/device-driver.ts'
import type { QuarantinedRecord, ZonedPunch } from '../model/punch.ts'
import type { Lease, PunchCommit, RunOutcome } from '../model/store.ts'
import type { Contact, ContactParts } from './contact.ts'
import { isFull } from './read-plan.ts'
import type { Reading } from './reading.ts'
import { type ZonedBatch, zonedBatches } from './zoned-batches.ts'

/**
 * Records a transaction. In SQLite each transaction writes the pages of four indexes anew, so small ones cost twice the time of
 * large ones (bench/store-insert.ts); this one lasts some 50 ms, for which other writers and timers can wait.
 */
const TRANSACTION_ROWS = 5_000
/** Records decoded at a time: so few that they are garbage while still young, and the heap stays small (bench, memory). */
const DECODED_ROWS = 100

/** Whose rows are stored, and in which run. */
export interface OpenRun {
  readonly lease: Lease
  readonly runId: number
}

/**
 * Stores what a look at a device brought. The checkpoint and the coverage move in the transaction of the last rows and
 * never before.
 *
 * @returns the outcome as stored; its status is `failed` with `COUNT_MISMATCH` when the counter contradicts: the punches are
 * stored all the same, and the next run reads everything.
 */
export async function storeReading(
  contact: Pick<Contact, 'device' | 'zone' | 'driftSeconds'>,
  work: { run: OpenRun; reading: Reading },
  parts: ContactParts,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { run, reading } = work
  const { log, coverage } = reading
  const { punches: store, people } = parts.store
  if (log === null) return store.finish({ ...run, outcome: unchanged(reading), checkpoint: null, coverage })
  const { driftSeconds, device, zone } = contact
  const spans = log.needsPeople ? await people.spans(device.id) : []
  const known = passedOver(reading)
  const batches = zonedBatches(log.batches({ size: DECODED_ROWS, people: spans, breakAt: known }), zone)
  const portion = (rows: number): PunchCommit => ({ ...run, source: 'poll', driftSeconds, ...portionOf(batches, rows) })

  let inserted = 0
  const commitSome = async (records: number): Promise<number> => {
    let fresh = 0
    for (let left = records; left > 0; left -= TRANSACTION_ROWS) {
      fresh += (await store.commit(portion(Math.min(left, TRANSACTION_ROWS)))).inserted
      // The store may be synchronous: only a timer lets sockets, other timers and the signal have their turn.
      await parts.base.clock.sleep(0, signal)
    }
    inserted += fresh
    return fresh
  }
  const missedByTail = await commitSome(known)
  const rest = log.received - known
  await commitSome(Math.max(0, Math.ceil(rest / TRANSACTION_ROWS) - 1) * TRANSACTION_ROWS)
  // The last rows go with the checkpoint.
  const last = portion(Number.POSITIVE_INFINITY)
  const isExplained = log.countProof !== 'mismatch'
  const outcome: RunOutcome = {
    ...NOTHING,
    mode: log.mode,
    status: isExplained ? 'ok' : 'failed',
    recordsOnDevice: log.recordCount,
    counterBefore: log.counterBefore,
    counterAfter: log.counterAfter,
    countProof: log.countProof,
    received: log.received,
    inserted,
    bytes: log.bytesReceived,
    fullBecause: reading.fullBecause,
    missedByTail,
    error: isExplained ? null : countMismatch(log),
  }
  const checkpoint = isExplained ? reading.after : reading.before && { ...reading.before, isTrusted: false }
  return await store.finish({ ...run, outcome, checkpoint, coverage: isExplained ? coverage : null }, last)
}

/** The outcome of a run that ended before it had one. */
export function failedOutcome(error: Pick<RollcallError, 'code' | 'message'>): RunOutcome {
  return { ...NOTHING, error: { code: error.code, message: error.message } }
}

/**
 * The records of a whole read that tails have passed already, so that none of them can be new. 0 where that cannot be said:
 * the log is another one, or is full and may put new records among the old ones, the last run is in doubt, or records were
 * nobody's until the list of people changed.
 */
function passedOver({ before, log, counters }: Reading): number {
  // By its size too: not every counter can be believed.
  if (isFull(counters) || log?.recordCount === counters.capacity) return 0
  if (log?.mode !== 'full' || log.continuity !== 'intact' || log.needsPeople) return 0
  return before?.isTrusted ? Math.min(before.recordCount, log.received) : 0
}

function unchanged({ counters }: Reading): RunOutcome {
  return {
    ...NOTHING,
    mode: 'unchanged',
    status: 'ok',
    recordsOnDevice: counters.records,
    counterBefore: counters.records,
    counterAfter: counters.records,
    countProof: 'counter',
  }
}

/** So many of the coming records, as one batch: they are decoded while the store goes through them. */
function portionOf(
  batches: Iterator<ZonedBatch>,
  rows: number,
): { punches: Iterable<ZonedPunch>; quarantined: Iterable<QuarantinedRecord> } {
  const quarantined: QuarantinedRecord[] = []
  function* punches(): Generator<ZonedPunch> {
    let taken = 0
    while (taken < rows) {
      const next = batches.next()
      if (next.done) return
      const batch = next.value
      for (const record of batch.quarantined) quarantined.push(record)
      yield* batch.punches
      taken += batch.punches.length + batch.quarantined.length
    }
  }
  return { punches: punches(), quarantined }
}

function countMismatch(log: LogRead): RunOutcome['error'] {
  const { counterBefore, counterAfter, recordCount } = log
  return {
    code: 'COUNT_MISMATCH',
    message: `${recordCount} records were read, but the device counted ${counterBefore ?? 'nothing'} before and ${counterAfter ?? 'nothing'} after`,
  }
}

const NOTHING: RunOutcome = {
  mode: 'full',
  status: 'failed',
  recordsOnDevice: null,
  counterBefore: null,
  counterAfter: null,
  countProof: null,
  received: 0,
  inserted: 0,
  duplicates: 0,
  quarantined: 0,
  bytes: 0,
  fullBecause: null,
  missedByTail: 0,
  error: null,
}

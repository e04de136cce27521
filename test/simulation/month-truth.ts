import assert from 'node:assert/strict'
import type { CoverageSpan, Store } from '../../src/model/store.ts'
import { codesOf, keyOf, type Ledger, type LedgerEntry } from './month-ledger.ts'
import { storedOf } from './truth.ts'

/** What must be true of one device at the end of a month. */
export interface MonthClaims {
  readonly deviceId: number
  readonly ledger: Ledger
  /** The keys of punches that were told over a line that listened, and when. */
  readonly heard: ReadonlyMap<string, number>
}

/**
 * Every record that stood in the log at a read that ended well is a row, or lies in quarantine with its reason; every punch that
 * was told is a row; no row is there that nobody punched, and none with other codes; runs add up; and no span of coverage holds
 * a punch that is nowhere.
 */
export async function assertMonth(store: Store, claims: MonthClaims): Promise<void> {
  const { deviceId, ledger, heard } = claims
  const { logs, quarantined } = await storedOf(store, deviceId)
  const made = Map.groupBy(ledger.entries, keyOf)
  const rows = new Map(logs.map(row => [keyOf({ userId: row.deviceUserId, localTime: row.localTime }), row]))
  assert.equal(rows.size, logs.length, 'a punch is stored twice')
  for (const [key, row] of rows) {
    const punches = made.get(key)?.filter(isPunch)
    assert(punches?.length, `a row that nobody punched: ${key} (raw ${row.rawRecord}, layout ${row.recordLayout})`)
    // A clock that is set back lets a person punch in the same second again. Which of them came first to Rollcall decides.
    const codes = punches.map(punch => punch.codes)
    assert(codes.includes(codesOf(row)), `other codes: ${key} has ${codesOf(row)}, punched ${codes.join(' and ')}`)
  }
  const rawMade = new Set(ledger.entries.map(entry => entry.raw))
  const kept = new Set(quarantined.map(record => `${record.reason} ${record.raw.toHex()}`))
  for (const record of quarantined)
    assert(rawMade.has(record.raw.toHex()), `quarantined, and never made: ${record.raw.toHex()}`)
  for (const entry of ledger.entries) {
    if (entry.dueSinceMs === null) continue
    const isKept = isPunch(entry) ? rows.has(keyOf(entry)) : kept.has(`${entry.faulty} ${entry.raw}`)
    assert(isKept, `missing: ${described(entry)}`)
  }
  for (const [key, atMs] of heard)
    assert(rows.has(key) || !made.get(key)?.some(isPunch), `told at ${instant(atMs)} and missing: ${key}`)
  await assertRuns(store, deviceId)
  const lost = ledger.entries.filter(entry => isPunch(entry) && !rows.has(keyOf(entry)))
  assertCoverage(await store.coverage.spans(deviceId), { ...claims, lost })
}

async function assertRuns(store: Store, deviceId: number): Promise<void> {
  for (const run of await store.punches.runs({ deviceId, limit: 1_000_000 })) {
    const { received, inserted, duplicates, quarantined } = run
    assert.equal(received, inserted + duplicates + quarantined, `the sums of run ${run.id} do not close`)
    assert(run.status === 'ok' || run.error, `run ${run.id} failed and does not say why`)
    assert.equal(run.missedByTail, 0, `run ${run.id} found what tails had passed over`)
  }
}

function assertCoverage(spans: readonly CoverageSpan[], known: MonthClaims & { lost: readonly LedgerEntry[] }): void {
  for (const [i, span] of spans.entries()) {
    const last = spans[i - 1] ?? null
    const told = `coverage ${span.provenFrom.toISOString()} to ${span.provenUntil.toISOString()} (${span.because})`
    const [fromMs, seenMs, untilMs] = [span.provenFrom.getTime(), span.seenUntil.getTime(), span.provenUntil.getTime()]
    assert(
      (last?.provenUntil.getTime() ?? 0) <= fromMs && fromMs <= seenMs && seenMs <= untilMs,
      `${told} is out of order`,
    )
    const trulyFromMs = trueBeginning(span, last, known)
    // Behind the last read a span rests on the counter alone, and on nothing once the next read finds another log.
    const trulyUntilMs = i === spans.length - 1 ? seenMs : untilMs
    const claimed = known.lost.find(entry => entry.madeAtMs > trulyFromMs && entry.madeAtMs < trulyUntilMs)
    assert(!claimed, `${told} holds a punch that is lost: ${claimed && described(claimed)}`)
  }
}

/**
 * A span begins where the oldest record of the read that opened it says that it was made. A clock that was slow then, and is not at
 * the read, makes it say too early a time, and nothing on the wire tells: the instant at which it was truly made is taken. A clock
 * that is as slow at the read is known to be so.
 */
function trueBeginning(span: CoverageSpan, before: CoverageSpan | null, { ledger }: MonthClaims): number {
  const fromMs = span.provenFrom.getTime()
  const sinceMs = before?.seenUntil.getTime() ?? 0
  // The last read of the span before may have begun in the very millisecond in which it asked.
  const opening = ledger.reads.find(read => read.beganAtMs > sinceMs + ROUNDED_MS && read.oldest !== null)
  if (!opening?.oldest) return fromMs
  const { madeAtMs, driftSeconds } = opening.oldest
  const isTold = opening.driftSeconds !== null && Math.abs(driftSeconds - opening.driftSeconds) <= ROUNDED_SECONDS
  return Math.max(fromMs, isTold ? Math.min(madeAtMs, fromMs + 2 * ROUNDED_SECONDS * 1000) : madeAtMs)
}

/** Times of records are whole seconds, and so are drifts. */
const ROUNDED_SECONDS = 2
/** Instants and durations of runs are rounded to milliseconds; no two runs follow each other so soon. */
const ROUNDED_MS = 2

/** `SAME_SECOND` is a punch too: where its twin was told or read before, it is the same one again. */
function isPunch(entry: LedgerEntry): boolean {
  return entry.faulty === null || entry.faulty === 'SAME_SECOND'
}

function described(entry: LedgerEntry): string {
  const gone = entry.goneAtMs === null ? 'stands in the log' : `gone ${instant(entry.goneAtMs)}`
  const due = entry.dueSinceMs === null ? 'never read' : `read by ${instant(entry.dueSinceMs)}`
  return `${keyOf(entry)} (made ${instant(entry.madeAtMs)}, ${due}, ${gone}, ${entry.faulty ?? 'sound'}, raw ${entry.raw})`
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}

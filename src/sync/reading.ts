import type { Clock } from '../base/clock.ts'
import type { FullReason, LogCounters, LogRead, ReadProgress } from '../model/device-driver.ts'
import type { Checkpoint, CoverageProof, SpanStart } from '../model/store.ts'
import { type ComparisonSettings, isComparisonDue } from './comparison.ts'
import type { Contact, ContactParts } from './contact.ts'
import { isFull, knownTail, planRead, type ReadPlan } from './read-plan.ts'

/** What one look at a device brought: its counters, and of its log what had to be read. */
export interface Reading {
  readonly counters: LogCounters
  /** Null where the counter had not moved. */
  readonly log: LogRead | null
  /** Why everything was read; null in the other modes. */
  readonly fullBecause: FullReason | null
  /** Where the last good read left the device. */
  readonly before: Checkpoint | null
  /** Where this one leaves it, if its count is explained; null where nothing moved. */
  readonly after: Checkpoint | null
  readonly coverage: CoverageProof
  /** What came from the device for it, the greeting included where it was the first. */
  readonly bytes: number
}

export interface ReadingParts extends ContactParts {
  readonly comparison: ComparisonSettings
}

export interface ReadingRequest {
  /** Read everything, whatever the counters say. */
  readonly full: boolean
  readonly onProgress: (progress: ReadProgress) => void
}

/**
 * Reads of a log what is new: nothing where the counter has not moved, the end where it goes on from the known one,
 * everything where there is any doubt.
 */
export async function readNews(
  contact: Contact,
  request: ReadingRequest,
  parts: ReadingParts,
  signal: AbortSignal,
): Promise<Reading> {
  const { device, open } = contact
  const { store } = parts
  const atMs = parts.base.clock.now()
  const counters = await open.readCounters(signal)
  await store.devices.recordCounters(device.id, { records: counters.records, capacity: counters.capacity })
  const before = await store.punches.checkpoint(device.id)
  const plan = planFor(contact, { before, counters, full: request.full }, parts)
  if (plan.mode === 'unchanged') {
    const coverage: CoverageProof = { atMs, isSeen: false, continues: true, fromMs: atMs, because: 'first-read' }
    return { counters, log: null, fullBecause: null, before, after: null, coverage, bytes: contact.takeBytes() }
  }
  const identity = await open.identify(device, signal)
  await store.devices.recordIdentity(device.id, identity)
  const isSameFirmware = before === null || before.firmware === identity.firmware
  const settled: ReadPlan = isSameFirmware ? plan : { mode: 'full', because: 'firmware-changed' }
  const log = await open.readLog(
    {
      counters,
      rememberedLayout: isSameFirmware ? (before?.layout ?? null) : null,
      tail: settled.mode === 'tail' ? settled.tail : null,
      compareWith: knownTail(before),
      onProgress: request.onProgress,
    },
    signal,
  )
  const planned = settled.mode === 'full' ? settled.because : null
  const fullBecause = log.mode === 'full' ? (planned ?? log.fullBecause) : null
  const news = { before, log, counters, firmware: identity.firmware }
  return {
    counters,
    log,
    fullBecause,
    before,
    after: checkpointAfter(news, { isSameFirmware, fullBecause, clock: parts.base.clock }),
    coverage: coverageOf(news, { contact, atMs }),
    bytes: contact.takeBytes(),
  }
}

/** Whether the counter of the device has not moved since the last read: one request, and one look into the database. */
export async function isUnchanged(contact: Contact, parts: ReadingParts, signal: AbortSignal): Promise<boolean> {
  const counters = await contact.open.readCounters(signal)
  const before = await parts.store.punches.checkpoint(contact.device.id)
  return planFor(contact, { before, counters, full: false }, parts).mode === 'unchanged'
}

function planFor(
  { device }: Contact,
  known: { before: Checkpoint | null; counters: LogCounters; full: boolean },
  parts: ReadingParts,
): ReadPlan {
  const { before, counters } = known
  const comparedAtMs = before?.comparedAt?.getTime() ?? null
  const nowMs = parts.base.clock.now()
  return planRead({
    checkpoint: before,
    counters,
    isAskedFor: known.full,
    isComparisonDue: isComparisonDue({ ...device, comparedAtMs }, nowMs, parts.comparison),
  })
}

interface News {
  readonly before: Checkpoint | null
  readonly log: LogRead
  readonly counters: LogCounters
  readonly firmware: string | null
}

function checkpointAfter(
  { before, log, firmware }: News,
  told: { isSameFirmware: boolean; fullBecause: FullReason | null; clock: Pick<Clock, 'now'> },
): Checkpoint {
  const remembered = told.isSameFirmware ? (before?.layout ?? null) : null
  const tookSlices = told.isSameFirmware ? (before?.takesSlices ?? true) : true
  return {
    recordCount: log.recordCount,
    // A punch that came after the buffer was made is counted afterwards and was not read: only what was read is passed over.
    counter: log.countProof === 'counter' && !isCountedInVain(before, log) ? log.recordCount : null,
    // An empty log proves no layout and disproves none.
    layout: log.layout ?? remembered,
    firmware,
    tail: log.tail?.records ?? new Uint8Array(0),
    comparedAt: log.mode === 'full' ? new Date(told.clock.now()) : (before?.comparedAt ?? null),
    isTrusted: true,
    takesSlices: tookSlices && told.fullBecause !== 'slice-not-honoured',
    oldestLocal: oldestLocalAfter(before, log),
  }
}

/** A device that counts 0 whatever its log holds is right about an empty one by chance, and would say so of the next records too. */
function isCountedInVain(before: Checkpoint | null, log: LogRead): boolean {
  return log.recordCount === 0 && before !== null && before.counter === null
}

/** A tail says nothing of the records before it: where their oldest is not known, it stays unknown until the next whole read. */
function oldestLocalAfter(before: Checkpoint | null, log: LogRead): string | null {
  const { earliestLocalTime } = log
  if (log.mode === 'full') return earliestLocalTime
  const known = before?.oldestLocal ?? null
  if (known === null || earliestLocalTime === null) return known
  return earliestLocalTime < known ? earliestLocalTime : known
}

/** What the read proves, if its count is explained. */
function coverageOf({ before, log, counters }: News, told: { contact: Contact; atMs: number }): CoverageProof {
  const { contact, atMs } = told
  // A log that was empty and still is may have been filled and cleared in between: that is no more than a counter tells. Once it
  // holds records, they prove the time since the oldest of them, and nothing of the time before.
  const isStillEmpty = before !== null && log.continuity === null && log.recordCount === 0
  const { oldestLocalTime } = log
  const oldestMs = oldestLocalTime === null ? atMs : contact.zone.instantOf(unslowed(oldestLocalTime, contact)).ms
  return {
    atMs,
    isSeen: !isStillEmpty,
    continues: isStillEmpty || log.continuity === 'intact' || log.continuity === 'moved',
    fromMs: Math.min(oldestMs, atMs),
    because: startOf(before, counters),
  }
}

function startOf(before: Checkpoint | null, counters: LogCounters): SpanStart {
  if (before === null) return 'first-read'
  if (before.recordCount === 0) return 'log-was-empty'
  return isFull(counters) ? 'log-overwritten' : 'log-cleared'
}

/**
 * What a clock that is slow would have shown, had it been right: it makes records look older than they are. One that is ahead
 * cannot make a span begin too early. Shifted as a wall clock, since drift is measured as one.
 */
function unslowed(localTime: string, { driftSeconds }: Contact): string {
  const behindMs = Math.max(0, -(driftSeconds ?? 0)) * 1000
  if (behindMs === 0) return localTime
  const shown = new Date(Date.parse(`${localTime.replace(' ', 'T')}Z`) + behindMs)
  return shown.toISOString().slice(0, 19).replace('T', ' ')
}

import type { Device } from '../model/device.ts'
import type { CoverageSpan, SpanStart, Store } from '../model/store.ts'
import { ZoneTable } from '../sync/zone-table.ts'
import { agoText, spanText } from './span-words.ts'

/** Why a gap is one. `not-read`: it is open, since the device has not been reached again. */
export type GapReason = SpanStart | 'not-read'

/** A time for which every punch that the device recorded is stored. */
export interface CompleteStretch {
  readonly kind: 'complete'
  readonly from: Date
  readonly until: Date
  /** The last moment within it at which records were seen, not the counter alone. */
  readonly seenUntil: Date
  readonly because: SpanStart
}

/** A time for which nothing is proven. */
export interface GapStretch {
  readonly kind: 'gap'
  readonly from: Date
  /** Null while it lasts. */
  readonly until: Date | null
  readonly reason: GapReason
  /** What happened, as a part of a sentence. */
  readonly why: string
  /** What may be missing, as a part of a sentence. */
  readonly missing: string
}

/** For which time the log of a device is proven complete, with words for people. */
export interface Coverage {
  /** Oldest first. Complete stretches without a gap between them follow upon each other where the log was cleared in time. */
  readonly stretches: ReadonlyArray<CompleteStretch | GapStretch>
  /** Null before the first proof. */
  readonly provenUntil: Date | null
  /** How it stands now, in a sentence. */
  readonly standing: string
  /** All of it in one line. */
  readonly line: string
}

type Standing = Pick<Device, 'timezone' | 'isActive' | 'lastError'>

const WHY: Readonly<Record<SpanStart, string>> = {
  'first-read': 'the log was read as if for the first time, and nothing connects it with what was read before',
  'log-was-empty': 'the log was empty, and whether it was filled and cleared before its first record cannot be seen',
  'log-cleared': 'the log of the device was cleared',
  'log-overwritten': 'the log was full, and the device wrote over its oldest records',
}

const MISSING: Readonly<Record<SpanStart, string>> = {
  'first-read': 'punches of this time may be missing',
  'log-was-empty': 'nothing, unless somebody cleared the log in this time',
  'log-cleared': 'punches of this time that were deleted before they were read are missing',
  'log-overwritten': 'punches of this time that were written over before they were read are missing',
}

/** @throws StoreError `NOT_FOUND`. */
export async function readCoverage(
  store: Pick<Store, 'devices' | 'coverage'>,
  deviceId: number,
  nowMs: number,
): Promise<{ device: Device; coverage: Coverage }> {
  const device = await store.devices.get(deviceId)
  return { device, coverage: coverageOf(await store.coverage.spans(deviceId), device, nowMs) }
}

/** @param spans as the store has them, oldest first. */
export function coverageOf(spans: readonly CoverageSpan[], device: Standing, nowMs: number): Coverage {
  const stretches: Array<CompleteStretch | GapStretch> = []
  let before: CoverageSpan | null = null
  for (const span of spans) {
    const gap: GapStretch | null = before && gapBetween(before, span)
    if (gap) stretches.push(gap)
    const { provenFrom, provenUntil, seenUntil, because } = span
    stretches.push({ kind: 'complete', from: provenFrom, until: provenUntil, seenUntil, because })
    before = span
  }
  const last = before
  if (last && device.lastError !== null) stretches.push(openGap(last.provenUntil, device.lastError))
  const provenUntil = last?.provenUntil ?? null
  return {
    stretches,
    provenUntil,
    standing: `${standingText(provenUntil, device, nowMs)}.`,
    line: lineOf({ stretches, provenUntil }, device, nowMs),
  }
}

/** Null where the later span reaches back to the earlier one: then the log was changed without a loss. */
function gapBetween(before: CoverageSpan, after: CoverageSpan): GapStretch | null {
  const { because } = after
  if (after.provenFrom <= before.provenUntil) return null
  return {
    kind: 'gap',
    from: before.provenUntil,
    until: after.provenFrom,
    reason: because,
    why: WHY[because],
    missing: MISSING[because],
  }
}

function openGap(from: Date, lastError: string): GapStretch {
  return {
    kind: 'gap',
    from,
    until: null,
    reason: 'not-read',
    why: `the device was not read since: ${lastError}`,
    missing: 'nothing, as long as the device keeps its log: the next read brings what was punched meanwhile',
  }
}

function standingText(provenUntil: Date | null, device: Standing, nowMs: number): string {
  const proven =
    provenUntil === null
      ? 'Nothing is proven yet: the log has not been read whole'
      : `Proven until ${agoText(provenUntil, nowMs)}`
  const disabled = device.isActive ? '' : '; the device is disabled and not read'
  if (device.lastError !== null) {
    return `${proven}${disabled}; ${provenUntil === null ? 'last error' : 'since then not read'}: ${device.lastError}`
  }
  if (provenUntil === null || !device.isActive) return `${proven}${disabled}`
  return `${proven}; what was punched since then comes with the next read`
}

function lineOf(coverage: Pick<Coverage, 'stretches' | 'provenUntil'>, device: Standing, nowMs: number): string {
  const { stretches, provenUntil } = coverage
  const [first] = stretches
  if (!first || provenUntil === null) return 'nothing is proven yet'
  const from = new ZoneTable(device.timezone).localTimeAt(first.from.getTime())
  const gaps = stretches.flatMap(each => (each.kind === 'gap' && each.until ? [stretchMs(each, nowMs)] : []))
  const except =
    gaps.length === 0
      ? ''
      : `, except ${gaps.length === 1 ? 'a gap' : `${gaps.length} gaps`} of ${spanText(gaps.reduce((sum, ms) => sum + ms, 0))}`
  return `complete from ${from} until ${agoText(provenUntil, nowMs)}${except}`
}

/** Tells instants in the local time of a zone, `YYYY-MM-DD HH:MM:SS`. */
export function localTimeIn(timezone: string): (ms: number) => string {
  const zone = new ZoneTable(timezone)
  return ms => zone.localTimeAt(ms)
}

/** How long a stretch lasts, in milliseconds; an open one until now. */
export function stretchMs(stretch: CompleteStretch | GapStretch, nowMs: number): number {
  return Math.max(0, (stretch.until?.getTime() ?? nowMs) - stretch.from.getTime())
}

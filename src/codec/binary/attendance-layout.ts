import { CodecError } from '../../base/errors.ts'
import { idJudgeOf, recordCost, type TimeWindow, timeOffsetOf, timeWindow } from './attendance-cost.ts'
import { type LayoutName, layoutsOfSize, MAX_RECORD_BYTES, recordBytes } from './attendance-record.ts'
import { readU32 } from './integers.ts'
import { packedTimeFault } from './packed-time.ts'

/** What is known about a log whose layout is to be proven. */
export interface LayoutEvidence {
  /** The records, without the length word in front of them. */
  readonly block: Uint8Array
  /** The device's count of records before and after the read; null where it has none. Some devices report nonsense. */
  readonly counterBefore: number | null
  readonly counterAfter: number | null
  /** The clock of the device, packed. */
  readonly deviceTime: number | null
  /** The layout proven earlier for the same firmware. */
  readonly remembered: LayoutName | null
}

export interface LayoutProof {
  readonly layout: LayoutName
  readonly recordCount: number
  /**
   * Every layout whose size divides the log, best first: the bits it saves over describing the same bytes one by one.
   */
  readonly scores: ReadonlyArray<{ layout: LayoutName; records: number; score: number }>
  /** The number of records lies between the counter before and after the read. */
  readonly countExact: boolean
}

/** One layout, tried on the sampled records. */
interface Reading {
  readonly layout: LayoutName
  readonly records: number
  /** Comparable between layouts: for the same number of bytes, priors and the counter included. */
  readonly score: number
  readonly explainedShare: number
  readonly readableShare: number
  /** The share of records with a time in the expected window, of all and of those whose clock was set. */
  readonly timelyShare: number
  readonly timelyShareOfSet: number
  readonly countExact: boolean
}

/** Records looked at from each end of the log. */
const SAMPLED_RECORDS = 50

/** How rare each layout is, in bits; together they share a probability of 1. */
const RARITY_BITS = { '40': 1.5, '16': 2.5, '8A': 3, '8B': 3, '49': 3, '36': 7 } as const
const UNNAMED_RARITY_BITS = 11

/** A counter that a size explains is strong evidence, yet cannot carry a layout that the records speak against. */
const COUNTER_BITS = 10

/** Random bytes reach this by a chance of less than 1 in 256, and one honest 8-byte record just does. */
const PROOF_BITS = 8
/** The winner is at least 1000 times as likely as any other. */
const MARGIN_BITS = 10
/**
 * The margin over a layout that the counter speaks for, if it does not speak for the winner: two 8B records, one
 * without a time, can make one perfect 16-byte record. In a log of any length the margin is hundreds, whatever the
 * counter says.
 */
const MARGIN_OVER_COUNTED_BITS = 4 * MARGIN_BITS
const MIN_EXPLAINED_SHARE = 0.6
/** A slot or an id must name somebody in most records. */
const MIN_READABLE_SHARE = 0.6
/**
 * A clock that lost its battery restarts in 2000, and so does, by the look of it, any time that is read one byte off.
 * Some records may be dated like that; with none dated in earnest nothing is proven. Of the others, random times are in
 * the window by 3 in 10.
 */
const MIN_TIMELY_SHARE = 0.25
const MIN_TIMELY_SHARE_OF_SET = 0.5
/** What a remembered layout needs, of explained and of readable records. */
const MIN_PLAUSIBLE_SHARE = 0.5

/**
 * Proves which layout the records of a log have, from their bytes.
 *
 * Every layout whose size divides the log describes its first and last 50 records in its own words, and the shortest
 * description wins: see attendance-cost.ts. It must beat the bare bytes, explain most records, name somebody and a date
 * in earnest in enough of them, and beat every other layout clearly. A counter that fits speaks for a size; one that
 * does not fit says nothing, since devices report 0 or stale numbers.
 *
 * A multiple of the true size needs no rule of its own: it reads the same first record and then calls the next ones
 * unexplained bytes, for which it pays more than the true size pays for records. Where those bytes are no records (40+n
 * with n of 40), it is the smaller size that pays, for ids and times that are none.
 *
 * A layout remembered for the firmware wins unless the records contradict it or another is proven clearly better, so
 * that a log of one bad record, or a clock that fell back to 2000, does not stop a device that was read before.
 *
 * If the clock of the device is wrong, its records lie outside the window that it spans. Without it the proof is tried
 * again, and must then be twice as strong.
 *
 * @throws CodecError `LAYOUT_UNPROVEN` where no layout passes, `LAYOUT_AMBIGUOUS` where two are too close.
 * Source: docs/protocol/attendance.md, A-14 to A-17.
 */
export function proveLayout(evidence: LayoutEvidence): LayoutProof {
  const layouts = candidateLayouts(evidence.block.length)
  if (layouts.length === 0) {
    throw new CodecError(
      'LAYOUT_UNPROVEN',
      `${evidence.block.length} bytes are no whole number of records of any known size`,
    )
  }
  const window = timeWindow(evidence.deviceTime)
  const readings = readAll(evidence, layouts, window)
  const verdict = judge(readings, { strength: 1, remembered: evidence.remembered })
  if (verdict.winner) return proofOf(verdict.winner, readings, evidence)

  if (window.knownClock) {
    const unclocked = readAll(evidence, layouts, timeWindow(null))
    const second = judge(unclocked, { strength: 2, remembered: evidence.remembered })
    if (second.winner) return proofOf(second.winner, unclocked, evidence)
  }
  const list = readings.slice(0, 4).map(reading => `${reading.layout}: ${reading.score.toFixed(0)}`)
  const problem = verdict.code === 'LAYOUT_AMBIGUOUS' ? 'two record layouts explain' : 'no record layout explains'
  throw new CodecError(
    verdict.code,
    `${problem} the ${evidence.block.length} bytes of the log (bits saved by layout: ${list.join(', ')})`,
  )
}

/** Records that cannot be punches, counted over a whole log. */
export interface FaultCounts {
  readonly records: number
  readonly impossibleDates: number
  readonly noTime: number
  /** No user id, or slot 0 in layouts that have slots alone. */
  readonly emptyIds: number
  readonly unreadableIds: number
}

/** Counts what is wrong in a log, in one fast pass. A record may count twice, for its time and for its id. */
export function countFaults(block: Uint8Array, layout: LayoutName): FaultCounts {
  const size = recordBytes(layout)
  const records = Math.floor(block.length / size)
  let impossibleDates = 0
  let noTime = 0
  let emptyIds = 0
  let unreadableIds = 0
  const timeOffset = timeOffsetOf(layout)
  const judgeId = idJudgeOf(layout)
  for (let at = 0; at < records * size; at += size) {
    const timeFault = packedTimeFault(readU32(block, at + timeOffset))
    if (timeFault === 'NO_TIME') noTime += 1
    else if (timeFault === 'IMPOSSIBLE_DATE') impossibleDates += 1
    const idFault = judgeId(block, at)
    if (idFault === 'EMPTY_USER_ID') emptyIds += 1
    else if (idFault === 'UNREADABLE_USER_ID') unreadableIds += 1
  }
  return { records, impossibleDates, noTime, emptyIds, unreadableIds }
}

/** The earliest time in a log, in one fast pass; null where no record has one. A time that is no moment is passed over. */
export function earliestTime(block: Uint8Array, layout: LayoutName): number | null {
  const size = recordBytes(layout)
  const timeOffset = timeOffsetOf(layout)
  let earliest = Number.POSITIVE_INFINITY
  for (let at = 0; at + size <= block.length; at += size) {
    const packedTime = readU32(block, at + timeOffset)
    if (packedTime < earliest && packedTimeFault(packedTime) === null) earliest = packedTime
  }
  return Number.isFinite(earliest) ? earliest : null
}

/** Every layout of which the log holds a whole number of records. */
function candidateLayouts(blockBytes: number): LayoutName[] {
  const layouts: LayoutName[] = []
  for (let size = 1; size <= Math.min(MAX_RECORD_BYTES, blockBytes); size++) {
    if (blockBytes % size === 0) layouts.push(...layoutsOfSize(size))
  }
  return layouts
}

function readAll(evidence: LayoutEvidence, layouts: readonly LayoutName[], window: TimeWindow): Reading[] {
  const samples = layouts.map(layout => sample(evidence.block, layout, window))
  // Layouts sample different lengths of the log; comparing what they save on the same number of bytes is fair.
  const commonBytes = Math.min(...samples.map(({ bytes }) => bytes))
  return samples
    .map(({ layout, bytes, saved, ...shares }) => {
      const records = evidence.block.length / recordBytes(layout)
      const countExact = explainsCounter(records, evidence)
      const prior = (countExact ? COUNTER_BITS : 0) - rarityBits(layout)
      return { layout, records, score: (saved / bytes) * commonBytes + prior, ...shares, countExact }
    })
    .sort((a, b) => b.score - a.score)
}

function sample(block: Uint8Array, layout: LayoutName, window: TimeWindow) {
  const size = recordBytes(layout)
  const records = block.length / size
  let previous: number | null = null
  let saved = 0
  let sampled = 0
  let explained = 0
  let readable = 0
  let timely = 0
  let unset = 0
  for (let index = 0; index < records; index++) {
    if (index === SAMPLED_RECORDS && records > 2 * SAMPLED_RECORDS) {
      index = records - SAMPLED_RECORDS
      previous = null
    }
    const cost = recordCost({ block, at: index * size, layout, previous, window })
    previous = cost.packedTime
    saved += size * 8 - cost.bits
    sampled += 1
    if (cost.explained) explained += 1
    if (cost.readable) readable += 1
    if (cost.dating === 'timely') timely += 1
    if (cost.dating === 'unset') unset += 1
  }
  return {
    layout,
    bytes: sampled * size,
    saved,
    explainedShare: explained / sampled,
    readableShare: readable / sampled,
    timelyShare: timely / sampled,
    timelyShareOfSet: unset === sampled ? 0 : timely / (sampled - unset),
  }
}

type Verdict = { winner: Reading } | { winner: null; code: 'LAYOUT_UNPROVEN' | 'LAYOUT_AMBIGUOUS' }

function judge(readings: readonly Reading[], rules: { strength: number; remembered: LayoutName | null }): Verdict {
  const proven = (reading: Reading) =>
    reading.score >= PROOF_BITS * rules.strength &&
    reading.explainedShare >= MIN_EXPLAINED_SHARE &&
    reading.readableShare >= MIN_READABLE_SHARE &&
    reading.timelyShare >= MIN_TIMELY_SHARE &&
    reading.timelyShareOfSet >= MIN_TIMELY_SHARE_OF_SET

  const best = readings[0] as Reading
  const isRival = (reading: Reading) =>
    reading !== best &&
    best.score - reading.score <
      (reading.countExact && !best.countExact ? MARGIN_OVER_COUNTED_BITS : MARGIN_BITS) * rules.strength
  const rivals = readings.filter(isRival)
  const clear = proven(best) && rivals.length === 0
  const known = readings.find(reading => reading.layout === rules.remembered)
  if (known && isPlausible(known)) {
    const overruled = clear && best !== known
    if (!overruled) return { winner: known }
  }
  if (clear) return { winner: best }
  const contested = rivals.length > 0 && [best, ...rivals].some(proven)
  return { winner: null, code: contested ? 'LAYOUT_AMBIGUOUS' : 'LAYOUT_UNPROVEN' }
}

/** Whether the records at least do not contradict a layout that was proven before. */
function isPlausible(reading: Reading): boolean {
  const saves = reading.score + rarityBits(reading.layout) > 0
  return saves && reading.explainedShare >= MIN_PLAUSIBLE_SHARE && reading.readableShare >= MIN_PLAUSIBLE_SHARE
}

/**
 * One 16-byte record of somebody who typed a password is, byte for byte, two 8B records of which the second has no
 * time, or one from a clock that restarted. No weighing can tell them apart; a counter of 1 can, and so does the next
 * punch.
 */
function requireUnlikeTwoOf8B(winner: Reading, evidence: LayoutEvidence): void {
  const { block, counterBefore, counterAfter, remembered } = evidence
  const verifyMode = block[9]
  if (winner.layout !== '16' || winner.records !== 1 || verifyMode !== 0 || remembered === '16') return
  if (counterBefore === 1 && (counterAfter ?? 1) === 1) return
  throw new CodecError('LAYOUT_AMBIGUOUS', 'the 16 bytes of the log are one record of layout 16 or two of layout 8B')
}

function proofOf(winner: Reading, readings: readonly Reading[], evidence: LayoutEvidence): LayoutProof {
  requireUnlikeTwoOf8B(winner, evidence)
  return {
    layout: winner.layout,
    recordCount: winner.records,
    scores: readings.map(({ layout, records, score }) => ({ layout, records, score: Math.round(score) })),
    countExact: winner.countExact,
  }
}

function explainsCounter(records: number, { counterBefore, counterAfter }: LayoutEvidence): boolean {
  const counters = [counterBefore, counterAfter].filter(counter => counter !== null)
  return counters.length > 0 && records >= Math.min(...counters) && records <= Math.max(...counters)
}

function rarityBits(layout: LayoutName): number {
  return layout in RARITY_BITS ? RARITY_BITS[layout as keyof typeof RARITY_BITS] : UNNAMED_RARITY_BITS
}

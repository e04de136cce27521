import { DeviceError } from '../../base/errors.ts'
import { announceSdk, type Counters, readCounters } from '../../client/conversations.ts'
import type { DeviceClient } from '../../client/device-client.ts'
import { type Block, type BlockProgress, LENGTH_WORD_BYTES, readWhole } from '../../client/read-block.ts'
import { FIRST_PUNCH } from '../../codec/binary/attendance-cost.ts'
import { countFaults, earliestTime, type FaultCounts, proveLayout } from '../../codec/binary/attendance-layout.ts'
import {
  AttendanceDecoder,
  carriesOnlyUid,
  type LayoutName,
  parseLayoutName,
  recordBytes,
} from '../../codec/binary/attendance-record.ts'
import { Command } from '../../codec/binary/commands.ts'
import { PackedTimeFormatter, packedTimeFault } from '../../codec/binary/packed-time.ts'
import type { CountProof, FullReason, KnownTail, LogRead, LogReadRequest } from '../../model/device-driver.ts'
import { continuityOf, firstIndexOf, goesOnFrom, tailOf } from './log-tail.ts'
import { punchBatches } from './punches.ts'

/**
 * More faulty records than this in one read mean that the layout is wrong, or the memory of the device: then nothing is
 * stored. Firmware produces an impossible date now and then, not one in twenty (docs/protocol/time.md).
 */
const FAULTY_RECORDS_MAX = 16
const FAULTY_SHARE_MAX = 0.05

/** Until the layout is proven, progress assumes the commonest record. */
const USUAL_RECORD_BYTES = 40

/** Answers up to this size come along with the announcement (docs/protocol/attendance.md). */
const INLINE_BYTES_MAX = 1_024

const ATTENDANCE = { command: Command.AttLogRrq, argument: 0, directData: new Uint8Array(0) }

type Request = LogReadRequest & { readonly deviceTime: number | null }

/**
 * Reads the log between two looks at the counter of the device: from the known end on where that is asked for and
 * possible, whole where not; and proves what it holds.
 */
export async function readAttendanceLog(client: DeviceClient, request: Request, signal: AbortSignal): Promise<LogRead> {
  await client.run(announceSdk(), signal)
  const part = await readPart(client, request, signal)
  const after = await client.run(readCounters(), signal)
  const counters = { counterBefore: request.counters.records, counterAfter: after.attendanceRecords }
  if (!part || part.records.length === 0) {
    return emptyLog(request, { ...counters, refused: !part, used: usedByFreeSpace(after) })
  }

  const { records, firstIndex, mode, fullBecause } = part
  const layout = part.layout ?? proveWhole(records, request, counters)
  rejectImplausible(records, layout)
  const size = recordBytes(layout)
  const recordCount = firstIndex + records.length / size
  const known = mode === 'tail' ? null : (request.compareWith ?? request.tail)
  const continuity = mode === 'tail' ? 'intact' : continuityOf(records, known, size)
  return {
    mode,
    // The slice was not what it should have been: either the log is another one, or the device cannot cut it.
    fullBecause: fullBecause === 'log-changed' && continuity === 'intact' ? 'slice-not-honoured' : fullBecause,
    continuity,
    firstIndex,
    layout,
    recordCount,
    received: records.length / size,
    oldestLocalTime: oldestLocalTime(records, layout),
    earliestLocalTime: earliestLocalTime(records, layout),
    tail: tailOf(records, { recordCount, layout, recordBytes: size }),
    ...counters,
    countProof: proveCount({ recordCount, ...counters }),
    needsPeople: carriesOnlyUid(layout),
    batches: ({ breakAt = 0, ...options }) =>
      punchBatches(records, { layout, ...options, breakAt: breakAt - firstIndex }),
  }
}

/** What was taken out of a block: its records without the length word. */
interface Part {
  readonly records: Uint8Array
  readonly firstIndex: number
  readonly mode: 'full' | 'tail'
  readonly fullBecause: FullReason | null
  /** Known already of a tail; a whole log proves its own. */
  readonly layout: LayoutName | null
}

/** The end of the log, if the device cuts it out and it goes on from the known one; everything if not. Null: it has nothing to send. */
async function readPart(client: DeviceClient, request: Request, signal: AbortSignal): Promise<Part | null> {
  const options = { onProgress: progressIn(request) }
  const { tail } = request
  const wholeOf = async (block: Block, fullBecause: FullReason | null): Promise<Part> => {
    const records = (await readWhole(block, signal)).subarray(LENGTH_WORD_BYTES)
    return { records, firstIndex: 0, mode: 'full', fullBecause, layout: null }
  }
  const first = async (block: Block): Promise<Part | 'log-changed' | 'slice-not-honoured'> => {
    if (tail === null) return wholeOf(block, null)
    const place = placeOf(tail, block)
    return typeof place === 'string' ? wholeOf(block, place) : readTail(block, { tail, ...place }, signal)
  }
  const read = await client.withBlock(ATTENDANCE, options, first, signal)
  if (typeof read !== 'string') return read
  // Made ready once more: of a device that cannot cut a slice nobody knows where its next one begins.
  return client.withBlock(ATTENDANCE, options, block => wholeOf(block, read), signal)
}

/** Where the known end begins in a block, or why it cannot be there. */
function placeOf(tail: KnownTail, block: Block): { layout: LayoutName; firstIndex: number } | FullReason {
  if (!block.isBuffered) return block.size <= INLINE_BYTES_MAX ? 'small-log' : 'never-buffered'
  const layout = parseLayoutName(tail.layout)
  if (layout === null) return 'log-changed'
  const recordCount = (block.size - LENGTH_WORD_BYTES) / recordBytes(layout)
  if (!Number.isInteger(recordCount) || recordCount < tail.recordCount) return 'log-changed'
  return { layout, firstIndex: firstIndexOf(tail, recordBytes(layout)) }
}

async function readTail(
  block: Block,
  place: { tail: KnownTail; layout: LayoutName; firstIndex: number },
  signal: AbortSignal,
): Promise<Part | 'log-changed' | 'slice-not-honoured'> {
  const { tail, layout, firstIndex } = place
  try {
    const records = await block.read({ from: LENGTH_WORD_BYTES + firstIndex * recordBytes(layout) }, signal)
    if (!goesOnFrom(records, tail)) return 'log-changed'
    return { records, firstIndex, mode: 'tail', fullBecause: null, layout }
  } catch (error) {
    const isRefused = error instanceof DeviceError && REFUSALS_OF_A_SLICE.has(error.code)
    if (isRefused) return 'slice-not-honoured'
    throw error
  }
}

const REFUSALS_OF_A_SLICE: ReadonlySet<string> = new Set(['COMMAND_FAILED', 'READ_INCOMPLETE'])

function proveWhole(
  records: Uint8Array,
  request: Request,
  counters: { counterBefore: number | null; counterAfter: number | null },
): LayoutName {
  const { deviceTime } = request
  return proveLayout({ block: records, ...counters, deviceTime, remembered: rememberedLayout(request) }).layout
}

function rememberedLayout(request: Request): LayoutName | null {
  return request.rememberedLayout === null ? null : parseLayoutName(request.rememberedLayout)
}

function progressIn(request: Request): (progress: BlockProgress) => void {
  const remembered = rememberedLayout(request)
  const bytesPerRecord = remembered === null ? USUAL_RECORD_BYTES : recordBytes(remembered)
  return ({ bytesReceived, bytesTotal }) =>
    request.onProgress({
      bytesReceived,
      bytesTotal,
      recordsReceived: Math.floor(bytesReceived / bytesPerRecord),
      recordsTotal: Math.floor(bytesTotal / bytesPerRecord),
    })
}

/** Records looked at for a time: a clock that was never set writes the first ones in 2000. */
const OLDEST_AMONG = 50

/**
 * The time of the first record that has one. Later records may say earlier times, where the clock was set back between them: they
 * were made later all the same.
 */
function oldestLocalTime(records: Uint8Array, layout: LayoutName): string | null {
  const decoder = new AttendanceDecoder(layout)
  const end = Math.min(records.length, OLDEST_AMONG * decoder.recordBytes)
  for (let at = 0; at < end; at += decoder.recordBytes) {
    const { packedTime } = decoder.decodeAt(records, at)
    if (packedTimeFault(packedTime) !== null || packedTime < FIRST_PUNCH) continue
    return new PackedTimeFormatter().text(packedTime)
  }
  return null
}

function earliestLocalTime(records: Uint8Array, layout: LayoutName): string | null {
  const packedTime = earliestTime(records, layout)
  return packedTime === null ? null : new PackedTimeFormatter().text(packedTime)
}

/**
 * Whether the counter of the device explains the number of records. Punches made during the read lie between its two
 * values. A counter of 0 beside records is no counter at all; some firmware has none.
 */
export function proveCount(read: {
  recordCount: number
  counterBefore: number | null
  counterAfter: number | null
}): CountProof {
  const { recordCount } = read
  const told = [read.counterBefore, read.counterAfter].filter(counter => counter !== null)
  if (told.length === 0 || (recordCount > 0 && told.every(counter => counter === 0))) return 'announced-size'
  return Math.min(...told) <= recordCount && recordCount <= Math.max(...told) ? 'counter' : 'mismatch'
}

/** "Nothing to send" and "refused" are one answer: only a counter that agrees makes it an empty log. */
function emptyLog(
  request: Request,
  told: {
    counterBefore: number | null
    counterAfter: number | null
    refused: boolean
    used: number
  },
): LogRead {
  const { counterBefore, counterAfter, refused, used } = told
  const countProof = proveCount({ recordCount: 0, counterBefore, counterAfter })
  if (refused && countProof === 'mismatch') {
    throw new DeviceError(
      'COMMAND_FAILED',
      `the device counts ${counterBefore ?? counterAfter} attendance records and refuses to send them`,
    )
  }
  if (used > 0) {
    throw new DeviceError(
      'RECORDS_HIDDEN',
      `the device counts and sends 0 attendance records, but by its free space ${used} are in use`,
    )
  }
  return {
    mode: 'full',
    fullBecause: null,
    continuity: request.compareWith || request.tail ? 'lost' : null,
    firstIndex: 0,
    layout: null,
    recordCount: 0,
    received: 0,
    oldestLocalTime: null,
    earliestLocalTime: null,
    tail: null,
    counterBefore,
    counterAfter,
    countProof,
    needsPeople: false,
    batches: () => [],
  }
}

/** Capacity less what is free; 0 where the device does not tell both. */
function usedByFreeSpace({ attendanceCapacity: capacity, attendanceFree: free }: Counters): number {
  return capacity === null || free === null || capacity === 0 ? 0 : Math.max(0, capacity - free)
}

/** Records of which something is wrong; one may count twice, for its time and for its id. */
export function faultyRecords(faults: FaultCounts): number {
  return faults.impossibleDates + faults.noTime + faults.emptyIds + faults.unreadableIds
}

/** Whether so many records are faulty that nothing of the log can be believed. */
export function areImplausible(faults: FaultCounts): boolean {
  return faultyRecords(faults) > Math.max(FAULTY_RECORDS_MAX, faults.records * FAULTY_SHARE_MAX)
}

function rejectImplausible(records: Uint8Array, layout: LayoutName): void {
  const faults = countFaults(records, layout)
  if (!areImplausible(faults)) return
  const faulty = faultyRecords(faults)
  throw new DeviceError(
    'RECORDS_IMPLAUSIBLE',
    `${faulty} of ${faults.records} records (layout ${layout}) cannot be punches: ${faults.impossibleDates} impossible dates, ` +
      `${faults.noTime} without a time, ${faults.emptyIds + faults.unreadableIds} without a readable user id`,
  )
}

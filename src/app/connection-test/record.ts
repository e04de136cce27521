import { CodecError, DeviceError } from '../../base/errors.ts'
import { readCounters } from '../../client/conversations.ts'
import { attempt, LENGTH_WORD_BYTES, readBuffer } from '../../client/read-block.ts'
import type { Session } from '../../client/session.ts'
import { freeBuffer, type Prepared, prepareBuffer, readDirectly, type TransferOrder } from '../../client/transfers.ts'
import { countFaults, type LayoutProof, proveLayout } from '../../codec/binary/attendance-layout.ts'
import {
  AttendanceDecoder,
  type LogRecord,
  MAX_RECORD_BYTES,
  recordBytes,
} from '../../codec/binary/attendance-record.ts'
import { Command } from '../../codec/binary/commands.ts'
import { PackedTimeFormatter } from '../../codec/binary/packed-time.ts'
import { areImplausible, faultyRecords } from '../../drivers/poll/attendance-log.ts'
import { punchStateWord, verifyModeWord } from '../punch-words.ts'
import { DIRECT_RECORDS_MAX, type VerdictCode } from '../verdicts.ts'
import type { Told } from './questions.ts'
import type { Outcome } from './stages.ts'

/** A log up to this is read whole: over TCP it is one slice. */
const WHOLE_BYTES_MAX = 65_472
/** A direct read comes as a whole, and repeats as a whole. */
const DIRECT_ATTEMPTS = 3
/** Enough for a layout to be proven beyond doubt. */
const SAMPLE_RECORDS = 100
/** A multiple of the sizes of all named layouts (8, 16, 36, 40, 49), for logs of which nothing is known. */
const SAMPLE_BYTES = 35_280

/** Records from one end of the log or both. */
interface Sample {
  /** From the first record on. */
  readonly head: Uint8Array
  /** Up to the last record; null where `head` holds all. */
  readonly tail: Uint8Array | null
  /** All records of the log, by what the device announced. */
  readonly totalBytes: number
  readonly isBuffered: boolean
}

/**
 * The stage of one record: reads as little of the log as proves its layout, and shows the last record of it. Changes nothing on the
 * device.
 *
 * @throws DeviceError `NO_ATTENDANCE_TABLE`, ...; CodecError `LAYOUT_UNPROVEN`, `LAYOUT_AMBIGUOUS`.
 */
export async function lookAtRecord(session: Session, told: Told, signal: AbortSignal): Promise<Outcome> {
  const sample = await readSample(session, told.attendanceRecords, signal)
  if (sample === 'too-large') {
    const details = { attendance_records: told.attendanceRecords }
    return { found: 'not looked at', details, verdicts: ['BUFFER_UNSUPPORTED', 'LOG_NOT_SAMPLED'] }
  }
  if (sample === 'nothing' || sample.totalBytes === 0) return emptyLog(told.attendanceRecords)

  const records = sample.tail === null ? sample.head : joined(sample.head, sample.tail)
  const proof = proveSample(records, { sample, told })
  const count = sample.totalBytes / recordBytes(proof.layout)
  const verdicts = await countVerdicts(session, { count, told }, signal)
  verdicts.push(...faultVerdicts(records, proof))
  if (!sample.isBuffered) verdicts.push('BUFFER_UNSUPPORTED')
  const { record, place } = shownRecord(sample, proof)
  return {
    found: `${recordText(record)}; ${place} of ${count}, layout ${proof.layout}, ${certainty(proof)}`,
    details: {
      ...recordDetails(record),
      place,
      records: count,
      layout: proof.layout,
      layout_margin_bits: marginBits(proof),
      layout_agrees_with_counter: proof.countExact,
    },
    verdicts,
  }
}

async function readSample(
  session: Session,
  counter: number | null,
  signal: AbortSignal,
): Promise<Sample | 'nothing' | 'too-large'> {
  const prepared: Prepared = await session.run(prepareBuffer({ command: Command.AttLogRrq, argument: 0 }), signal)
  switch (prepared.kind) {
    case 'inline':
      return { ...whole(prepared.bytes), isBuffered: true }
    case 'buffered': {
      const sample = await readEnds(session, { size: prepared.size, counter }, signal)
      await session.run(freeBuffer(), signal)
      return sample
    }
    case 'nothing':
    case 'unsupported': {
      if (counter !== null && counter > DIRECT_RECORDS_MAX) return 'too-large'
      const order = orderOf(session)
      const data = new Uint8Array(0)
      const direct = () => readDirectly({ command: Command.AttLogRrq, data, order, onProgress: () => {} })
      const block = await attempt(DIRECT_ATTEMPTS, () => session.run(direct(), signal))
      return block === null ? 'nothing' : { ...whole(block), isBuffered: false }
    }
    default:
      return prepared satisfies never
  }
}

/** Both ends of a buffered log, or all of it where it is small. */
async function readEnds(
  session: Session,
  log: { size: number; counter: number | null },
  signal: AbortSignal,
): Promise<Sample> {
  const { size } = log
  const range = { order: orderOf(session), onProgress: () => {} }
  if (size <= WHOLE_BYTES_MAX) {
    return { ...whole(await readBuffer(session, { from: 0, to: size, ...range }, signal)), isBuffered: true }
  }
  const totalBytes = size - LENGTH_WORD_BYTES
  const sampleBytes = sizeByCounter(totalBytes, log.counter) * SAMPLE_RECORDS || SAMPLE_BYTES
  const head = await readBuffer(session, { from: 0, to: LENGTH_WORD_BYTES + sampleBytes, ...range }, signal)
  return {
    head: head.subarray(LENGTH_WORD_BYTES),
    tail: await readBuffer(session, { from: size - sampleBytes, to: size, ...range }, signal),
    totalBytes,
    isBuffered: true,
  }
}

function orderOf(session: Session): TransferOrder {
  return session.transport === 'tcp' ? 'kept' : 'any'
}

/** Bytes of a record where the counter divides the log; else 0. */
function sizeByCounter(totalBytes: number, counter: number | null): number {
  const bytes = counter ? totalBytes / counter : 0
  return Number.isInteger(bytes) && bytes <= MAX_RECORD_BYTES ? bytes : 0
}

/** @throws DeviceError `READ_INCOMPLETE` where the length word is not the length of what follows. */
function whole(block: Uint8Array): Omit<Sample, 'isBuffered'> {
  const head = block.subarray(LENGTH_WORD_BYTES)
  const isWord = block.length >= LENGTH_WORD_BYTES
  const announced = isWord ? new DataView(block.buffer, block.byteOffset).getUint32(0, true) : null
  if (announced !== head.length) {
    const says = announced === null ? 'no length' : `that ${announced} bytes of records follow`
    throw new DeviceError('READ_INCOMPLETE', `the log says ${says}, and ${head.length} came`)
  }
  return { head, tail: null, totalBytes: head.length }
}

function emptyLog(counter: number | null): Outcome {
  if (!counter) return { found: 'the log is empty', details: { records: 0 }, verdicts: ['LOG_EMPTY'] }
  throw new DeviceError('COMMAND_FAILED', `the device counts ${counter} attendance records and refuses to send them`)
}

/** Proves the layout, by the counter as far as it can speak of these records. */
function proveSample(records: Uint8Array, { sample, told }: { sample: Sample; told: Told }): LayoutProof {
  const { tail, totalBytes } = sample
  const counted = sizeByCounter(totalBytes, told.attendanceRecords)
  const countedInSample = counted > 0 ? records.length / counted : null
  const counter = tail === null ? told.attendanceRecords : countedInSample
  const proof = proveLayout({
    block: records,
    counterBefore: counter,
    counterAfter: counter,
    deviceTime: told.packedTime,
    remembered: null,
  })
  if (Number.isInteger(totalBytes / recordBytes(proof.layout))) return proof
  throw new CodecError(
    'LAYOUT_UNPROVEN',
    `the records look like layout ${proof.layout}, of which ${totalBytes} bytes are no whole number`,
  )
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}

/** Whether the counter explains the number of records. Somebody may have punched meanwhile, so it is asked again. */
async function countVerdicts(
  session: Session,
  { count, told }: { count: number; told: Told },
  signal: AbortSignal,
): Promise<VerdictCode[]> {
  const before = told.attendanceRecords
  if (before === null || before === count) return []
  const { attendanceRecords: after } = await session.run(readCounters(), signal)
  if (before === 0 && !after) return ['COUNTER_ZERO']
  const isExplained = after !== null && Math.min(before, after) <= count && count <= Math.max(before, after)
  return isExplained ? [] : ['COUNT_MISMATCH']
}

function faultVerdicts(records: Uint8Array, { layout }: LayoutProof): VerdictCode[] {
  const faults = countFaults(records, layout)
  if (faultyRecords(faults) === 0) return []
  return [areImplausible(faults) ? 'RECORDS_IMPLAUSIBLE' : 'RECORDS_FAULTY']
}

/** The last record where the end of the log is readable, which on most devices is the newest; else the first. */
function shownRecord(sample: Sample, { layout }: LayoutProof): { record: LogRecord; place: 'last' | 'first' } {
  const decoder = new AttendanceDecoder(layout)
  const bytes = recordBytes(layout)
  const end = sample.tail ?? sample.head
  const last = decoder.decodeAt(end, end.length - bytes)
  const isSound = last.userIdFault === null && new PackedTimeFormatter().text(last.packedTime) !== null
  if (isSound) return { record: last, place: 'last' }
  return { record: decoder.decodeAt(sample.head, 0), place: 'first' }
}

function recordText(record: LogRecord): string {
  const who = record.userId === '' ? `slot ${record.uid}` : `user ${record.userId}`
  const time = new PackedTimeFormatter().text(record.packedTime) ?? 'no time'
  return `${who}, ${time}, ${punchStateWord(record.punchState)}, ${verifyModeWord(record.verifyMode)}`
}

function recordDetails(record: LogRecord) {
  return {
    device_user_id: record.userId === '' ? null : record.userId,
    uid: record.uid,
    local_time: new PackedTimeFormatter().text(record.packedTime),
    punch_state: record.punchState,
    verify_mode: record.verifyMode,
    work_code: record.workCode,
  }
}

/** By how many bits the layout explains the records better than the next best one; null where no other fits. */
function marginBits({ scores }: LayoutProof): number | null {
  const [best, next] = scores
  return best && next ? best.score - next.score : null
}

function certainty(proof: LayoutProof): string {
  const margin = marginBits(proof)
  const next = proof.scores[1]
  const lead = margin === null || !next ? 'no other fits' : `${margin} bits ahead of ${next.layout}`
  return `proven (${lead}${proof.countExact ? ', the counter agrees' : ''})`
}

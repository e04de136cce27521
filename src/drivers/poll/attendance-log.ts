import { DeviceError } from '../../base/errors.ts'
import { readCounters } from '../../client/conversations.ts'
import type { DeviceClient } from '../../client/device-client.ts'
import { LENGTH_WORD_BYTES } from '../../client/read-block.ts'
import { countFaults, proveLayout } from '../../codec/binary/attendance-layout.ts'
import { type LayoutName, parseLayoutName, recordBytes } from '../../codec/binary/attendance-record.ts'
import { Command } from '../../codec/binary/commands.ts'
import type { CountProof, LogRead, LogReadRequest } from '../../model/device-driver.ts'
import { punchBatches } from './punches.ts'

/**
 * More faulty records than this in one read mean that the layout is wrong, or the memory of the device: then nothing is
 * stored. Firmware produces an impossible date now and then, not one in twenty (docs/protocol/time.md).
 */
const FAULTY_RECORDS_MAX = 16
const FAULTY_SHARE_MAX = 0.05

/** Until the layout is proven, progress assumes the commonest record. */
const USUAL_RECORD_BYTES = 40

/** Reads the whole log between two looks at the counter of the device, and proves what it holds. */
export async function readAttendanceLog(
  client: DeviceClient,
  request: LogReadRequest & { deviceTime: number | null },
  signal: AbortSignal,
): Promise<LogRead> {
  const before = await client.run(readCounters(), signal)
  const remembered = request.rememberedLayout === null ? null : parseLayoutName(request.rememberedLayout)
  const bytesPerRecord = remembered === null ? USUAL_RECORD_BYTES : recordBytes(remembered)
  const block = await client.readBlock(
    { command: Command.AttLogRrq, argument: 0, directData: new Uint8Array(0) },
    {
      onProgress: ({ bytesReceived, bytesTotal }) =>
        request.onProgress({
          bytesReceived,
          bytesTotal,
          recordsReceived: Math.floor(bytesReceived / bytesPerRecord),
          recordsTotal: before.attendanceRecords || Math.floor(bytesTotal / bytesPerRecord),
        }),
    },
    signal,
  )
  const after = await client.run(readCounters(), signal)
  const counters = { counterBefore: before.attendanceRecords, counterAfter: after.attendanceRecords }
  const { bytesReceived } = client.counters
  const records = block?.subarray(LENGTH_WORD_BYTES)
  if (!records || records.length === 0) return emptyLog({ ...counters, refused: !records }, bytesReceived)

  const proof = proveLayout({ block: records, ...counters, deviceTime: request.deviceTime, remembered })
  rejectImplausible(records, proof.layout)
  return {
    layout: proof.layout,
    recordCount: proof.recordCount,
    ...counters,
    countProof: proveCount({ recordCount: proof.recordCount, ...counters }),
    bytesReceived,
    needsPeople: proof.layout === '8A' || proof.layout === '8B',
    batches: options => punchBatches(records, { layout: proof.layout, ...options }),
  }
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
  told: { counterBefore: number | null; counterAfter: number | null; refused: boolean },
  bytesReceived: number,
): LogRead {
  const { counterBefore, counterAfter, refused } = told
  const countProof = proveCount({ recordCount: 0, counterBefore, counterAfter })
  if (refused && countProof === 'mismatch') {
    throw new DeviceError(
      'COMMAND_FAILED',
      `the device counts ${counterBefore ?? counterAfter} attendance records and refuses to send them`,
    )
  }
  return {
    layout: null,
    recordCount: 0,
    counterBefore,
    counterAfter,
    countProof,
    bytesReceived,
    needsPeople: false,
    batches: () => [],
  }
}

function rejectImplausible(records: Uint8Array, layout: LayoutName): void {
  const faults = countFaults(records, layout)
  const faulty = faults.impossibleDates + faults.noTime + faults.emptyIds + faults.unreadableIds
  if (faulty <= Math.max(FAULTY_RECORDS_MAX, faults.records * FAULTY_SHARE_MAX)) return
  throw new DeviceError(
    'RECORDS_IMPLAUSIBLE',
    `${faulty} of ${faults.records} records (layout ${layout}) cannot be punches: ${faults.impossibleDates} impossible dates, ` +
      `${faults.noTime} without a time, ${faults.emptyIds + faults.unreadableIds} without a readable user id`,
  )
}

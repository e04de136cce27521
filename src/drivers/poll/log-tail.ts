import type { Continuity, KnownTail } from '../../model/device-driver.ts'

/**
 * Records at the end of a log that are kept, and read again by the next tail: enough that chance cannot make another log
 * look like this one, few enough that a poll with news stays below 4 KiB.
 */
const TAIL_RECORDS = 20

/** The end of `records`, of which `recordCount` stand in the log in all; null where there are none. */
export function tailOf(
  records: Uint8Array,
  log: { recordCount: number; layout: string; recordBytes: number },
): KnownTail | null {
  const { recordCount, layout, recordBytes } = log
  if (records.length === 0) return null
  return { recordCount, layout, records: records.slice(-TAIL_RECORDS * recordBytes) }
}

/** The index of the first record of a known tail. */
export function firstIndexOf(tail: KnownTail, recordBytes: number): number {
  return tail.recordCount - tail.records.length / recordBytes
}

/** Whether a tail that was read begins with the records that are known to stand there. */
export function goesOnFrom(slice: Uint8Array, tail: KnownTail): boolean {
  return equalAt(slice, 0, tail.records)
}

/** How a whole log stands to the end that it had. */
export function continuityOf(records: Uint8Array, tail: KnownTail | null, recordBytes: number): Continuity {
  if (!tail || tail.records.length === 0) return null
  if (tail.records.length % recordBytes !== 0) return 'lost'
  if (equalAt(records, firstIndexOf(tail, recordBytes) * recordBytes, tail.records)) return 'intact'
  return standsElsewhere(records, tail.records, recordBytes) ? 'moved' : 'lost'
}

/** Older records go first where a log makes room, so the known end may have lost its beginning. Its last record must be there. */
function standsElsewhere(records: Uint8Array, known: Uint8Array, recordBytes: number): boolean {
  const last = known.subarray(-recordBytes)
  for (let at = 0; at + recordBytes <= records.length; at += recordBytes) {
    if (!equalAt(records, at, last)) continue
    const bytes = Math.min(at + recordBytes, known.length)
    if (equalAt(records, at + recordBytes - bytes, known.subarray(known.length - bytes))) return true
  }
  return false
}

function equalAt(block: Uint8Array, at: number, bytes: Uint8Array): boolean {
  if (at < 0 || at + bytes.length > block.length) return false
  return Buffer.compare(block.subarray(at, at + bytes.length), bytes) === 0
}

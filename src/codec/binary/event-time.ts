import { CodecError } from '../../base/errors.ts'
import { formatLocalTime, type LocalTime } from './packed-time.ts'

export const EVENT_TIME_BYTES = 6

/**
 * Decodes the time of an event: year - 2000, month, day, hour, minute, second, one plain binary byte each, not BCD. Any
 * six bytes decode, into a date that may not exist.
 *
 * @throws CodecError `REPLY_DATA` unless there are six bytes.
 * Source: docs/protocol/time.md, T-6; capture `rt-att32-f19`.
 */
export function decodeEventTime(bytes: Uint8Array): LocalTime {
  if (bytes.length !== EVENT_TIME_BYTES) {
    throw new CodecError('REPLY_DATA', `the time of an event has ${EVENT_TIME_BYTES} bytes, got ${bytes.length}`)
  }
  const [year, month, day, hour, minute, second] = bytes as unknown as [number, number, number, number, number, number]
  return { year: 2000 + year, month, day, hour, minute, second }
}

/** @throws CodecError `TIME_RANGE` where a field does not fit its byte. */
export function encodeEventTime(time: LocalTime): Uint8Array {
  const fields = [time.year - 2000, time.month, time.day, time.hour, time.minute, time.second]
  if (fields.some(field => !Number.isInteger(field) || field < 0 || field > 0xff)) {
    throw new CodecError('TIME_RANGE', `${formatLocalTime(time)} has no event form`)
  }
  return Uint8Array.from(fields)
}

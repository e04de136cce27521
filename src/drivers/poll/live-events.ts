import { CodecError } from '../../base/errors.ts'
import { PUNCH_EVENTS } from '../../client/conversations.ts'
import type { DeviceEvent } from '../../client/event-inbox.ts'
import {
  encodePackedTime,
  existsInCalendar,
  formatLocalTime,
  type LocalTime,
  packedTimeFault,
} from '../../codec/binary/packed-time.ts'
import { type AttendanceEvent, decodeAttendanceEvents } from '../../codec/binary/realtime-event.ts'
import { userIdFault } from '../../codec/binary/text.ts'
import type { LiveEvents } from '../../model/device-driver.ts'
import type { Punch } from '../../model/punch.ts'

/**
 * What events say of punches. An event that leaves a question makes the log be read, and is no punch by itself: its record will
 * say whose it is (docs/protocol/realtime.md, R-4 to R-6).
 *
 * @param known.layout of the records of the device: `007` in a record may be 7 in an event, which would be somebody else
 */
export function readEvents(
  events: readonly DeviceEvent[],
  known: { dropped: number; layout: string | null },
): Omit<LiveEvents, 'acknowledge'> {
  const { dropped, layout } = known
  const punches: Punch[] = []
  let unclear = dropped > 0 ? `${dropped} events came faster than they could be taken` : null
  for (const event of events) {
    // Other kinds were not asked for. Some firmware sends them all the same; they are acknowledged and mean no punch.
    if (event.kind !== PUNCH_EVENTS) continue
    for (const told of eventsIn(event.data)) {
      const doubt = typeof told === 'string' ? told : doubtOf(told, layout)
      if (doubt === null) punches.push(punchOf(told as AttendanceEvent))
      else unclear ??= doubt
    }
  }
  return { punches, unclear }
}

function eventsIn(data: Uint8Array): Array<AttendanceEvent | string> {
  try {
    return decodeAttendanceEvents(data)
  } catch (error) {
    if (error instanceof CodecError) return [error.message]
    throw error
  }
}

/** Why an event alone does not say whose punch it is, or whether it is one; null where it does. */
function doubtOf(event: AttendanceEvent, layout: string | null): string | null {
  if (!event.accepted) return 'a person was refused'
  if (event.uid !== null) return 'the event may name a slot in place of a user id'
  const isNumber = event.raw.length === NUMERIC_EVENT_BYTES
  if (layout === null || isNumber !== NUMERIC_LAYOUTS.has(layout))
    return 'the event writes user ids in another way than the log'
  if (!isMoment(event.time)) return 'the time of the event does not exist'
  return userIdFault(idBytesOf(event)) === null ? null : 'the event names nobody'
}

/** As for records: the first second of 2000 is what a record without a time looks like in an event. */
function isMoment(time: LocalTime): boolean {
  return existsInCalendar(time) && packedTimeFault(encodePackedTime(time)) === null
}

/** The text of an id, or the digits of one that came as a number. */
function idBytesOf(event: AttendanceEvent): Uint8Array {
  return event.raw.length === NUMERIC_EVENT_BYTES ? Buffer.from(event.userId) : event.raw.subarray(0, USER_ID_BYTES)
}

function punchOf(event: AttendanceEvent): Punch {
  return {
    userId: event.userId,
    localTime: formatLocalTime(event.time),
    punchState: event.punchState,
    verifyMode: event.verifyMode,
    workCode: event.workCode,
    layout: `event-${event.raw.length}`,
    raw: event.raw,
  }
}

/** Layouts of records whose user ids are numbers, be it by the list of users. */
const NUMERIC_LAYOUTS: ReadonlySet<string> = new Set(['16', '8A', '8B'])
/** The form with a user id of 32 bits. */
const NUMERIC_EVENT_BYTES = 12
const USER_ID_BYTES = 24

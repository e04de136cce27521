import { CodecError } from '../../base/errors.ts'
import { decodeEventTime, EVENT_TIME_BYTES, encodeEventTime } from './event-time.ts'
import { readU16, readU32, requireUnsigned, writeU16, writeU32 } from './integers.ts'
import type { LocalTime } from './packed-time.ts'
import { decodeText, encodeTextField } from './text.ts'

/** One punch as a device tells it at the moment it happens. */
export interface AttendanceEvent {
  /** As text; digits in the short forms, and empty there for 0. */
  readonly userId: string
  /** In the forms of 10 and 14 bytes the number may be a slot: it is given here too. Null in the others. */
  readonly uid: number | null
  readonly verifyMode: number
  readonly punchState: number
  /** False where the person was recognised and refused; the device may have stored no record then. */
  readonly accepted: boolean
  /** May be a date that does not exist. */
  readonly time: LocalTime
  /** 0 where the form has none. */
  readonly workCode: number
  /** A view on the bytes it was decoded from. */
  readonly raw: Uint8Array
}

interface EventForm {
  readonly id: 'u16' | 'u32' | 'text'
  readonly idBytes: number
  readonly hasWorkCode: boolean
}

const USER_ID_BYTES = 24

/** Several events in one packet are of this length each; only the last may be of another. */
const REPEATED_EVENT_BYTES = 52

/** The forms by their length. What a form has beyond its known fields is kept in `raw`. */
const FORMS: Readonly<Record<number, EventForm>> = {
  10: { id: 'u16', idBytes: 2, hasWorkCode: false },
  12: { id: 'u32', idBytes: 4, hasWorkCode: false },
  14: { id: 'u16', idBytes: 2, hasWorkCode: false },
  32: { id: 'text', idBytes: USER_ID_BYTES, hasWorkCode: false },
  36: { id: 'text', idBytes: USER_ID_BYTES, hasWorkCode: true },
  37: { id: 'text', idBytes: USER_ID_BYTES, hasWorkCode: true },
  [REPEATED_EVENT_BYTES]: { id: 'text', idBytes: USER_ID_BYTES, hasWorkCode: true },
}

const REFUSED_BIT = 0x80
const STATE_BITS = 0x0f
/** No state; it has the refused bit set without meaning it. */
const NO_STATE = 0xff

/**
 * Decodes the data of an attendance event packet.
 *
 *    0  u16, u32 or 24 B  user id    by length: 10 and 14, 12, 32 and more
 *    .  u8                verify mode
 *    .  u8                state      bit 7 set, and not 255: refused, state in the low 4 bits
 *    .  6 B               time       see {@link decodeEventTime}
 *    .  u32               work code  36 bytes and more
 *    .  ...               1 byte in 37, 16 in 52, 4 in 14: unexplained
 *
 * A packet may hold several events: 52 bytes are taken as long as there are that many, then the rest is one event.
 *
 * @throws CodecError `REPLY_DATA` for a length that no known firmware sends. It is not guessed at: an ordinary read of
 * the log will bring the punch.
 * Source: docs/protocol/realtime.md, R-4 to R-6; captures `rt-att32-f19`, `rt-att12`.
 */
export function decodeAttendanceEvents(data: Uint8Array): AttendanceEvent[] {
  const repeated = Math.floor(data.length / REPEATED_EVENT_BYTES) * REPEATED_EVENT_BYTES
  const rest = data.length - repeated
  if (data.length === 0 || (rest > 0 && !FORMS[rest])) {
    throw new CodecError('REPLY_DATA', `an attendance event of ${data.length} bytes has no known form`)
  }
  const events: AttendanceEvent[] = []
  for (let at = 0; at < repeated; at += REPEATED_EVENT_BYTES) {
    events.push(decodeOne(data.subarray(at, at + REPEATED_EVENT_BYTES)))
  }
  if (rest > 0) events.push(decodeOne(data.subarray(repeated)))
  return events
}

/**
 * The bytes of one event in the form of that length. Starts from `raw` where it has that length, so that unexplained
 * bytes stay as they came.
 *
 * @throws CodecError `REPLY_DATA` for an unknown form, `FIELD_TOO_LONG` or `TIME_RANGE` for a value that does not fit.
 */
export function encodeAttendanceEvent(
  event: Omit<AttendanceEvent, 'raw' | 'uid'> & { readonly raw?: Uint8Array },
  lengthBytes: number,
): Uint8Array {
  const form = FORMS[lengthBytes]
  if (!form) throw new CodecError('REPLY_DATA', `an attendance event of ${lengthBytes} bytes has no known form`)
  const bytes = event.raw?.length === lengthBytes ? event.raw.slice() : new Uint8Array(lengthBytes)
  if (readUserId(bytes, form) !== event.userId) writeUserId(bytes, event.userId, form)
  requireUnsigned({ name: 'verify mode', value: event.verifyMode, bits: 8 })
  requireUnsigned({ name: 'punch state', value: event.punchState, bits: 8 })
  bytes[form.idBytes] = event.verifyMode
  writeState(bytes, form.idBytes + 1, event)
  bytes.set(encodeEventTime(event.time), form.idBytes + 2)
  if (form.hasWorkCode) {
    requireUnsigned({ name: 'work code', value: event.workCode, bits: 32 })
    writeU32(bytes, form.idBytes + 2 + EVENT_TIME_BYTES, event.workCode)
  }
  return bytes
}

/** Whether one attendance event can have this length. */
export function isAttendanceEventLength(lengthBytes: number): boolean {
  return Object.hasOwn(FORMS, lengthBytes)
}

function decodeOne(bytes: Uint8Array): AttendanceEvent {
  const form = FORMS[bytes.length] as EventForm
  const afterId = form.idBytes
  const timeAt = afterId + 2
  return {
    userId: readUserId(bytes, form),
    uid: form.id === 'u16' ? readU16(bytes, 0) : null,
    verifyMode: bytes[afterId] as number,
    ...readState(bytes[afterId + 1] as number),
    time: decodeEventTime(bytes.subarray(timeAt, timeAt + EVENT_TIME_BYTES)),
    workCode: form.hasWorkCode ? readU32(bytes, timeAt + EVENT_TIME_BYTES) : 0,
    raw: bytes,
  }
}

function readState(byte: number): { punchState: number; accepted: boolean } {
  const refused = (byte & REFUSED_BIT) !== 0 && byte !== NO_STATE
  return { punchState: refused ? byte & STATE_BITS : byte, accepted: !refused }
}

/** Bits 4 to 6 of a refused state are unexplained, so a byte that already says the same is left alone. */
function writeState(bytes: Uint8Array, at: number, state: { punchState: number; accepted: boolean }): void {
  const there = readState(bytes[at] as number)
  if (there.punchState === state.punchState && there.accepted === state.accepted) return
  const byte = state.accepted ? state.punchState : REFUSED_BIT | state.punchState
  const back = readState(byte)
  if (back.punchState !== state.punchState || back.accepted !== state.accepted) {
    throw new CodecError('FIELD_TOO_LONG', `punch state ${state.punchState} has no form in an event`)
  }
  bytes[at] = byte
}

function readUserId(bytes: Uint8Array, form: EventForm): string {
  if (form.id === 'text') return decodeText(bytes.subarray(0, USER_ID_BYTES))
  const id = form.id === 'u16' ? readU16(bytes, 0) : readU32(bytes, 0)
  return id === 0 ? '' : String(id)
}

function writeUserId(bytes: Uint8Array, userId: string, form: EventForm): void {
  if (form.id === 'text') {
    bytes.set(encodeTextField({ name: 'user id', text: userId, widthBytes: USER_ID_BYTES }), 0)
    return
  }
  const id = userId === '' ? 0 : Number(userId)
  if (userId !== '' && String(id) !== userId) {
    throw new CodecError('FIELD_TOO_LONG', `user id ${userId} has no form in an event that carries a number`)
  }
  requireUnsigned({ name: 'user id', value: id, bits: form.id === 'u16' ? 16 : 32 })
  if (form.id === 'u16') writeU16(bytes, 0, id)
  else writeU32(bytes, 0, id)
}

import type { Clock } from '../../base/clock.ts'
import { CodecError } from '../../base/errors.ts'
import { PUNCH_EVENTS, readCounters, registerEvents } from '../../client/conversations.ts'
import type { DeviceEvent } from '../../client/event-inbox.ts'
import type { Session } from '../../client/session.ts'
import { formatLocalTime } from '../../codec/binary/packed-time.ts'
import { type AttendanceEvent, decodeAttendanceEvents } from '../../codec/binary/realtime-event.ts'
import type { Transport } from '../../model/device.ts'
import { punchStateWord, verifyModeWord } from '../punch-words.ts'
import type { Outcome } from './stages.ts'

/** Longer events than known ones have are shown up to here. */
const SHOWN_BYTES = 64

export interface PunchWait {
  readonly waitMs: number
  readonly clock: Clock
  /** Told once the device has taken the wish for events, so that somebody may punch. */
  readonly onReady: (transport: Transport) => void
}

/** The stage of a live punch: waits until the device tells one. A punch stays in the log of the device, whatever is told. */
export async function awaitPunch(session: Session, wait: PunchWait, signal: AbortSignal): Promise<Outcome> {
  const before = (await session.run(readCounters(), signal)).attendanceRecords
  if (!(await session.run(registerEvents(PUNCH_EVENTS), signal))) {
    return { found: 'the device does not take the wish for events', verdicts: ['EVENTS_REFUSED'] }
  }
  wait.onReady(session.transport)
  const startedMs = wait.clock.monotonicMs()
  const event = await nextPunch(session, wait, signal)
  const waitedMs = Math.round(wait.clock.monotonicMs() - startedMs)
  if (event) {
    session.acknowledge(event)
    return told(event, waitedMs)
  }
  const after = (await session.run(readCounters(), signal)).attendanceRecords
  const counted = before !== null && after !== null && after > before ? after - before : 0
  const found = `nothing was told within ${Math.round(wait.waitMs / 1000)} s`
  const details = { waited_ms: waitedMs, punches_counted: counted }
  if (counted === 0) return { found, details, verdicts: ['NO_PUNCH'] }
  return { found: `${found}, and the counter grew by ${counted}`, details, verdicts: ['EVENTS_SILENT'] }
}

/** The first event of a punch; others are none of our business. Null when the time is up. */
async function nextPunch(session: Session, wait: PunchWait, signal: AbortSignal): Promise<DeviceEvent | null> {
  const untilMs = wait.clock.monotonicMs() + wait.waitMs
  for (;;) {
    const leftMs = untilMs - wait.clock.monotonicMs()
    if (leftMs <= 0) return null
    const { events } = await session.takeEvents(leftMs, signal)
    const punch = events.find(event => event.kind === PUNCH_EVENTS)
    if (punch) return punch
  }
}

function told({ data }: DeviceEvent, waitedMs: number): Outcome {
  const details = { waited_ms: waitedMs, event_bytes: data.length }
  let events: AttendanceEvent[]
  try {
    events = decodeAttendanceEvents(data)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    const hex = Buffer.from(data.subarray(0, SHOWN_BYTES)).toString('hex')
    return {
      found: `a punch in ${data.length} bytes, which no known form has: ${hex}`,
      details: { ...details, event_hex: hex },
      verdicts: ['EVENT_UNKNOWN'],
    }
  }
  const [event] = events as [AttendanceEvent, ...AttendanceEvent[]]
  const localTime = formatLocalTime(event.time)
  const state = punchStateWord(event.punchState)
  const refused = event.accepted ? '' : ', recognised and refused'
  return {
    found: `user ${event.userId}, ${localTime}, ${state}, ${verifyModeWord(event.verifyMode)}${refused}; told in ${data.length} bytes`,
    details: {
      ...details,
      device_user_id: event.userId,
      local_time: localTime,
      punch_state: event.punchState,
      verify_mode: event.verifyMode,
      accepted: event.accepted,
    },
  }
}

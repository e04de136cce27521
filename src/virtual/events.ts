import { Command, EventFlag } from '../codec/binary/commands.ts'
import { decodePackedTime } from '../codec/binary/packed-time.ts'
import { encodeAttendanceEvent } from '../codec/binary/realtime-event.ts'
import type { OutgoingPacket, PeerInside, Session } from './exchange.ts'
import type { RecordDraft } from './record-draft.ts'
import type { EventBytes } from './settings.ts'

/** The data of the event that tells a punch. The forms of 10 and 14 bytes name the slot, the others the user id. */
export function attendanceEventData(draft: RecordDraft, lengthBytes: EventBytes): Uint8Array {
  return encodeAttendanceEvent(
    {
      userId: lengthBytes === 12 || lengthBytes >= 32 ? draft.userId : String(draft.uid),
      verifyMode: draft.verifyMode,
      punchState: draft.punchState,
      accepted: true,
      time: decodePackedTime(draft.packedTime),
      workCode: draft.workCode,
    },
    lengthBytes,
  )
}

/** An event: the flag stands where replies have the session, and the reply id is the number in the cache, or 0. */
export function eventPacket(data: Uint8Array, replyId: number): OutgoingPacket {
  return { command: Command.RegisterEvents, sessionId: EventFlag.Attendance, replyId, data }
}

/** Cached firmware numbers its events from 0 to 79. */
const CACHE_SLOTS = 80

/** How soon an event that was not acknowledged is sent again, and how often at most. */
const REPEAT_MS = 3_000
const REPEATS_MAX = 20

/** The events of one session that wait for their acknowledgement. */
export class EventCache {
  readonly #peer: PeerInside
  readonly #waiting = new Set<number>()
  #next = 0

  constructor(peer: PeerInside) {
    this.#peer = peer
  }

  send(data: Uint8Array): void {
    const index = this.#next
    this.#next = (this.#next + 1) % CACHE_SLOTS
    this.#waiting.add(index)
    this.#peer.emit([eventPacket(data, index)])
    this.#repeat({ data, index, times: REPEATS_MAX })
  }

  /** Whether an event of that number was waiting. Any other number is ignored. */
  acknowledge(index: number): boolean {
    return this.#waiting.delete(index)
  }

  #repeat(event: { data: Uint8Array; index: number; times: number }): void {
    if (event.times === 0) return
    this.#peer.emitLater(REPEAT_MS, () => {
      if (!this.#waiting.has(event.index)) return []
      this.#repeat({ ...event, times: event.times - 1 })
      return [eventPacket(event.data, event.index)]
    })
  }
}

/** Whether a session asked for punches. */
export function wantsAttendance(session: Session | null): boolean {
  if (!session?.isAuthenticated) return false
  return (session.eventMask & EventFlag.Attendance) !== 0
}

import type { Clock } from '../base/clock.ts'
import type { LocalTime } from '../codec/binary/packed-time.ts'
import type { Packet } from '../codec/binary/packet.ts'
import type { Content } from './content.ts'
import type { DeviceClock } from './device-clock.ts'
import type { AttendanceMemory } from './log.ts'
import type { RecordDraft, VirtualPunch } from './record-draft.ts'
import type { Settings } from './settings.ts'
import type { DeviceStats } from './stats.ts'
import type { UserTable } from './users.ts'

/** A packet on its way out. `afterMs`: it waits that long behind the packet before it, and all behind it wait too. */
export interface OutgoingPacket extends Packet {
  readonly afterMs?: number
}

/** A session as the device remembers it: for each TCP connection, and for each UDP address and port. */
export interface Session {
  readonly id: number
  isAuthenticated: boolean
  lastReplyId: number
  /** What is sent again when the last request comes again. */
  lastReply: Packet | null
  /** What 1503 prepared and 1504 reads. */
  buffer: Content | null
  eventMask: number
}

/** What commands and behaviours may do with the peer that sent a request. */
export interface PeerInside {
  readonly transport: 'tcp' | 'udp'
  readonly session: Session | null
  /** Nothing on this connection is answered any more, and it is not closed either. */
  isDeaf: boolean
  /** Opens a session, or gives the one that this peer already has. */
  openSession(options: { replyId: number; isAuthenticated: boolean }): Session
  /** Ends the session as `CMD_EXIT` does; the connection is closed once everything answered has left, or kept. */
  finish(connection: 'close' | 'keep'): void
  /** Sends packets that answer no request, now or after a while; not once the connection is closed. */
  emit(packets: readonly OutgoingPacket[]): void
  emitLater(ms: number, packets: () => readonly OutgoingPacket[]): void
  /** Does something at the device, and gives the packets that would have been emitted here meanwhile. */
  collect(action: () => void): OutgoingPacket[]
}

/** A request that belongs to a session, or is about to open one. */
export interface Request {
  readonly command: number
  readonly sessionId: number
  readonly replyId: number
  readonly data: Uint8Array
  readonly peer: PeerInside
}

/** What somebody does at the device. Without `at`, now, by its own clock. */
export interface PunchInput {
  readonly userId: string
  readonly verifyMode?: number | undefined
  readonly punchState?: number | undefined
  readonly workCode?: number | undefined
  readonly at?: LocalTime | undefined
}

/** The device as its commands and behaviours see it. */
export interface DeviceInside {
  readonly settings: Settings
  readonly clock: Clock
  readonly time: DeviceClock
  readonly stats: DeviceStats
  readonly users: UserTable
  readonly log: AttendanceMemory
  readonly options: Map<string, string>
  readonly isEnabled: boolean
  readonly peers: Iterable<PeerInside>
  readonly asksForKey: boolean
  /** Where "only new records" reads begin when the option DownloadNewLog is 1. */
  downloadMarker: number
  /** The next free session id; ids look like a counter of seconds. */
  nextSessionId(): number
  disable(options: { forMs: number | null }): void
  enable(): void
  /** Somebody punches. `null` when nothing was stored: the log is full, or the device disabled. */
  punch(input: PunchInput): VirtualPunch | null
  /** Somebody, anybody of its people, punches now. */
  punchBySomebody(): VirtualPunch | null
  store(draft: RecordDraft): VirtualPunch | null
  clearLog(): void
  wipe(): void
  /** Loses its sessions and connections, as when the plug is pulled; log, users and options stay. */
  powerCycle(): void
  /** The words of the free sizes, as many as the firmware counts. */
  freeSizes(): Uint32Array
  /** The user list as bytes, one record behind the other. */
  userRecords(): Uint8Array
}

/** An answer with the session and the reply id of the request. */
export function replyTo(request: Request, command: number, data: Uint8Array = NO_DATA): OutgoingPacket {
  return { command, sessionId: request.peer.session?.id ?? request.sessionId, replyId: request.replyId, data }
}

export const NO_DATA: Uint8Array = new Uint8Array(0)

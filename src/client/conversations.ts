import { CodecError, DeviceError } from '../base/errors.ts'
import { scrambleCommKey } from '../codec/binary/comm-key.ts'
import { Command, Reply } from '../codec/binary/commands.ts'
import { ATTENDANCE_RECORDS_WORD, decodeFreeSizes, type FreeSizes } from '../codec/binary/free-sizes.ts'
import { encodeU32 } from '../codec/binary/integers.ts'
import { decodeOption, encodeOption, encodeOptionRequest } from '../codec/binary/options.ts'
import type { Packet } from '../codec/binary/packet.ts'
import { decodeText } from '../codec/binary/text.ts'
import type { Conversation } from './conversation.ts'
import { courtesy } from './courtesy.ts'
import { replyError } from './reply-errors.ts'

/** A device that is there answers a connect at once; one whose menu is open, or that another program holds, never does. */
const CONNECT_TIMEOUT_MS = 5_000
/** Saying goodbye must not hold anybody up. */
const EXIT_TIMEOUT_MS = 2_000
/** A lost goodbye would leave the session on the device. */
const EXIT_REPEAT_MS = 600

/**
 * Opens the session and authenticates. The comm key goes out only when the device asks, and then also when it is 0: some
 * firmware asks for key 0 too (docs/protocol/session.md).
 *
 * @throws DeviceError `COMM_KEY_REFUSED`, `COMM_KEY_LOCKED`, `ENCRYPTED_LINK`, ...
 */
export function* connect(options: { commKey: number; tick: number }): Conversation<void> {
  const hello = yield { command: Command.Connect, timeoutMs: CONNECT_TIMEOUT_MS }
  if (hello.command === Reply.Ok) return
  if (hello.command !== Reply.Unauthorized) throw replyError(Command.Connect, hello)
  const { commKey, tick } = options
  const data = scrambleCommKey({ commKey, sessionId: hello.sessionId, tick })
  const verdict = yield { command: Command.Auth, data }
  if (verdict.command === Reply.Ok) return
  if (verdict.command !== Reply.Unauthorized) throw replyError(Command.Auth, verdict)
  throw new DeviceError(
    'COMM_KEY_REFUSED',
    commKey === 0 ? 'the device demands a comm key, and none is set' : 'the device rejected the comm key',
  )
}

/** Tells the device that an SDK speaks. Whatever it answers is right, and nothing too: devices work without. */
export function* announceSdk(): Conversation<void> {
  yield* courtesy({ command: Command.OptionsWrq, data: encodeOption({ key: 'SDKBuild', value: '1' }) })
}

/** Frees the session on the device. Any answer will do. */
export function* exit(): Conversation<void> {
  yield { command: Command.Exit, timeoutMs: EXIT_TIMEOUT_MS, repeatMs: EXIT_REPEAT_MS }
}

/** The text of an option; null where the firmware does not know it or leaves it empty. */
export function* readOption(key: string): Conversation<string | null> {
  const reply = yield { command: Command.OptionsRrq, data: encodeOptionRequest(key) }
  if (isRefusal(reply)) return null
  if (reply.command !== Reply.Ok) throw replyError(Command.OptionsRrq, reply)
  return decodeOption(reply.data).text.trim() || null
}

/** The firmware as it names itself, such as `Ver 6.60 Apr 26 2016`; null where it does not tell. */
export function* readFirmware(): Conversation<string | null> {
  const reply = yield { command: Command.GetVersion }
  if (isRefusal(reply)) return null
  if (reply.command !== Reply.Ok) throw replyError(Command.GetVersion, reply)
  return decodeText(reply.data).trim() || null
}

/** The clock of the device as a packed time; null where it cannot be read. */
export function* readTime(): Conversation<number | null> {
  const reply = yield { command: Command.GetTime }
  if (isRefusal(reply)) return null
  if (reply.command !== Reply.Ok) throw replyError(Command.GetTime, reply)
  if (reply.data.length < 4) return null
  const { data } = reply
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(0, true)
}

/** Sets the clock of the device, at once. @throws DeviceError `COMMAND_FAILED` and others where it refuses. */
export function* setTime(packedTime: number): Conversation<void> {
  const reply = yield { command: Command.SetTime, data: encodeU32(packedTime) }
  if (reply.command !== Reply.Ok) throw replyError(Command.SetTime, reply)
}

/** Punches alone: each kind of event owes an acknowledgement, and nothing else is wanted. */
export const PUNCH_EVENTS = 0x0001

/**
 * Asks the device to tell events of the kinds in `mask` as they happen; 0 ends it. False where the firmware cannot.
 *
 * Source: docs/protocol/realtime.md, R-1.
 */
export function* registerEvents(mask: number): Conversation<boolean> {
  const reply = yield { command: Command.RegisterEvents, data: encodeU32(mask) }
  if (reply.command === Reply.Ok) return true
  if (isRefusal(reply)) return false
  throw replyError(Command.RegisterEvents, reply)
}

export interface Counters {
  /** Attendance records; null where the firmware tells nothing that can be used. */
  readonly attendanceRecords: number | null
  readonly users: number | null
  readonly attendanceCapacity: number | null
  /** Room for more attendance records; on some firmware it contradicts the count. */
  readonly attendanceFree: number | null
}

/**
 * The counters of the device. Minimal firmware answers one word; asked for the attendance word alone it may tell that. A
 * word of 0 from such firmware is "not told": it also says 0 while records exist.
 */
export function* readCounters(): Conversation<Counters> {
  const reply = yield { command: Command.GetFreeSizes }
  const sizes = sizesFrom(reply)
  if (sizes && sizes.attendanceRecords !== null) {
    return {
      attendanceRecords: sizes.attendanceRecords,
      users: sizes.users,
      attendanceCapacity: sizes.attendanceCapacity,
      attendanceFree: sizes.attendanceFree,
    }
  }
  const single = yield { command: Command.GetFreeSizes, data: Uint8Array.of(ATTENDANCE_RECORDS_WORD) }
  const told = single.command === Reply.Ok && single.data.length === 4 ? sizesFrom(single)?.words[0] : undefined
  return { attendanceRecords: told || null, users: null, attendanceCapacity: null, attendanceFree: null }
}

function sizesFrom(reply: Packet): FreeSizes | null {
  if (isRefusal(reply)) return null
  if (reply.command !== Reply.Ok) throw replyError(Command.GetFreeSizes, reply)
  try {
    return decodeFreeSizes(reply.data)
  } catch (error) {
    // A form of the answer that is not known counts nothing; the announced size of the log then decides.
    if (error instanceof CodecError) return null
    throw error
  }
}

function isRefusal(reply: Packet): boolean {
  return reply.command === Reply.Error || reply.command === Reply.Unknown || reply.command === Reply.ErrorCommand
}

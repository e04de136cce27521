import { decodePrepareBuffer } from '../binary/bulk.ts'
import { Command } from '../binary/commands.ts'
import { decodeOption, decodeOptionRequest } from '../binary/options.ts'
import type { Packet } from '../binary/packet.ts'

/**
 * Requests whose data, and those of whose answers, hold neither a comm key nor a password, template or name. Whatever is not
 * known to be harmless is masked.
 */
const HARMLESS: ReadonlySet<number> = new Set([
  Command.AttLogRrq,
  Command.AttLogByTime,
  Command.ReadNew,
  Command.ClearAttLog,
  Command.GetFreeSizes,
  Command.State,
  Command.GetPinWidth,
  Command.GetTime,
  Command.SetTime,
  Command.RegisterEvents,
  Command.Connect,
  Command.Exit,
  Command.EnableDevice,
  Command.DisableDevice,
  Command.Restart,
  Command.PowerOff,
  Command.RefreshData,
  Command.RefreshOptions,
  Command.GetVersion,
  Command.FreeData,
])

/** What a device can be asked to buffer that holds punches alone. */
const HARMLESS_BUFFERS: ReadonlySet<number> = new Set([Command.AttLogRrq, Command.AttLogByTime, Command.ReadNew])

/** Options whose value opens something: the comm key (`COMKey`), passwords of the web page and of networks. */
const SECRET_OPTION = /key|pwd|pass|secret|token|psk/i

/** How much of a request, and of what answers it, may be recorded. */
export type RequestKind = 'harmless' | 'secret-answer' | 'secret' | 'users' | 'prepare' | 'slice'

export function requestKind({ command, data }: Packet): RequestKind {
  if (HARMLESS.has(command)) return 'harmless'
  switch (command) {
    case Command.OptionsRrq:
      return SECRET_OPTION.test(decodeOptionRequest(data)) ? 'secret-answer' : 'harmless'
    case Command.OptionsWrq:
      return isSecretOption(data) ? 'secret' : 'harmless'
    case Command.UserTempRrq:
      return 'users'
    case Command.PrepareBuffer:
      return 'prepare'
    case Command.ReadBuffer:
      return 'slice'
    default:
      return 'secret'
  }
}

/** Whether the answer to a harmless request is a list of punches, or a part of one. */
export function answersWithList(command: number): boolean {
  return HARMLESS_BUFFERS.has(command) || command === Command.ReadBuffer
}

/** What a `CMD_PREPARE_BUFFER` asks for. */
export function bufferKind(data: Uint8Array): 'harmless' | 'users' | 'secret' {
  try {
    const { command } = decodePrepareBuffer(data)
    if (HARMLESS_BUFFERS.has(command)) return 'harmless'
    return command === Command.UserTempRrq ? 'users' : 'secret'
  } catch {
    return 'secret'
  }
}

function isSecretOption(data: Uint8Array): boolean {
  try {
    return SECRET_OPTION.test(decodeOption(data).key)
  } catch {
    return true
  }
}

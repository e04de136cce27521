import { Command, Reply } from '../../codec/binary/commands.ts'
import { decodePackedTime } from '../../codec/binary/packed-time.ts'
import { decodeUserRecord } from '../../codec/binary/user-record.ts'
import { LENGTH_WORD_BYTES } from '../content.ts'
import { type Request, replyTo } from '../exchange.ts'
import type { Handler } from './handler.ts'

/** States of `CMD_STATE_RRQ`, carried in the session field of the answer. */
const STATE = { waiting: 0, busy: 4 } as const

/** The clock, the counters, the sensor, and everything that changes what the device holds. */
export const controlCommands: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [Command.GetTime, (request, device) => [replyTo(request, Reply.Ok, wordBytes(device.time.packed()))]],
  [
    Command.SetTime,
    (request, device) => {
      const packed = firstWord(request.data)
      if (packed === null) return [replyTo(request, Reply.Error)]
      device.stats.timeWrites++
      device.time.set(decodePackedTime(packed))
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [
    Command.GetFreeSizes,
    (request, device) => {
      const words = device.freeSizes()
      const [index] = request.data
      if (request.data.length === 1 && index !== undefined)
        return [replyTo(request, Reply.Ok, wordBytes(words[index] ?? 0))]
      const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
      return [replyTo(request, Reply.Ok, bytes.slice(0, device.settings.sizesBytes))]
    },
  ],
  [
    Command.State,
    (request, device) => {
      const state = device.isEnabled ? STATE.waiting : STATE.busy
      return [{ ...replyTo(request, Reply.Ok), sessionId: state }]
    },
  ],
  [
    Command.DisableDevice,
    (request, device) => {
      const seconds = firstWord(request.data) ?? 0
      device.stats.disables++
      device.disable({ forMs: seconds > 0 ? seconds * 1000 : null })
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [
    Command.EnableDevice,
    (request, device) => {
      device.stats.enables++
      device.enable()
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [
    Command.ClearAttLog,
    (request, device) => {
      device.stats.clears++
      device.clearLog()
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [
    Command.ClearData,
    (request, device) => {
      device.stats.wipes++
      device.wipe()
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [Command.RefreshData, request => [replyTo(request, Reply.Ok)]],
  [
    Command.UserWrq,
    (request, device) => {
      const layout = device.settings.userLayout
      if (request.data.length !== layout) return [replyTo(request, Reply.Error)]
      const { uid, userId, name, privilege } = decodeUserRecord(request.data, layout)
      device.stats.userWrites++
      device.users.put({ uid, userId, name, privilege })
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [
    Command.DeleteUser,
    (request, device) => {
      device.stats.userWrites++
      const uid = (request.data[0] ?? 0) | ((request.data[1] ?? 0) << 8)
      return [replyTo(request, device.users.remove(uid) ? Reply.Ok : Reply.Error)]
    },
  ],
  // The power goes before the acknowledgement could leave, as on most units.
  [Command.Restart, (_, device) => restart(device)],
  [Command.PowerOff, (_, device) => restart(device)],
  [
    Command.RegisterEvents,
    (request: Request) => {
      const mask = firstWord(request.data)
      if (request.peer.session === null || mask === null) return [replyTo(request, Reply.Error)]
      request.peer.session.eventMask = mask
      return [replyTo(request, Reply.Ok)]
    },
  ],
])

function restart(device: Parameters<Handler>[1]): [] {
  device.stats.restarts++
  device.powerCycle()
  return []
}

function firstWord(data: Uint8Array): number | null {
  if (data.length < LENGTH_WORD_BYTES) return null
  return new DataView(data.buffer, data.byteOffset).getUint32(0, true)
}

function wordBytes(word: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, word, true)
  return bytes
}

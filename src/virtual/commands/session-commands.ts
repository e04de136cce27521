import { scrambleCommKey } from '../../codec/binary/comm-key.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import { type DeviceInside, type Request, replyTo } from '../exchange.ts'
import type { Handler } from './handler.ts'

/** The scrambled comm key is four bytes; the third is the tick that the client chose. */
const KEY_BYTES = 4
const TICK_OFFSET = 2

/** Opens and ends sessions. */
export const sessionCommands: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [
    Command.Connect,
    (request, device) => {
      const { replyId, peer } = request
      const session = peer.openSession({ replyId, isAuthenticated: !device.asksForKey })
      return [replyTo(request, session.isAuthenticated ? Reply.Ok : Reply.Unauthorized)]
    },
  ],
  [
    Command.Auth,
    (request, device) => {
      const { session } = request.peer
      if (session === null) return []
      if (isRightKey(request, device)) session.isAuthenticated = true
      else device.stats.refusedKeys++
      return [replyTo(request, session.isAuthenticated ? Reply.Ok : Reply.Unauthorized)]
    },
  ],
  [
    Command.Exit,
    (request, device) => {
      const reply = replyTo(request, Reply.Ok)
      device.stats.exits++
      request.peer.finish('close')
      return [reply]
    },
  ],
])

function isRightKey(request: Request, device: DeviceInside): boolean {
  const tick = request.data[TICK_OFFSET]
  if (request.data.length < KEY_BYTES || tick === undefined) return false
  const right = scrambleCommKey({ commKey: device.settings.commKey, sessionId: request.sessionId, tick })
  return right.every((byte, index) => index === TICK_OFFSET || byte === request.data[index])
}

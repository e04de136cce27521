import type { MakeBehaviour } from '../behaviour.ts'
import type { OutgoingPacket, PeerInside, Request } from '../exchange.ts'
import { isTransfer, type TrailingField, trailingValue } from '../transfer.ts'

/** The acknowledgement that ends a transfer: what it carries, and when it comes. */
export const trailingBehaviours = {
  'trailing-ack-session': () => carrying('session'),
  'trailing-ack-index': () => carrying('index'),
  'trailing-ack-bytes': () => carrying('bytes'),
  'trailing-ack-late': ({ value }) => ({
    alter: (reply, request) => {
      const acknowledgement = reply.at(-1)
      if (!isTransfer(reply) || acknowledgement === undefined) return reply
      request.peer.emitLater(value, () => [acknowledgement])
      return reply.slice(0, -1)
    },
  }),
  'trailing-ack-after-next-answer': () => {
    const held = new WeakMap<PeerInside, OutgoingPacket[]>()
    return {
      alter: (reply, { peer }) => {
        const owed = held.get(peer) ?? []
        held.set(peer, isTransfer(reply) ? reply.slice(-1) : [])
        return [...(isTransfer(reply) ? reply.slice(0, -1) : reply), ...owed]
      },
    }
  },
  'no-trailing-ack': () => ({ alter: reply => (isTransfer(reply) ? reply.slice(0, -1) : reply) }),
} as const satisfies Record<string, MakeBehaviour>

function carrying(field: TrailingField): { alter(reply: OutgoingPacket[], request: Request): OutgoingPacket[] } {
  return {
    alter: (reply, request) => {
      const acknowledgement = reply.at(-1)
      if (!isTransfer(reply) || acknowledgement === undefined) return reply
      const packets = reply.slice(0, -1)
      const sessionId = trailingValue(field, { packets, session: request.sessionId })
      return [...packets, { ...acknowledgement, sessionId }]
    },
  }
}

import { Command, Reply } from '../../codec/binary/commands.ts'
import type { MakeBehaviour } from '../behaviour.ts'
import { replyTo } from '../exchange.ts'

/** No form of an event has this length. */
const UNKNOWN_EVENT_BYTES = 41

/** How punches are told over an open connection. */
export const eventBehaviours = {
  'events-cached': () => ({ cachesEvents: true }),
  'events-refused': () => ({
    answer: request => (request.command === Command.RegisterEvents ? [replyTo(request, Reply.Unknown)] : null),
  }),
  'events-never-sent': () => ({
    answer: request => (request.command === Command.RegisterEvents ? [replyTo(request, Reply.Ok)] : null),
  }),
  'unknown-event-length': () => ({
    shapeEvent: data => {
      const shaped = new Uint8Array(UNKNOWN_EVENT_BYTES)
      shaped.set(data.subarray(0, UNKNOWN_EVENT_BYTES))
      return shaped
    },
  }),
} as const satisfies Record<string, MakeBehaviour>

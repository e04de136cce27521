import type { MakeBehaviour } from '../behaviour.ts'

/** No form of an event has this length. */
const UNKNOWN_EVENT_BYTES = 41

/** How punches are told over an open connection. */
export const eventBehaviours = {
  'events-cached': () => ({ cachesEvents: true }),
  'unknown-event-length': () => ({
    shapeEvent: data => {
      const shaped = new Uint8Array(UNKNOWN_EVENT_BYTES)
      shaped.set(data.subarray(0, UNKNOWN_EVENT_BYTES))
      return shaped
    },
  }),
} as const satisfies Record<string, MakeBehaviour>

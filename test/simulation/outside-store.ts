import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { SecretBox, Store } from '../../src/model/store.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface StoreParts {
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly secrets: SecretBox
  readonly onStatement?: (sql: string) => void
}

/** A database on a server as one process reaches it. */
export interface SimulatedServer {
  open(parts: StoreParts): Promise<Store>
  /** All connections to it are gone; new ones can be made. */
  cut(): void
}

/**
 * A store on a server in the real world, for a simulation: the time of `clock` stands still while a call is under way. The store
 * tells the time of the simulation, and the pause after a collision is a real one, since another process has to end meanwhile.
 */
export async function openOutsideStore(
  server: SimulatedServer,
  parts: StoreParts,
  clock: VirtualClock,
): Promise<Store> {
  const mixed = { now: () => clock.now(), sleep: systemClock.sleep.bind(systemClock) }
  return outside(await clock.outside(server.open({ ...parts, clock: mixed })), clock)
}

/** `part`, each call of which counts as work outside; and so for the parts that it has. */
function outside<Part extends object>(part: Part, clock: VirtualClock): Part {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value === 'function') {
        return (...parameters: unknown[]) => counted(Reflect.apply(value, target, parameters), clock)
      }
      return typeof value === 'object' && value !== null ? outside(value, clock) : value
    },
  })
}

function counted(result: unknown, clock: VirtualClock): unknown {
  if (result instanceof Promise) return clock.outside(result)
  return isAsyncIterable(result) ? countedItems(result, clock) : result
}

async function* countedItems(items: AsyncIterable<unknown>, clock: VirtualClock): AsyncGenerator<unknown> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await clock.outside(iterator.next())
      if (next.done) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

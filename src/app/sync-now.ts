import type { SyncEvent } from '../sync/events.ts'
import type { Rollcall } from './rollcall.ts'

/** Each costs one socket and at most one log in memory; more wait for their turn. */
const AT_ONCE = 8

interface SyncNowTold {
  readonly onBegin: (deviceId: number) => void
  readonly onEvent: (event: SyncEvent) => void
  /** However it ended. */
  readonly onEnd: (deviceId: number) => void
}

/**
 * Syncs that people ask for, in this process: whoever presses the button need not know whether a worker of the queue runs anywhere. The
 * lease of the device keeps them apart from everybody else, and they are as urgent as a pass by hand: a listener gives way to them.
 */
export class SyncNow implements AsyncDisposable {
  readonly #engine: ReturnType<Rollcall['engine']>
  readonly #end = new AbortController()
  readonly #log: Rollcall['base']['log']
  /** Waiting or under way. */
  readonly #wanted = new Set<number>()
  readonly #waiting: number[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #told: SyncNowTold

  constructor(rollcall: Pick<Rollcall, 'engine' | 'base'>, told: SyncNowTold) {
    this.#engine = rollcall.engine({ onEvent: told.onEvent })
    this.#told = told
    this.#log = rollcall.base.log
  }

  /** Begins a sync of a device, unless one is wanted already. */
  begin(deviceId: number): 'started' | 'running' {
    if (this.#wanted.has(deviceId)) return 'running'
    this.#wanted.add(deviceId)
    this.#waiting.push(deviceId)
    this.#next()
    return 'started'
  }

  /** Ends those under way: what they have stored stays, and the next read of the device goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting.length = 0
    this.#end.abort(new Error('the server ends'))
    await Promise.all(this.#running)
  }

  #next(): void {
    if (this.#end.signal.aborted || this.#running.size >= AT_ONCE) return
    const deviceId = this.#waiting.shift()
    if (deviceId === undefined) return
    const run = this.#sync(deviceId).finally(() => {
      this.#wanted.delete(deviceId)
      this.#running.delete(run)
      this.#next()
    })
    this.#running.add(run)
  }

  async #sync(deviceId: number): Promise<void> {
    this.#told.onBegin(deviceId)
    try {
      await this.#engine.syncOnce({ deviceIds: [deviceId] }, this.#end.signal)
    } catch (error) {
      // The list of devices could not be read. A run that fails is told by the engine.
      if (!this.#end.signal.aborted) this.#log.error(`Device ${deviceId} was not synced: ${String(error)}`)
    } finally {
      this.#told.onEnd(deviceId)
    }
  }
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, sleepWith, systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { type Address, type Link, type LinkHandlers, type Network, nodeNetwork } from '../../src/client/network.ts'
import { PollDriver } from '../../src/drivers/poll/poll-driver.ts'
import type { Device, Transport } from '../../src/model/device.ts'
import type { Store } from '../../src/model/store.ts'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { SyncEngine, type SyncSummary } from '../../src/sync/engine.ts'
import type { SyncEvent } from '../../src/sync/events.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import { assertTruth, storedOf } from '../simulation/truth.ts'

/** A device has heard of a closed connection by then. */
const HANGUP_MS = 2_000

/** A Monday morning; any would do. */
const START_MS = Date.parse('2026-03-02T07:00:00Z')

/** The real client, driver, engine and SQLite file, and the sockets of this machine, all of them watched. */
export class LoopbackScene implements AsyncDisposable {
  readonly network = new WatchedNetwork(nodeNetwork)
  readonly clock: WatchedClock
  readonly events: SyncEvent[] = []
  readonly store: Store
  readonly entry: Device
  readonly #folder: string
  readonly #engine: SyncEngine

  private constructor(parts: { store: Store; entry: Device; folder: string; clock: Clock }) {
    this.store = parts.store
    this.entry = parts.entry
    this.#folder = parts.folder
    this.clock = new WatchedClock(parts.clock)
    const base = { clock: this.clock, random: systemRandom, log: silentLog }
    this.#engine = new SyncEngine({
      store: parts.store,
      driver: new PollDriver({ network: this.network, base }),
      base,
      holder: 'loopback',
      isHolderDead: () => false,
      onEvent: event => this.events.push(event),
    })
  }

  /** A fresh database that knows one device, at a port of this machine. */
  static async open(options: { port: number; transport: Transport; clock?: Clock }): Promise<LoopbackScene> {
    const clock = options.clock ?? systemClock
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-loopback-'))
    const store = await openSqliteStore({
      path: join(folder, 'rollcall.db'),
      clock,
      secrets: { seal: text => text, open: sealed => sealed },
    })
    const { port, transport } = options
    const entry = await store.devices.add({
      name: 'Gate',
      host: '127.0.0.1',
      port,
      transport,
      timezone: 'UTC',
      isActive: true,
      isLive: false,
      setsClock: false,
      commKey: 0,
    })
    return new LoopbackScene({ store, entry, folder, clock })
  }

  sync(): Promise<SyncSummary> {
    return this.#engine.syncOnce({}, new AbortController().signal)
  }

  /** The code of the last failure, as the run stands in the database and as it was told; null where the last run ended well. */
  async lastCode(): Promise<string | null> {
    const [run] = await this.store.punches.runs({ limit: 1 })
    const told = this.events.findLast(event => event.event === 'device.failed' || event.event === 'device.synced')
    const code = told?.event === 'device.failed' ? told.code : null
    assert.equal(run?.error?.code ?? null, code, 'the run and the event say the same')
    return code
  }

  /** Everything that stands in the log is stored once, and nothing else. */
  async assertStored(device: VirtualDevice): Promise<void> {
    assertTruth(device, await storedOf(this.store, this.entry.id), { missing: 'none' })
  }

  /** Everybody is known by the name that the device has. */
  async assertNames(device: VirtualDevice): Promise<void> {
    const spans = await this.store.people.spans(this.entry.id)
    const known = spans.map(({ uid, userId, name }) => ({ uid, userId, name })).sort((a, b) => a.uid - b.uid)
    assert.deepEqual(
      known,
      device.users.list().map(({ uid, userId, name }) => ({ uid, userId, name })),
    )
  }

  /** No link, no timer, and on the side of the device no connection and no session. */
  async assertNothingOpen(device: VirtualDevice): Promise<void> {
    assert.equal(this.network.openLinks, 0, 'a link is open')
    assert.equal(this.clock.waiting, 0, 'a timer is set')
    const giveUpMs = systemClock.monotonicMs() + HANGUP_MS
    while (device.stats.openConnections > 0 && systemClock.monotonicMs() < giveUpMs) await systemClock.sleep(1)
    assert.equal(device.stats.openConnections, 0, 'the device has a connection')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true })
  }
}

/** The device was only read: nothing was disabled, deleted, written or marked, and each session ended with a goodbye. */
export function assertGentle(device: VirtualDevice): void {
  const { stats } = device
  assert.deepEqual(
    [stats.disables, stats.clears, stats.wipes, stats.userWrites, stats.timeWrites, stats.restarts, stats.markerMoves],
    [0, 0, 0, 0, 0, 0, 0],
  )
  assert(stats.maxOpenConnections <= 1, 'the device saw two connections at once')
}

/** A clock that runs faster than time until it is calmed: for timeouts of minutes on real sockets. */
export class HurriedClock implements Clock {
  #factor: number
  #sinceMs = systemClock.monotonicMs()
  #goneMs = 0

  constructor(factor: number) {
    this.#factor = factor
  }

  /** From now on it runs as time does, so that a busy machine runs into no timeout. */
  calm(): void {
    this.#goneMs = this.monotonicMs()
    this.#sinceMs = systemClock.monotonicMs()
    this.#factor = 1
  }

  now(): number {
    return START_MS + this.monotonicMs()
  }

  monotonicMs(): number {
    return this.#goneMs + (systemClock.monotonicMs() - this.#sinceMs) * this.#factor
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepWith(this, ms, signal)
  }

  after(ms: number, callback: () => void): Disposable {
    return systemClock.after(ms / this.#factor, callback)
  }
}

/** Counts the timers that are set. */
class WatchedClock implements Clock {
  readonly #inner: Clock
  readonly #timers = new Set<object>()

  constructor(inner: Clock) {
    this.#inner = inner
  }

  get waiting(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#inner.now()
  }

  monotonicMs(): number {
    return this.#inner.monotonicMs()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepWith(this, ms, signal)
  }

  after(ms: number, callback: () => void): Disposable {
    const key = {}
    this.#timers.add(key)
    const timer = this.#inner.after(ms, () => {
      this.#timers.delete(key)
      callback()
    })
    return {
      [Symbol.dispose]: () => {
        this.#timers.delete(key)
        timer[Symbol.dispose]()
      },
    }
  }
}

/** Counts the links that are open, and notes how long each piece was that came in. */
class WatchedNetwork implements Network {
  readonly reads: number[] = []
  readonly #inner: Network
  readonly #open = new Set<object>()

  constructor(inner: Network) {
    this.#inner = inner
  }

  get openLinks(): number {
    return this.#open.size
  }

  get bytesRead(): number {
    return this.reads.reduce((sum, bytes) => sum + bytes, 0)
  }

  openTcp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    return this.#watch(this.#inner.openTcp, { address, handlers, signal })
  }

  openUdp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    return this.#watch(this.#inner.openUdp, { address, handlers, signal })
  }

  async #watch(
    open: Network['openTcp'],
    { address, handlers, signal }: { address: Address; handlers: LinkHandlers; signal: AbortSignal },
  ): Promise<Link> {
    const key = {}
    const watched: LinkHandlers = {
      onData: bytes => {
        this.reads.push(bytes.length)
        handlers.onData(bytes)
      },
      onEnd: error => {
        this.#open.delete(key)
        handlers.onEnd(error)
      },
    }
    const link = await open.call(this.#inner, address, watched, signal)
    this.#open.add(key)
    return {
      send: bytes => link.send(bytes),
      close: () => {
        this.#open.delete(key)
        link.close()
      },
    }
  }
}

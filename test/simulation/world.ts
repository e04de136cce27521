import type { Base } from '../../src/base/base.ts'
import { silentLog } from '../../src/base/log.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { Network } from '../../src/client/network.ts'
import { PollDriver } from '../../src/drivers/poll/poll-driver.ts'
import type { Device } from '../../src/model/device.ts'
import type { SecretBox, Store } from '../../src/model/store.ts'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { SyncEngine } from '../../src/sync/engine.ts'
import type { SyncEvent } from '../../src/sync/events.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { type Attachment, SimulatedNetwork } from '../../src/virtual/network.ts'
import type { Transports, VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import { FailingNetwork } from './failing-network.ts'
import { openOutsideStore, type SimulatedServer } from './outside-store.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A Monday morning; any would do. */
const START_MS = Date.parse('2026-03-02T07:00:00Z')

const PORT = 4370

/** Secrets of a simulation are nobody's. */
const PLAIN_SECRETS: SecretBox = { seal: text => `plain:${text}`, open: sealed => sealed.slice('plain:'.length) }

type AttachOptions = VirtualDeviceOptions & { host: string; transports: Transports; records?: number }

export interface WorldOptions {
  readonly seed: number
  /** A file of SQLite for worlds that must survive a crash; memory otherwise. */
  readonly path?: string
  /** A database on a real server instead. */
  readonly server?: SimulatedServer
  readonly onStatement?: (sql: string) => void
  /** A Monday morning, unless another instant matters. */
  readonly startMs?: number
  /** Stands between the process and the network, to see what passes. */
  readonly watch?: (wire: Network) => Network
  /** Told of each event of the engine as it happens. */
  readonly onEvent?: (event: SyncEvent) => void
}

/** The real engine, driver, client and store, a simulated network, and a clock that moves only when nothing else does. */
export class World implements AsyncDisposable {
  readonly clock: VirtualClock
  readonly network: SimulatedNetwork
  readonly base: Base
  readonly events: SyncEvent[] = []
  readonly warnings: string[] = []
  readonly #options: WorldOptions
  /** The network as the process under test has it; a new process gets a new one. */
  wire: FailingNetwork
  #store: Store | null = null
  #processes = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.clock = new VirtualClock(options.startMs ?? START_MS)
    const random = seededRandom(options.seed)
    this.network = new SimulatedNetwork({ clock: this.clock, random })
    this.wire = new FailingNetwork(this.network)
    this.base = { clock: this.clock, random, log: { ...silentLog, warn: text => void this.warnings.push(text) } }
  }

  /** A device on the network, with its log filled; not yet in the database. */
  attach(options: AttachOptions): VirtualDevice {
    return this.attachPluggable(options).device
  }

  /** The same, with its cable in hand. */
  attachPluggable(options: AttachOptions): { device: VirtualDevice; attachment: Attachment } {
    const device = new VirtualDevice(options, { clock: this.clock })
    if (options.records) device.fillLog(options.records)
    return { device, attachment: this.network.attach({ host: options.host, port: PORT }, device, options.transports) }
  }

  async add(host: string, transport: 'auto' | 'tcp' | 'udp' = 'auto', commKey = 0): Promise<Device> {
    const store = await this.store()
    const wishes = { isActive: true, isLive: false, setsClock: false }
    return store.devices.add({ name: host, host, port: PORT, transport, timezone: 'UTC', commKey, ...wishes })
  }

  async store(): Promise<Store> {
    const { path = ':memory:', server, onStatement } = this.#options
    const parts = { clock: this.clock, secrets: PLAIN_SECRETS, ...(onStatement ? { onStatement } : {}) }
    this.#store ??= server
      ? await openOutsideStore(server, parts, this.clock)
      : await openSqliteStore({ path, ...parts })
    return this.#store
  }

  /** An engine as a new process would have it. It knows every earlier process to be dead. */
  async engine(options: { dead?: 'all-earlier' | 'none'; concurrency?: number } = {}): Promise<SyncEngine> {
    const holder = `process ${++this.#processes}`
    const own = this.#processes
    return new SyncEngine({
      store: await this.store(),
      driver: new PollDriver({ network: this.#options.watch?.(this.wire) ?? this.wire, base: this.base }),
      base: this.base,
      holder,
      isHolderDead: other => options.dead !== 'none' && Number(other.split(' ')[1]) < own,
      ...(options.concurrency ? { concurrency: options.concurrency } : {}),
      onEvent: event => {
        this.events.push(event)
        this.#options.onEvent?.(event)
      },
    })
  }

  /** Lets `work` go on, and time pass whenever everything waits for it. */
  run<Result>(work: Promise<Result>): Promise<Result> {
    return this.clock.run(work)
  }

  /** The process is gone with its connections, its store is closed; what comes next is another process. */
  async crash(): Promise<void> {
    this.wire.die()
    this.wire = new FailingNetwork(this.network)
    this.#options.server?.cut()
    await this.#store?.[Symbol.asyncDispose]()
    this.#store = null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.[Symbol.asyncDispose]()
  }
}

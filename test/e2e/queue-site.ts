import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openReader } from '../../src/app/database.ts'
import { openQueue } from '../../src/app/queue.ts'
import { openRollcall, type Rollcall } from '../../src/app/rollcall.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { JobQueue } from '../../src/model/job-queue.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../../src/virtual/listen.ts'

const ROLLCALL = resolve(import.meta.dirname, '../../rollcall')
/** Five seconds are promised; the rest is for a machine that is shared. */
const END_MS_MAX = 8_000
const LOOK_MS = 50

export interface SiteDevice {
  readonly id: number
  readonly device: VirtualDevice
}

export interface SiteDeviceOptions {
  readonly seed: number
  readonly records: number
  readonly packetPauseMs?: number
  /** What the devices ask for. Their entries have none. */
  readonly commKey?: number
}

/** A command of the site under way, and what it has printed. */
export class SiteProcess {
  readonly child: ChildProcess
  output = ''
  readonly #ended: Promise<number | null>

  constructor(child: ChildProcess) {
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    }
    this.#ended = once(child, 'close').then(([code]) => code as number | null)
  }

  /** @returns its exit status; null where a signal ended it. */
  ended(): Promise<number | null> {
    return this.#ended
  }

  /** Asks it to end, and holds it to its promise. */
  async stop(): Promise<void> {
    const startedMs = systemClock.monotonicMs()
    this.child.kill('SIGTERM')
    assert.equal(await this.#ended, 0, `a process that was asked to end: ${this.output}`)
    const tookMs = systemClock.monotonicMs() - startedMs
    assert(tookMs < END_MS_MAX, `it took ${Math.round(tookMs)} ms to end`)
  }
}

/** One installation with virtual devices on loopback, whose commands run as processes. The devices live in this process. */
export class QueueSite implements AsyncDisposable {
  readonly devices: SiteDevice[] = []
  readonly rollcall: Rollcall
  readonly queue: JobQueue
  readonly #folder: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #listeners: VirtualListener[] = []
  readonly #processes = new Set<SiteProcess>()

  private constructor(parts: {
    rollcall: Rollcall
    queue: JobQueue
    folder: string
    environment: Readonly<Record<string, string>>
  }) {
    this.rollcall = parts.rollcall
    this.queue = parts.queue
    this.#folder = parts.folder
    this.#environment = parts.environment
  }

  static async open(environment: Readonly<Record<string, string>> = {}): Promise<QueueSite> {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-queue-'))
    const config = readConfig({ environment, workingDirectory: folder })
    const base = { clock: systemClock, random: systemRandom, log: silentLog }
    const rollcall = await openRollcall(config, base)
    return new QueueSite({ rollcall, queue: await openQueue(rollcall), folder, environment })
  }

  async addDevices(count: number, options: SiteDeviceOptions): Promise<void> {
    const { seed, packetPauseMs = 0, records, commKey = 0 } = options
    for (let i = 0; i < count; i++) {
      const device = new VirtualDevice({ seed: seed + i, packetPauseMs, commKey }, { clock: systemClock })
      device.fillLog(records)
      const listener = await listenVirtualDevice(device, { host: '127.0.0.1', port: 0, transport: 'tcp' })
      this.#listeners.push(listener)
      const { id } = await this.rollcall.store.devices.add({
        name: `Gate ${this.devices.length + 1}`,
        host: '127.0.0.1',
        port: listener.port,
        transport: 'tcp',
        timezone: 'UTC',
        isActive: true,
        isLive: false,
        setsClock: false,
        commKey: 0,
      })
      this.devices.push({ id, device })
    }
  }

  start(...args: string[]): SiteProcess {
    const env = { PATH: process.env.PATH, HOME: this.#folder, ...this.#environment }
    const child = spawn(ROLLCALL, args, { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const started = new SiteProcess(child)
    this.#processes.add(started)
    child.once('exit', () => this.#processes.delete(started))
    return started
  }

  async run(...args: string[]): Promise<string> {
    const started = this.start(...args)
    assert.equal(await started.ended(), 0, `rollcall ${args.join(' ')}: ${started.output}`)
    return started.output
  }

  /** Waits until `holds` says true. */
  async until(what: string, withinMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
    const endMs = systemClock.monotonicMs() + withinMs
    while (!(await holds())) {
      assert(systemClock.monotonicMs() < endMs, `not within ${withinMs / 1000} s: ${what}`)
      await systemClock.sleep(LOOK_MS)
    }
  }

  /** Jobs that wait or run; null while the queue is out of reach. */
  async unfinished(): Promise<number | null> {
    const counts = await this.queue.counts().catch(() => null)
    return counts && counts.waiting + counts.active
  }

  /**
   * Each punch of each device stands once and nothing else does; with `missing: 'some'` punches may still be on their way.
   *
   * @returns the number of rows.
   */
  async assertPunches({ missing }: { missing: 'none' | 'some' }): Promise<number> {
    await using reader = await openReader(this.rollcall.config.database)
    const logs = reader.kysely.selectFrom('attendance_logs').select(['device_user_id', 'local_time'])
    let total = 0
    for (const { id, device } of this.devices) {
      const truth = new Set(
        device.punches.filter(punch => punch.faulty === null).map(punch => `${punch.userId}|${punch.localTime}`),
      )
      const rows = (await logs.where('device_id', '=', id).execute()).map(
        row => `${row.device_user_id}|${row.local_time}`,
      )
      assert.equal(new Set(rows).size, rows.length, `device ${id}: a punch is stored twice`)
      for (const row of rows) assert(truth.has(row), `device ${id}: ${row} was never punched`)
      if (missing === 'none') assert.equal(rows.length, truth.size, `device ${id}: punches are missing`)
      total += rows.length
    }
    return total
  }

  /** The punches that the devices have seen, each person and second once. */
  truth(): number {
    return this.devices.reduce((sum, { device }) => {
      const keys = device.punches.filter(punch => punch.faulty === null).map(one => `${one.userId}|${one.localTime}`)
      return sum + new Set(keys).size
    }, 0)
  }

  /** No device has ever seen two connections or two sessions at a time. */
  assertOneAtATime(): void {
    for (const { id, device } of this.devices) {
      const { maxOpenConnections, maxOpenSessions } = device.stats
      assert(maxOpenConnections <= 1 && maxOpenSessions <= 1, `device ${id} saw two connections at a time`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#processes) child.kill('SIGKILL')
    await this.queue[Symbol.asyncDispose]()
    await this.rollcall[Symbol.asyncDispose]()
    for (const listener of this.#listeners) await listener[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

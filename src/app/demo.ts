import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Base } from '../base/base.ts'
import { startDeadline } from '../base/clock.ts'
import type { SyncEvent } from '../sync/events.ts'
import { type AttendanceView, AttendanceViewer } from './attendance-view.ts'
import { readConfig } from './config.ts'
import { type Fleet, type FleetDevice, startFleet } from './fleet.ts'
import { openLog } from './logging.ts'
import { openRollcall, type Rollcall } from './rollcall.ts'

const INTERVAL_MS = 2_000
/** The last pass, which fetches what was punched since the last one, has to fit into what Ctrl+C allows. */
const LAST_PASS_MS = 3_000
/** A read that brings more than this, such as the first of a device, is not shown punch by punch. */
const PUNCHES_SHOWN = 20

/** One device of the demo, as it is introduced. */
export interface DemoDevice {
  readonly deviceId: number
  readonly name: string
  readonly host: string
  readonly port: number
  readonly kind: string
}

export type DemoEvent =
  | { readonly event: 'demo.started'; readonly devices: readonly DemoDevice[]; readonly intervalMs: number }
  /** The network cable of a device was pulled or put back. */
  | { readonly event: 'demo.cable'; readonly device: string; readonly isPluggedIn: boolean }
  /** The rows that a read brought, oldest first. Told of small reads alone. */
  | { readonly event: 'demo.stored'; readonly views: readonly AttendanceView[] }
  | { readonly event: 'demo.finished'; readonly proof: CountProof }
  | SyncEvent

/** What the people punched against what is stored. */
export interface CountProof {
  /** Punches in the memory of the devices. */
  readonly made: number
  readonly stored: number
  /** Punches of a device that are not stored, and rows that no device has: none, if all is well. */
  readonly missing: number
  readonly surplus: number
}

/** The hand that pulls cables while the demo runs. */
export interface DemoControls {
  /** Pulls the network cable of the n-th device, from 1, or puts it back. */
  toggleCable(number: number): Promise<void>
}

/**
 * A throw-away Rollcall on a fleet of virtual devices that people punch at. When the signal fires, one last pass is made and
 * the memory of every device is compared with the database.
 */
export async function runDemo(
  parts: {
    base: Pick<Base, 'clock' | 'random'>
    onEvent: (event: DemoEvent) => void
    onReady: (controls: DemoControls) => void
  },
  signal: AbortSignal,
): Promise<CountProof> {
  using folder = await makeThrowAwayFolder()
  const config = readConfig({ environment: { ROLLCALL_STORAGE: folder.path }, workingDirectory: folder.path })
  using log = openLog(config.log, { clock: parts.base.clock, onFault: () => {} })
  await using rollcall = await openRollcall(config, { ...parts.base, log })
  await using fleet = await startFleet(parts.base)
  const devices: DemoDevice[] = []
  for (const { settings, kind } of fleet.devices) {
    const { id } = await rollcall.store.devices.add(settings)
    devices.push({ deviceId: id, name: settings.name, host: settings.host, port: settings.port, kind })
  }
  parts.onEvent({ event: 'demo.started', devices, intervalMs: INTERVAL_MS })
  const show = new PunchShow(rollcall, parts.onEvent)
  const engine = rollcall.engine({ onEvent: event => show.tell(event) })
  parts.onReady({ toggleCable: number => toggleCable(number, { fleet, devices, rollcall }, parts.onEvent) })

  // Ctrl+C leaves a few seconds, which a device that loses packets would use up.
  const rest = onceAborted(signal, () => fleet.comeToRest())
  using punching = fleet.punch()
  await engine.run({ intervalMs: INTERVAL_MS }, signal)
  punching[Symbol.dispose]()
  await rest
  using lastPass = startDeadline(parts.base.clock, {
    ms: LAST_PASS_MS,
    onExpiry: () => new Error('the last pass took too long'),
  })
  // What it could not fetch is told by the proof.
  await engine.syncOnce({}, lastPass.signal).catch(() => {})
  await show.isOver()
  const proof = await proveCounts(rollcall, fleet, devices)
  parts.onEvent({ event: 'demo.finished', proof })
  return proof
}

function onceAborted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const begin = () => void work().then(resolve, reject)
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true })
  })
}

async function toggleCable(
  number: number,
  running: { fleet: Fleet; devices: readonly DemoDevice[]; rollcall: Rollcall },
  onEvent: (event: DemoEvent) => void,
): Promise<void> {
  const device: FleetDevice | undefined = running.fleet.devices[number - 1]
  const saved = running.devices[number - 1]
  if (!device || !saved) return
  if (device.isPluggedIn) await device.unplug()
  else {
    await device.plugIn()
    // Whoever changes a device wants to see it at once, not after the wait that its failures have earned.
    await running.rollcall.store.devices.edit(saved.deviceId, { isActive: true })
  }
  onEvent({ event: 'demo.cable', device: saved.name, isPluggedIn: device.isPluggedIn })
}

/** Tells of each sync, followed by the rows it brought. One after the other, since rows are read from the database. */
class PunchShow {
  readonly #rollcall: Rollcall
  readonly #onEvent: (event: DemoEvent) => void
  #last: Promise<void> = Promise.resolve()

  constructor(rollcall: Rollcall, onEvent: (event: DemoEvent) => void) {
    this.#rollcall = rollcall
    this.#onEvent = onEvent
  }

  tell(event: SyncEvent): void {
    this.#last = this.#last.then(async () => {
      this.#onEvent(event)
      if (event.event !== 'device.synced' && event.event !== 'device.punched') return
      if (event.inserted === 0 || event.inserted > PUNCHES_SHOWN) return
      // What a device brings after its first read are its newest punches.
      await this.#tellRows(event.deviceId, event.inserted)
    })
  }

  async isOver(): Promise<void> {
    await this.#last
  }

  async #tellRows(deviceId: number, inserted: number): Promise<void> {
    const { store } = this.#rollcall
    const logs = await store.logs.page({ deviceIds: [deviceId] }, { limit: inserted })
    // A new viewer each time: names that came with this read are known to it.
    const viewer = new AttendanceViewer(store)
    const views = await Promise.all(logs.reverse().map(log => viewer.view(log)))
    this.#onEvent({ event: 'demo.stored', views })
  }
}

async function proveCounts(rollcall: Rollcall, fleet: Fleet, devices: readonly DemoDevice[]): Promise<CountProof> {
  const made = new Set<string>()
  for (const [index, { device }] of fleet.devices.entries()) {
    for (const { userId, localTime } of device.punches) made.add(`${devices[index]?.deviceId} ${userId} ${localTime}`)
  }
  const stored = new Set<string>()
  let rows = 0
  for await (const log of rollcall.store.logs.scan({})) {
    stored.add(`${log.deviceId} ${log.deviceUserId} ${log.localTime}`)
    rows++
  }
  return {
    made: made.size,
    stored: rows,
    missing: made.difference(stored).size,
    surplus: rows - stored.intersection(made).size,
  }
}

/** Gone at the end, and also when the process is ended in the middle. */
async function makeThrowAwayFolder(): Promise<{ readonly path: string } & Disposable> {
  const path = await mkdtemp(join(tmpdir(), 'rollcall-demo-'))
  const remove = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    path,
    [Symbol.dispose]() {
      process.off('exit', remove)
      remove()
    },
  }
}

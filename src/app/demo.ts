import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Base } from '../base/base.ts'
import { startDeadline } from '../base/clock.ts'
import type { SyncEvent } from '../sync/events.ts'
import { type AttendanceView, AttendanceViewer } from './attendance-view.ts'
import { readConfig, type WebConfig } from './config.ts'
import { type CountProof, proveCounts } from './demo-proof.ts'
import { type DemoAdmin, failOneJob, makeDemoAdmin, openDemoWeb } from './demo-web.ts'
import { type Fleet, type FleetDevice, type FleetPart, startFleet } from './fleet.ts'
import { openLog } from './logging.ts'
import { openQueue } from './queue.ts'
import { openRollcall, type Rollcall } from './rollcall.ts'
import type { Web } from './web.ts'
import { type BesideEvent, isJobEvent, workBeside } from './work.ts'

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
  readonly part: FleetPart
}

export type DemoEvent =
  | {
      readonly event: 'demo.started'
      readonly devices: readonly DemoDevice[]
      readonly intervalMs: number
      readonly web: Pick<Web, 'url' | 'hasPages' | 'isOnAllAddresses'>
      readonly admin: DemoAdmin
      /** The port that was wished for, where it is taken and the web interface is at another one. */
      readonly takenPort: number | null
    }
  /** The network cable of a device was pulled or put back. */
  | { readonly event: 'demo.cable'; readonly device: string; readonly isPluggedIn: boolean }
  /** The rows that a read brought, oldest first. Told of small reads alone. */
  | { readonly event: 'demo.stored'; readonly views: readonly AttendanceView[] }
  | { readonly event: 'demo.finished'; readonly proof: CountProof }
  | SyncEvent

/** The hand that pulls cables while the demo runs. */
export interface DemoControls {
  /** Pulls the network cable of the n-th device, from 1, or puts it back. */
  toggleCable(number: number): Promise<void>
}

export interface DemoParts {
  readonly base: Pick<Base, 'clock' | 'random'>
  readonly web: WebConfig
  /** The folder of the built pages; null where there are none. */
  readonly pages: string | null
  readonly onEvent: (event: DemoEvent) => void
  readonly onReady: (controls: DemoControls) => void
}

/**
 * A throw-away Rollcall with its web interface, on a fleet of virtual devices that people punch at. When the signal fires, one last
 * pass is made and the memory of every device is compared with the database.
 */
export async function runDemo(parts: DemoParts, signal: AbortSignal): Promise<CountProof> {
  using folder = await makeThrowAwayFolder()
  const config = readConfig({ environment: { ROLLCALL_STORAGE: folder.path }, workingDirectory: folder.path })
  using log = openLog(config.log, { clock: parts.base.clock, onFault: () => {} })
  await using rollcall = await openRollcall(config, { ...parts.base, log })
  await using queue = await openQueue(rollcall)
  await using fleet = await startFleet(parts.base)
  const devices = await saveFleet(fleet, rollcall)
  const admin = await makeDemoAdmin(rollcall)
  const refusing = devices.find(({ part }) => part === 'refuses')
  if (refusing) await failOneJob({ rollcall, queue }, refusing.deviceId, signal)
  await using web = await openDemoWeb({ rollcall, queue, config: parts.web, pages: parts.pages })
  // Closed by the signal itself: requests in hand and the last pass have the same five seconds.
  signal.addEventListener('abort', () => void web[Symbol.asyncDispose](), { once: true })
  const takenPort = [0, Number(new URL(web.url).port)].includes(parts.web.port) ? null : parts.web.port
  parts.onEvent({ event: 'demo.started', devices, intervalMs: INTERVAL_MS, web, admin, takenPort })
  const show = new PunchShow(rollcall, parts.onEvent)
  const engine = rollcall.engine({
    onEvent: event => {
      web.tell(event)
      show.tell(event)
    },
  })
  parts.onReady({ toggleCable: number => toggleCable(number, { fleet, devices, rollcall }, parts.onEvent) })

  // Ctrl+C leaves a few seconds, which a device that loses packets would use up.
  const rest = onceAborted(signal, () => fleet.comeToRest())
  using punching = fleet.punch()
  const beside = (event: BesideEvent) => {
    if (!isJobEvent(event)) web.tell(event)
  }
  await Promise.all([engine.run({ intervalMs: INTERVAL_MS }, signal), workBeside({ rollcall, queue }, beside, signal)])
  punching[Symbol.dispose]()
  await rest
  using lastPass = startDeadline(parts.base.clock, {
    ms: LAST_PASS_MS,
    onExpiry: () => new Error('the last pass took too long'),
  })
  // What it could not fetch is told by the proof.
  await engine.syncOnce({}, lastPass.signal).catch(() => {})
  await show.isOver()
  const walls = fleet.devices.map((walled, index) => ({ walled, deviceId: devices[index]?.deviceId ?? 0 }))
  const proof = await proveCounts(rollcall.store, walls)
  parts.onEvent({ event: 'demo.finished', proof })
  return proof
}

async function saveFleet(fleet: Fleet, { store }: Rollcall): Promise<DemoDevice[]> {
  const devices: DemoDevice[] = []
  for (const { settings, kind, part } of fleet.devices) {
    const { id } = await store.devices.add(settings)
    devices.push({ deviceId: id, name: settings.name, host: settings.host, port: settings.port, kind, part })
  }
  return devices
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
  // Whether the others are read is for whoever looks around to say.
  if (!device || !saved || device.part !== 'works') return
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

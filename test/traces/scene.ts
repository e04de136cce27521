import { silentLog } from '../../src/base/log.ts'
import { seededRandom } from '../../src/base/random.ts'
import { tracingNetwork } from '../../src/client/trace/tracing-network.ts'
import type { LayoutName } from '../../src/codec/binary/attendance-record.ts'
import { encodeTraceEvent, encodeTraceHeader } from '../../src/codec/trace/encode-trace.ts'
import type { Trace } from '../../src/codec/trace/trace-events.ts'
import { PollDriver } from '../../src/drivers/poll/poll-driver.ts'
import type { TransportSetting } from '../../src/model/device.ts'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { SyncEngine } from '../../src/sync/engine.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import type { FaultName } from '../../src/virtual/faults.ts'
import { SimulatedNetwork } from '../../src/virtual/network.ts'
import { ReplayedDevice } from '../../src/virtual/replay/replayed-device.ts'
import type { ServedDevice } from '../../src/virtual/served-device.ts'
import { storedOf } from '../simulation/truth.ts'
import { VirtualClock } from '../simulation/virtual-clock.ts'

const ADDRESS = { host: 'gate', port: 4370 }
const START_MS = Date.parse('2026-03-02T07:00:00Z')

/** What a sync brought, in the words of the tables. */
export interface Outcome {
  /** Why the sync failed; null where it did not. */
  readonly error_code: string | null
  readonly attendance_logs: ReadonlyArray<Readonly<Record<string, string | number>>>
  readonly quarantined_records: ReadonlyArray<{ readonly raw: string; readonly reason: string }>
}

/** Syncs a device once into an empty database, on a clock that moves only when nothing else does, and records it. */
export async function syncOnce(
  device: (clock: VirtualClock) => ServedDevice,
  options: { transport: TransportSetting; commKey?: number; startMs?: number },
): Promise<{ outcome: Outcome; trace: string }> {
  const { transport, commKey = 0, startMs = START_MS } = options
  const clock = new VirtualClock(startMs)
  const simulated = new SimulatedNetwork({ clock, random: seededRandom(5) })
  simulated.attach(ADDRESS, device(clock), transport === 'auto' ? 'both' : transport)
  const lines = [encodeTraceHeader({ rollcall: '0.1.0', startedAt: new Date(startMs).toISOString() })]
  const network = tracingNetwork(simulated, { clock, sink: event => void lines.push(encodeTraceEvent(event)) })
  await using store = await openSqliteStore({
    path: ':memory:',
    clock,
    secrets: { seal: text => text, open: sealed => sealed },
  })
  const base = { clock, random: seededRandom(6), log: silentLog }
  const entry = await store.devices.add({
    name: 'Gate',
    ...ADDRESS,
    transport,
    timezone: 'UTC',
    isActive: true,
    isLive: false,
    setsClock: false,
    commKey,
  })
  const engine = new SyncEngine({
    store,
    driver: new PollDriver({ network, base }),
    base,
    holder: 'trace',
    isHolderDead: () => false,
    onEvent: () => {},
  })
  await clock.run(engine.syncOnce({}, new AbortController().signal))
  const [run] = await store.punches.runs({ limit: 1 })
  const { logs, quarantined } = await storedOf(store, entry.id)
  const outcome = {
    error_code: run?.error?.code ?? null,
    attendance_logs: logs.map(log => ({
      device_user_id: log.deviceUserId,
      local_time: log.localTime,
      punch_state: log.punchState,
      verify_mode: log.verifyMode,
      work_code: log.workCode,
      record_layout: log.recordLayout,
      raw_record: log.rawRecord,
    })),
    quarantined_records: quarantined.map(({ raw, reason }) => ({ raw: raw.toHex(), reason })),
  }
  return { outcome, trace: lines.join('') }
}

/** Syncs the device of a trace, over what was recorded and at the time of the recording. */
export async function syncReplayed(trace: Trace): Promise<Outcome> {
  const { transports } = new ReplayedDevice(trace, { clock: new VirtualClock() }).settings
  const { outcome } = await syncOnce(clock => new ReplayedDevice(trace, { clock }), {
    transport: transports === 'both' ? 'auto' : transports,
    startMs: Date.parse(trace.header.startedAt),
  })
  return outcome
}

export interface VirtualScene {
  readonly transport: 'tcp' | 'udp'
  readonly layout: LayoutName
  readonly records: number
  readonly people: number
  readonly commKey: number
  readonly fault?: FaultName
}

/** Syncs a virtual device whose people have passwords and cards. */
export function syncVirtual(scene: VirtualScene): Promise<{ outcome: Outcome; trace: string }> {
  const { transport, layout, records, people, commKey, fault } = scene
  const isSmall = layout === '16' || layout.startsWith('8')
  const make = (clock: VirtualClock): VirtualDevice => {
    const profile = isSmall ? 'black-and-white' : 'colour-screen'
    const device = new VirtualDevice({ seed: 11, profile, layout, commKey, packetBytes: 1008 }, { clock })
    for (const user of device.addPeople(people)) device.addUser({ ...user, password: '3141', card: 2_718_281 })
    device.fillLog(records)
    if (fault) device.setFault(fault, 'on')
    return device
  }
  return syncOnce(make, { transport, commKey })
}

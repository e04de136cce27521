import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild } from './child.ts'
import { machineMs } from './device-child.ts'
import type { FleetRequest, FleetState } from './fleet-process.ts'
import type { HeldReport } from './live-many-process.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { megabytes } from './resident.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const RESIDENT_MB_MAX = 300
const CPU_PERCENT_MAX = 10
/** Once all are held, what the beginning left behind comes to rest. */
const REST_MS = 5_000
/** So often in that time the memory is looked at. */
const LOOKS = 12

/** What many devices cost a process that listens to them while nobody punches. */
export const liveManyPart: Part = {
  title: sizes => `live-many: ${sizes.liveDevices} devices held by one process, idle for ${sizes.idleSeconds} s`,
  async run(sizes: Sizes): Promise<string[]> {
    const floor = await hold('sockets', sizes)
    const ours = await hold('listen', sizes)
    const isMet = ours.residentMb < RESIDENT_MB_MAX && ours.cpuPercent < CPU_PERCENT_MAX
    const row = (name: string, held: Held) => [
      name,
      held.residentMb.toFixed(0),
      held.heapMb.toFixed(0),
      held.peakMb.toFixed(0),
      held.cpuPercent.toFixed(2),
      held.requestsASecond.toFixed(1),
    ]
    return [
      ...tableLines([
        ['', 'resident MB', 'heap MB', 'peak MB', '% of a core', 'requests/s'],
        row('floor: the same modules loaded, bare sockets', floor),
        row('ours: SyncEngine.run, listening', ours),
      ]),
      `  resident: the most of ${LOOKS} looks while idle; peak: of the whole process, with the first reads of ${sizes.recordsOfLiveDevices} records each`,
      `  all were listened to after ${seconds(ours.readyMs)} s, with ${seconds(ours.readyCpuMs)} s of CPU; all had their goodbye ${seconds(ours.endMs)} s after the end was asked for`,
      `  target: below ${RESIDENT_MB_MAX} MB resident and ${CPU_PERCENT_MAX} % of one core when idle: ${isMet ? 'met' : 'MISSED'}`,
    ]
  },
}

interface Held {
  readonly residentMb: number
  readonly heapMb: number
  readonly peakMb: number
  readonly cpuPercent: number
  readonly requestsASecond: number
  readonly readyMs: number
  readonly readyCpuMs: number
  readonly endMs: number
}

async function hold(mode: 'sockets' | 'listen', sizes: Sizes): Promise<Held> {
  const request: FleetRequest = { devices: sizes.liveDevices, records: sizes.recordsOfLiveDevices }
  await using fleet = startChild('fleet-process.ts', [JSON.stringify(request)])
  const { ports } = await fleet.told<FleetState>()
  return await inTemporaryFolder(async path => {
    const process = startChild('live-many-process.ts', [mode, path('bench.db'), JSON.stringify(ports)])
    const ready = await process.told<HeldReport>()
    await sleep(REST_MS)
    const before = await fleet.ask<FleetState>('state')
    assert.equal(before.openConnections, ports.length)
    const from = await process.ask<HeldReport>('report')
    const looks: HeldReport[] = []
    for (let look = 0; look < LOOKS; look++) {
      await sleep((sizes.idleSeconds * 1000) / LOOKS)
      looks.push(await process.ask<HeldReport>('report'))
    }
    const until = looks.at(-1) as HeldReport
    const after = await fleet.ask<FleetState>('state')
    assert.deepEqual([after.openConnections, until.failures], [ports.length, 0])
    const endedAtMs = machineMs()
    await process[Symbol.asyncDispose]()
    const endMs = machineMs() - endedAtMs
    assert.equal((await fleet.ask<FleetState>('state')).sessionsWithoutExit, 0)
    const spanMs = until.atMs - from.atMs
    return {
      residentMb: megabytes(Math.max(...looks.map(({ residentKb }) => residentKb))),
      heapMb: Math.max(...looks.map(({ heapMb }) => heapMb)),
      peakMb: megabytes(until.peakKb),
      cpuPercent: ((until.cpuMs - from.cpuMs) / spanMs) * 100,
      requestsASecond: ((after.requests - before.requests) / spanMs) * 1000,
      readyMs: ready.atMs,
      readyCpuMs: ready.cpuMs,
      endMs,
    }
  })
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

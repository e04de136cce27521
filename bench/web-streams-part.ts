import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import { madePunches } from './made-punches.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { megabytes } from './resident.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import type { HeardReport } from './web-listeners-process.ts'
import type { WebReport } from './web-serving.ts'
import { fillSite, openSite } from './web-site.ts'

const RESIDENT_MB_MAX = 200
/** Stored in one transaction, as a poll brings them after an hour in which a device was away. */
const PUNCHES_AT_ONCE = 100
const LOOK_EVERY_MS = 250
/** A thousand streams take some seconds for a thousand events each. */
const HEARD_MS_MAX = 300_000
/** Once all have heard all, memory is looked at so often. */
const LOOKS = 12
/** Of the site: this part has little use for old logs. */
const LOGS = 1_000

/** What streams of events cost the process that serves them, once each has heard a burst of punches that another process stored. */
export const webStreamsPart: Part = {
  title: sizes => `web-streams: ${sizes.streams} open streams of events, and a burst of ${sizes.punches} punches`,
  run: (sizes: Sizes) =>
    inTemporaryFolder(async path => {
      const folder = path('site')
      const { token } = await fillSite(folder, LOGS)
      await startOnce(folder)
      const floor = await hold('sockets', { folder, token, sizes })
      const ours = await hold('streams', { folder, token, sizes })
      const row = (name: string, { alone, open, residentMb, peakMb, heapMb, cpuMs }: Held) => [
        name,
        ...[alone, open, residentMb, peakMb, heapMb].map(mb => mb.toFixed(0)),
        (cpuMs / 1000).toFixed(1),
      ]
      return [
        ...tableLines([
          ['resident MB', 'with none open', 'all open', 'after the burst', 'peak', 'heap', 'CPU s of the burst'],
          row('floor: the same modules loaded, bare sockets', floor),
          row('ours: streams of events', ours),
        ]),
        `  each stream heard ${ours.heard} events, all of them within ${(ours.burstMs / 1000).toFixed(1)} s; after the burst: the most of ${LOOKS} looks`,
        `  target: below ${RESIDENT_MB_MAX} MB after the burst: ${ours.residentMb < RESIDENT_MB_MAX ? 'met' : 'MISSED'}`,
      ]
    }),
}

interface Held {
  readonly alone: number
  readonly open: number
  readonly residentMb: number
  readonly peakMb: number
  readonly heapMb: number
  readonly cpuMs: number
  readonly burstMs: number
  readonly heard: number
}

interface Site {
  readonly folder: string
  readonly token: string
  readonly sizes: Sizes
}

async function hold(mode: 'sockets' | 'streams', { folder, token, sizes }: Site): Promise<Held> {
  await using server = startChild('web-process.ts', [mode === 'streams' ? 'web' : 'sockets', folder])
  const alone = await server.told<WebReport>()
  await using listeners = startChild('web-listeners-process.ts', [
    mode,
    String(alone.port),
    token,
    String(sizes.streams),
  ])
  assert.equal((await listeners.told<HeardReport>()).open, sizes.streams)
  const open = await server.ask<WebReport>('report')
  const startMs = performance.now()
  if (mode === 'streams') await storePunches(folder, sizes.punches)
  const heard = mode === 'streams' ? await allHeard(listeners, sizes) : 0
  const burstMs = performance.now() - startMs
  const looks: WebReport[] = []
  for (let look = 0; look < LOOKS; look++) {
    looks.push(await server.ask<WebReport>('report'))
    await sleep(LOOK_EVERY_MS)
  }
  const last = looks.at(-1) as WebReport
  return {
    alone: megabytes(alone.residentKb),
    open: megabytes(open.residentKb),
    residentMb: megabytes(Math.max(...looks.map(({ residentKb }) => residentKb))),
    peakMb: megabytes(last.peakKb),
    heapMb: last.heapMb,
    cpuMs: last.cpuMs - open.cpuMs,
    burstMs,
    heard,
  }
}

/** Compiled modules are kept: the first start of all is not the one that is measured. */
async function startOnce(folder: string): Promise<void> {
  await using server = startChild('web-process.ts', ['web', folder])
  await server.told<WebReport>()
}

/** As a worker does, in a process that is not the server. */
async function storePunches(folder: string, count: number): Promise<void> {
  await using site = await openSite(folder)
  const { leases, punches } = site.store
  const taken = await leases.acquire({ deviceId: 1, holder: 'bench', ttlMs: 60_000, isDead: () => false })
  assert('lease' in taken)
  const { lease } = taken
  const runId = await punches.beginRun(lease, 'full')
  const made = madePunches(count)
  for (let from = 0; from < count; from += PUNCHES_AT_ONCE) {
    const part = made.slice(from, from + PUNCHES_AT_ONCE)
    await punches.commit({ lease, runId, source: 'poll', driftSeconds: 0, punches: part, quarantined: [] })
  }
  await leases.release(lease)
}

/** Waits until each stream has heard each punch, once and in the same order as all others. */
async function allHeard(listeners: Child, { punches, streams }: Sizes): Promise<number> {
  const untilMs = performance.now() + HEARD_MS_MAX
  let report = await listeners.ask<HeardReport>('report')
  while (report.least < punches && performance.now() < untilMs) {
    await sleep(LOOK_EVERY_MS)
    report = await listeners.ask<HeardReport>('report')
  }
  const all = { open: streams, least: punches, most: punches, different: punches, isSame: true }
  assert.deepEqual(report, all)
  return report.least
}

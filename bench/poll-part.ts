import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { CountingNetwork } from './counting-network.ts'
import { type DeviceChild, startDevice } from './device-child.ts'
import { openInstallation } from './installation.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const NEW_PUNCHES = 10
const PAIRS_MAX = 4
const BYTES_MAX_UNCHANGED = 1024
const BYTES_MAX_TAIL = 4096
/** Of a kind, in turns; bytes are the same each time, and of the times the median is told. */
const POLLS = 15

/** What one poll cost. */
interface Poll {
  /** After the session is open and authenticated, the goodbye included. */
  readonly pairs: number
  readonly bytesReceived: number
  readonly wallMs: number
}

/** What a poll asks of the device and receives of it, where little or nothing is new: beside reading everything. */
export const pollPart: Part = {
  title: sizes => `poll: a device with ${sizes.records} records of 40 bytes, over loopback TCP`,
  async run(sizes: Sizes): Promise<string[]> {
    await using device = await startDevice({ records: sizes.records })
    return await inTemporaryFolder(async path => {
      const network = new CountingNetwork()
      await using installation = await openInstallation({ path: path('bench.db'), ports: [device.port], network })
      const poll = (expected: { inserted: number; full?: boolean }) =>
        costOf(device, network, async () => {
          const { engine } = installation
          const summary = await engine.syncOnce({ full: expected.full ?? false }, new AbortController().signal)
          assert.deepEqual([summary.failed, summary.inserted], [0, expected.inserted])
        })
      await poll({ inserted: sizes.records })
      const polls: Record<'full' | 'unchanged' | 'tail', Poll[]> = { full: [], unchanged: [], tail: [] }
      for (let turn = 0; turn < POLLS; turn++) {
        polls.full.push(await poll({ inserted: 0, full: true }))
        polls.unchanged.push(await poll({ inserted: 0 }))
        await device.punch({ punches: NEW_PUNCHES, everyMs: 0 })
        polls.tail.push(await poll({ inserted: NEW_PUNCHES }))
      }
      await using again = await openInstallation({ path: path('bench.db'), ports: [], network })
      const first = await costOf(device, network, async () => {
        await again.engine.syncOnce({}, new AbortController().signal)
      })
      const unchanged = worst(polls.unchanged)
      const tail = worst(polls.tail)
      const full = worst(polls.full)
      const row = (name: string, { pairs, bytesReceived, wallMs }: Poll) => {
        const share = full.bytesReceived / bytesReceived
        return [name, String(pairs), String(bytesReceived), `1/${Math.round(share)}`, wallMs.toFixed(1)]
      }
      const isMet =
        unchanged.pairs <= PAIRS_MAX &&
        unchanged.bytesReceived < BYTES_MAX_UNCHANGED &&
        tail.bytesReceived < BYTES_MAX_TAIL
      return [
        ...tableLines([
          ['', 'request/reply pairs', 'bytes received', 'of the floor', 'wall ms'],
          row('floor: everything is read', full),
          row('none new', unchanged),
          row(`${NEW_PUNCHES} new`, tail),
          row('none new, and the names that are read once a day', first),
        ]),
        '  pairs are those after the handshake, goodbye included; counted at both ends, the most of all turns; wall ms: the median',
        `  target: none new at most ${PAIRS_MAX} pairs and under 1 KiB, ${NEW_PUNCHES} new under 4 KiB: ${isMet ? 'met' : 'MISSED'}`,
      ]
    })
  },
}

/** Counts at both ends, which have to agree. */
async function costOf(device: DeviceChild, network: CountingNetwork, work: () => Promise<void>): Promise<Poll> {
  const there = await device.state()
  const here = { ...network.traffic }
  const start = performance.now()
  await work()
  const wallMs = performance.now() - start
  const after = await device.state()
  const requests = after.requests - there.requests
  const bytesReceived = after.bytesSent - there.bytesSent
  assert.deepEqual(
    [network.traffic.sends - here.sends, network.traffic.bytesReceived - here.bytesReceived],
    [requests, bytesReceived],
  )
  return { pairs: requests - (after.greetings - there.greetings), bytesReceived, wallMs }
}

function worst(polls: readonly Poll[]): Poll {
  const times = polls.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b)
  return {
    pairs: Math.max(...polls.map(({ pairs }) => pairs)),
    bytesReceived: Math.max(...polls.map(({ bytesReceived }) => bytesReceived)),
    wallMs: times[times.length >> 1] ?? Number.NaN,
  }
}

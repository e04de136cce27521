import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { VirtualDeviceOptions } from '../src/virtual/settings.ts'
import { startDevice } from './device-child.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'

export type StrangerName = 'rollcall' | 'node-zklib' | 'zkteco-js'

const NAMES: readonly StrangerName[] = ['rollcall', 'node-zklib', 'zkteco-js']
/** The packages wait up to 10 s a piece; what has not ended by then hangs. */
const PATIENCE_MS = 60_000

/** What a client got from one read. */
export interface StrangerReport {
  readonly returned: number
  /** Records of the log among them, by user id and time, each counted once. */
  readonly right: number
  /** What it says of the read itself. */
  readonly told: string
  /** From opening the connection to the last record decoded; its modules are loaded before. */
  readonly wallMs: number
}

/** How the device sends: as fast as it can, or as units do that make a pause before each packet. */
const PACES: ReadonlyArray<{ name: string; options: VirtualDeviceOptions }> = [
  { name: 'at full speed', options: { seed: 1 } },
  { name: 'with 5 ms before each packet', options: { seed: 1, packetPauseMs: 5 } },
]

/**
 * Two packages of the registry and ours read the same log, each once and each in a process of its own. A time is comparable
 * only where all records came.
 */
export const strangersPart: Part = {
  title: () => 'strangers: what other packages return of the same log, over loopback TCP, one cold process each',
  async run(sizes: Sizes): Promise<string[]> {
    const rows = [['client', 'records', 'device', 'returned', 'right', 'wall ms', 'what it says of the read']]
    for (const records of sizes.recordsOfStrangers) {
      for (const pace of PACES) {
        for (const name of NAMES) {
          await using device = await startDevice({ records, options: pace.options })
          const report = await readWith(name, { port: device.port, records })
          const figures = [report.returned, report.right, report.wallMs].map(String)
          rows.push([name, String(records), pace.name, ...figures, report.told])
        }
      }
    }
    return tableLines(rows)
  },
}

async function readWith(name: StrangerName, from: { port: number; records: number }): Promise<StrangerReport> {
  // They print to the console by themselves.
  const child = fork(
    join(import.meta.dirname, 'stranger-process.ts'),
    [name, String(from.port), String(from.records)],
    {
      execArgv: [],
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    },
  )
  const patience = AbortSignal.timeout(PATIENCE_MS)
  try {
    const ended = once(child, 'exit').then(([code]) => nothing(`its process ended with ${code}`))
    const told = once(child, 'message', { signal: patience }).then(([message]) => message as StrangerReport)
    return await Promise.race([told.catch(() => nothing(`no end within ${PATIENCE_MS / 1000} s`)), ended])
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

function nothing(told: string): StrangerReport {
  return { returned: 0, right: 0, told, wallMs: Number.NaN }
}

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { nodeOptions, plainEnvironment } from './child.ts'
import { startDevice } from './device-child.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { megabytes, residentKb } from './resident.ts'

const PEAK_MB_MAX = 250
const SAMPLE_MS = 20
/** Points of the curve that are printed. */
const POINTS = 12

/** What the measured process tells of itself. */
export interface MemoryReport {
  readonly inserted: number
  readonly peakKb: number
}

/** The resident memory of a whole process that syncs the largest log. */
export const memoryPart: Part = {
  title: sizes => `memory: a process that syncs ${sizes.recordsOfMemory} records of 40 bytes into SQLite`,
  async run(sizes: Sizes): Promise<string[]> {
    await using device = await startDevice({ records: sizes.recordsOfMemory })
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
    try {
      const database = (name: string) => join(folder, `${name}.db`)
      const idle = await watch(['idle'])
      const first = await watch(['sync', String(device.port), database('first')])
      // What Node keeps of compiled modules, as bin/rollcall.js tells it to.
      const cache = { NODE_COMPILE_CACHE: join(folder, 'cache') }
      await watch(['idle'], cache)
      const idleAgain = await watch(['idle'], cache)
      const again = await watch(['sync', String(device.port), database('again')], cache)
      assert.deepEqual([first.inserted, again.inserted], [sizes.recordsOfMemory, sizes.recordsOfMemory])
      const most = Math.max(megabytes(first.peakKb), megabytes(again.peakKb))
      const peaks = (name: string, ...reports: MemoryReport[]) => [
        name,
        ...reports.map(({ peakKb }) => megabytes(peakKb).toFixed(0)),
      ]
      return [
        ...tableLines([
          ['peak MB', 'first start', 'with compile cache'],
          peaks('floor: the same modules loaded, nothing done', idle, idleAgain),
          peaks('ours: the whole sync', first, again),
        ]),
        ...curveLines(first.curve),
        `  target: below ${PEAK_MB_MAX} MB: ${most < PEAK_MB_MAX ? 'met' : 'MISSED'}`,
      ]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

interface Sample {
  readonly atMs: number
  readonly kb: number
}

/** Runs the process to its end, looking from outside how much memory it has. */
async function watch(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<MemoryReport & { curve: readonly Sample[] }> {
  const env = { ...plainEnvironment(), ...environment }
  const child = fork(join(import.meta.dirname, 'memory-process.ts'), args, { execArgv: nodeOptions(), env })
  const start = performance.now()
  const curve: Sample[] = []
  const timer = setInterval(() => {
    const kb = residentKb(child.pid)
    if (kb !== null) curve.push({ atMs: performance.now() - start, kb })
  }, SAMPLE_MS)
  try {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the measured process ended with ${code}`)
    })
    const [message] = await Promise.race([once(child, 'message'), ended])
    return { ...(message as MemoryReport), curve }
  } finally {
    clearInterval(timer)
    if (child.exitCode === null) await once(child, 'exit')
  }
}

function curveLines(curve: readonly Sample[]): string[] {
  const last = curve.at(-1)
  if (!last) return []
  const points = Array.from({ length: POINTS }, (_, i) => {
    const from = (last.atMs / POINTS) * i
    const within = curve.filter(({ atMs }) => atMs >= from && atMs <= from + last.atMs / POINTS)
    return `${((from + last.atMs / POINTS) / 1000).toFixed(1)} s: ${Math.max(...within.map(({ kb }) => megabytes(kb))).toFixed(0)}`
  })
  return [`  first start, most MB until: ${points.join(', ')}`]
}

import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { openStore } from '../src/app/database.ts'
import { type ExportFormat, exportLogs } from '../src/app/export.ts'
import { systemClock } from '../src/base/clock.ts'
import { peakKb } from './resident.ts'

/** What the process tells of its export. */
export interface ExportReport {
  readonly logs: number
  readonly bytes: number
  readonly wallMs: number
  /** Of all its threads. */
  readonly cpuMs: number
  readonly peakKb: number
  /** The longest that the event loop of its main thread was held up, whatever by. */
  readonly stallMs: number
  /** The most CPU time that this thread itself took meanwhile, which is what does not depend on who else uses the cores. */
  readonly stallCpuMs: number
}

/** Exports all logs of a SQLite file once, to nobody, in a process that has done nothing before; then tells what that took. */
const [path = '', format = 'csv'] = process.argv.slice(2)
await using store = await openStore(
  { engine: 'sqlite', path },
  { clock: systemClock, secrets: { seal: text => text, open: text => text } },
)
const stalls = watchStalls()
const cpu = process.cpuUsage()
const start = performance.now()
let logs = 0
let bytes = 0
const counted = (count: number) => {
  logs = count
}
for await (const piece of exportLogs(store, { format: format as ExportFormat, filter: {}, counted })) {
  bytes += Buffer.byteLength(piece)
  // As a file or a socket does, which are never done at once.
  await setImmediate()
}
const wallMs = performance.now() - start
const { user, system } = process.cpuUsage(cpu)
const report: ExportReport = {
  logs,
  bytes,
  wallMs,
  cpuMs: (user + system) / 1000,
  peakKb: peakKb(),
  ...stalls.end(),
}
process.send?.(report, () => process.disconnect?.())

function watchStalls() {
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let last = { wall: performance.now(), cpu: cpuMs() }
  const most = { stallMs: 0, stallCpuMs: 0 }
  const look = () => {
    const now = { wall: performance.now(), cpu: cpuMs() }
    most.stallMs = Math.max(most.stallMs, now.wall - last.wall)
    most.stallCpuMs = Math.max(most.stallCpuMs, now.cpu - last.cpu)
    last = now
  }
  const timer = setInterval(look, 1)
  return {
    end() {
      clearInterval(timer)
      look()
      return most
    },
  }
}

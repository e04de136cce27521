import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { peakKb, residentKb } from './resident.ts'

/**
 * The process of the live-many part, started as a person would start it, without a flag: loads everything, then listens to the
 * devices at the given ports, or holds a bare socket to each with `sockets`. Tells when all are held, and then, whenever it is
 * asked, what it has cost; ends when its parent lets go of it.
 */
export interface HeldReport {
  /** From its first step until all devices were held; then the time since. */
  readonly atMs: number
  readonly cpuMs: number
  readonly residentKb: number
  readonly peakKb: number
  readonly heapMb: number
  readonly failures: number
}

const [mode = 'sockets', path = '', list = '[]'] = process.argv.slice(2)
const ports = JSON.parse(list) as number[]

const { openInstallation } = await import('./installation.ts')
const end = new AbortController()
let failures = 0

process.on('message', () => process.send?.(report()))
process.once('disconnect', () => end.abort())

if (mode === 'sockets') await holdSockets()
else await listenToAll()

async function holdSockets(): Promise<void> {
  const sockets = ports.map(port => connect({ host: '127.0.0.1', port, noDelay: true, keepAlive: true }))
  await Promise.all(sockets.map(socket => new Promise(resolve => socket.once('connect', resolve))))
  process.send?.(report())
  end.signal.addEventListener('abort', () => {
    for (const socket of sockets) socket.destroy()
  })
}

async function listenToAll(): Promise<void> {
  let listening = 0
  await using installation = await openInstallation({
    path,
    ports,
    listens: 'listens',
    onEvent: ({ event }) => {
      if (event === 'device.failed') failures++
      if (event === 'device.listening' && ++listening === ports.length) process.send?.(report())
    },
  })
  await installation.engine.run({ intervalMs: 30_000 }, end.signal)
}

function report(): HeldReport {
  const { user, system } = process.cpuUsage()
  return {
    atMs: performance.now(),
    cpuMs: (user + system) / 1000,
    residentKb: residentKb('self') ?? process.memoryUsage().rss / 1024,
    peakKb: peakKb(),
    heapMb: process.memoryUsage().heapUsed / 1e6,
    failures,
  }
}

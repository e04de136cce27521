import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import type { StrangerName, StrangerReport } from './strangers-part.ts'

/**
 * The process of one read by one client: another package, or ours. Tells what it got, and is ended by its parent, since the packages
 * leave sockets and timers behind.
 */
const [name, port] = process.argv.slice(2) as [StrangerName, string]
const HOST = '127.0.0.1'
const SOCKET_TIMEOUT_MS = 10_000
const UDP_PORT = 5200

/** What both packages have in common. */
interface ForeignClient {
  createSocket(): Promise<unknown>
  getAttendances(): Promise<{ data: unknown[]; err?: unknown }>
  disconnect(): Promise<unknown>
}
type ForeignClientClass = new (ip: string, port: number, timeoutMs: number, udpPort: number) => ForeignClient

const start = performance.now()
const report = await read().then(
  told => ({ ...told, wallMs: performance.now() - start }),
  (error: unknown) => ({ records: 0, told: `failed: ${sentenceOf(error)}`, wallMs: performance.now() - start }),
)
process.send?.({ ...report, wallMs: Math.round(report.wallMs) } satisfies StrangerReport)

async function read(): Promise<Omit<StrangerReport, 'wallMs'>> {
  if (name === 'rollcall') {
    const { readPunches } = await import('./read-part.ts')
    return { records: await readPunches(Number(port)), told: 'no error' }
  }
  const Client = createRequire(import.meta.url)(name) as ForeignClientClass
  const client = new Client(HOST, Number(port), SOCKET_TIMEOUT_MS, UDP_PORT)
  await client.createSocket()
  const { data, err } = await client.getAttendances()
  // Not waited for: the measure ends with the log, and one of them never comes back from it.
  void client.disconnect().catch(() => {})
  return { records: data.length, told: err ? `told: ${sentenceOf(err)}` : 'no error' }
}

/** Both wrap their errors, some of them several times. */
function sentenceOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'err' in error) return sentenceOf(error.err)
  return error instanceof Error ? error.message : String(error)
}

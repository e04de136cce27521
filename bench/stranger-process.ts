import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import type { StrangerName, StrangerReport } from './strangers-part.ts'

/**
 * The process of one read by one client: another package, or ours. Tells what it got, and is ended by its parent, since the
 * packages leave sockets and timers behind.
 */
const [name, port, records] = process.argv.slice(2) as [StrangerName, string, string]
const HOST = '127.0.0.1'
const SOCKET_TIMEOUT_MS = 10_000
const UDP_PORT = 5200

/** What both packages have in common. */
interface ForeignClient {
  createSocket(): Promise<unknown>
  getAttendances(): Promise<{ data: ForeignRecord[]; err?: unknown }>
  disconnect(): Promise<unknown>
}
type ForeignClientClass = new (ip: string, port: number, timeoutMs: number, udpPort: number) => ForeignClient

/** A record as the one or the other calls it. */
interface ForeignRecord {
  readonly deviceUserId?: string
  readonly recordTime?: Date
  readonly user_id?: string
  readonly record_time?: string
}

/** What a read brought, before anything was done to judge it. */
interface Read {
  readonly wallMs: number
  readonly told: string
  /** User id and local time of each record. */
  keys(): string[]
}

const read = await (name === 'rollcall' ? readWithOurs() : readWith(name)).catch(failed)
const keys = read.keys()
const { filledDevice } = await import('./filled-device.ts')
const truth = filledDevice({ records: Number(records), options: { seed: 1 } }).punches
const wanted = new Set(truth.map(({ userId, localTime }) => `${userId} ${localTime}`))
const right = keys.filter(key => wanted.delete(key)).length
process.send?.({
  wallMs: Math.round(read.wallMs),
  told: read.told,
  returned: keys.length,
  right,
} satisfies StrangerReport)

async function readWithOurs(): Promise<Read> {
  const { readPunches } = await import('./read-part.ts')
  const keys: string[] = []
  const start = performance.now()
  await readPunches(Number(port), punch => keys.push(`${punch.userId} ${punch.localTime}`))
  return { wallMs: performance.now() - start, told: 'no error', keys: () => keys }
}

async function readWith(name: StrangerName): Promise<Read> {
  const Client = createRequire(import.meta.url)(name) as ForeignClientClass
  const start = performance.now()
  const client = new Client(HOST, Number(port), SOCKET_TIMEOUT_MS, UDP_PORT)
  await client.createSocket()
  const { data, err } = await client.getAttendances()
  const wallMs = performance.now() - start
  // Not waited for: one of them never comes back from it when the device is gone.
  void client.disconnect().catch(() => {})
  return { wallMs, told: err ? `told: ${sentenceOf(err)}` : 'no error', keys: () => data.map(keyOf) }
}

/** Its process has the zone UTC, so that the instants that both packages make of local times can be turned back. */
function keyOf(record: ForeignRecord): string {
  const time = record.recordTime ?? new Date(record.record_time ?? Number.NaN)
  const text = Number.isNaN(time.getTime()) ? 'no time' : time.toISOString().slice(0, 19).replace('T', ' ')
  return `${record.deviceUserId ?? record.user_id} ${text}`
}

function failed(error: unknown): Read {
  return { wallMs: Number.NaN, told: `failed: ${sentenceOf(error)}`, keys: () => [] }
}

/** Both wrap their errors, some of them several times. */
function sentenceOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'err' in error) return sentenceOf(error.err)
  return error instanceof Error ? error.message : String(error)
}

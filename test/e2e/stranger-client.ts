import { createRequire } from 'node:module'

/**
 * A process of its own for one conversation of another package with a device, since these packages print, leave timers and
 * sockets behind, and throw outside of any promise. Tells each step as soon as it ended; its parent ends it.
 */
export type Package = 'node-zklib' | 'zkteco-js'

export interface Told {
  readonly step: 'connected' | 'info' | 'users' | 'log' | 'disconnected' | 'failed'
  readonly value: unknown
}

/** What both packages have in common. */
interface ForeignClient {
  readonly connectionType: 'tcp' | 'udp' | null
  createSocket(): Promise<unknown>
  getInfo(): Promise<unknown>
  getUsers(): Promise<Answer>
  getAttendances(): Promise<Answer>
  disconnect(): Promise<unknown>
}
interface Answer {
  readonly data: readonly unknown[]
  readonly err?: unknown
}
type ForeignClientClass = new (ip: string, port: number, timeoutMs: number, ownPort: number) => ForeignClient

/** Shorter than the patience of the test; both packages wait this long for each piece. */
const TIMEOUT_MS = 3_000
/** Over UDP: any free port. */
const OWN_PORT = 0

if (process.send) {
  const [name, port] = process.argv.slice(2)
  process.on('uncaughtException', error => tell('failed', `uncaught: ${sentenceOf(error)}`))
  await converse(name as Package, Number(port)).catch((error: unknown) => tell('failed', sentenceOf(error)))
}

async function converse(name: Package, port: number): Promise<void> {
  const Client = createRequire(import.meta.url)(name) as ForeignClientClass
  const client = new Client('127.0.0.1', port, TIMEOUT_MS, OWN_PORT)
  await client.createSocket()
  tell('connected', client.connectionType)
  tell('info', await client.getInfo())
  tell('users', plain(await client.getUsers()))
  tell('log', plain(await client.getAttendances()))
  await client.disconnect()
  tell('disconnected', null)
}

/** Dates as the local times that they stand for, so that no zone of this machine comes in between. */
function plain(answer: Answer): { data: unknown[]; err: string | null } {
  const data = answer.data.map(entry => {
    const { recordTime, record_time: text, ip: _ip, ...rest } = entry as Record<string, unknown>
    const time = recordTime instanceof Date ? recordTime : typeof text === 'string' ? new Date(text) : null
    return time === null ? rest : { ...rest, localTime: localText(time) }
  })
  return { data, err: answer.err ? sentenceOf(answer.err) : null }
}

function localText(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
}

function tell(step: Told['step'], value: unknown): void {
  process.send?.({ step, value } satisfies Told)
}

/** Both wrap their errors, some of them several times. */
function sentenceOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'err' in error) return sentenceOf(error.err)
  return error instanceof Error ? error.message : String(error)
}

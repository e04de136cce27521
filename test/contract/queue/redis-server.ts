import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { parseRedisAddress, type RedisAddress } from '../../../src/queue/bullmq/redis-address.ts'
import { freePort } from '../../servers/free-port.ts'

const BINARY = 'redis-server'

function redisIsThere(): boolean {
  return spawnSync(BINARY, ['--version']).status === 0
}

/**
 * Whether the tests that need Redis run. Where not, one line says so; with `ROLLCALL_REQUIRE_SERVERS=1` its absence is a failure.
 *
 * @throws where Redis is required and not there.
 */
export function mayTestRedis(what: string): boolean {
  if (redisIsThere()) return true
  const how = `needs the command ${BINARY} (Debian and Ubuntu: apt-get install redis-server)`
  if (process.env.ROLLCALL_REQUIRE_SERVERS === '1') throw new Error(`${what} ${how}, and ROLLCALL_REQUIRE_SERVERS is 1`)
  console.warn(`skipped: ${what} ${how}`)
  return false
}

/** A Redis server of the tests, on a port of its own; everything it wrote is gone with it. It keeps its data over a restart. */
export class RedisServer implements AsyncDisposable {
  readonly port: number
  readonly #folder: string
  readonly #args: readonly string[]
  #process: ChildProcess | null = null
  #isGone = false

  private constructor(port: number, args: readonly string[]) {
    this.port = port
    this.#folder = mkdtempSync(join(tmpdir(), 'rollcall-redis-'))
    this.#args = args
  }

  static async start(options: { args?: readonly string[] } = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options.args ?? [])
    await server.start()
    return server
  }

  /** The address of one of its databases, of which it has 2,000. */
  address(database = 0): RedisAddress {
    return parseRedisAddress(`redis://127.0.0.1:${this.port}/${database}`)
  }

  async start(): Promise<void> {
    // A test that ran out of time goes on in the background, and must not leave a server behind.
    if (this.#isGone) throw new Error('the server of this test is gone')
    const fixed = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.#folder, '--databases', '2000']
    const kept = ['--appendonly', 'yes', '--save', '']
    const child = spawn(BINARY, [...fixed, ...kept, ...this.#args], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = child
    child.stdout.setEncoding('utf8')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let said = ''
    child.stdout.on('data', text => {
      said += text
      if (/Ready to accept connections/.test(said)) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${BINARY} ended: ${said}`)))
    await promise
  }

  /** Ends it: `SIGTERM` lets it write what it has, `SIGKILL` does not. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** Holds it up without ending it: connections stand, and nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Sends one command, as a person with `redis-cli` would. */
  async command(name: string, ...args: readonly string[]): Promise<unknown> {
    const client = new Redis({ host: '127.0.0.1', port: this.port })
    try {
      return await client.call(name, ...args)
    } finally {
      client.disconnect()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isGone = true
    this.thaw()
    await this.stop('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseServerAddress, type ServerAddress } from '../../src/store/server-address.ts'
import { freePort } from './free-port.ts'

/** A user and password of the servers of the tests; a password that shows up somewhere is found by its name. */
export const TEST_USER = 'rollcall'
export const TEST_PASSWORD = 'tiger/of#tests'

/** Looked at this often while a server begins to answer. */
const LOOK_MS = 50
const START_MS_MAX = 60_000

/**
 * What is left after a power cut. Tests kill servers at most, and gain much from not waiting for the disk; a figure of speed means
 * something only where a commit is on it.
 */
export type Durability = 'outlives-a-kill' | 'outlives-a-power-cut'

/** What sets one kind of server apart. */
export interface ServerRecipe {
  readonly scheme: 'postgres' | 'mysql'
  /** The system user that it has to run as where the tests run as root. */
  readonly account: string
  /** The command that makes its data, run once. */
  make(folder: string): { readonly command: string; readonly args: readonly string[] }
  serve(
    folder: string,
    options: { port: number; durability: Durability },
  ): { readonly command: string; readonly args: readonly string[] }
  /** How it ends in order: what it has in hand is cut, and what is committed stands. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT'
  /** Rejects while it does not answer. */
  answers(address: ServerAddress): Promise<void>
  createDatabase(address: ServerAddress, name: string): Promise<void>
}

/** A database server of the tests, on a port of its own; everything it wrote is gone with it. It keeps its data over a restart. */
export class ProcessServer implements AsyncDisposable {
  readonly port: number
  readonly #recipe: ServerRecipe
  readonly #durability: Durability
  readonly #folder: string
  readonly #owner: { uid: number; gid: number } | undefined
  #process: ChildProcess | null = null
  #databases = 0
  #isGone = false

  private constructor(recipe: ServerRecipe, options: { port: number; durability: Durability }) {
    this.port = options.port
    this.#recipe = recipe
    this.#durability = options.durability
    this.#owner = process.getuid?.() === 0 ? ownerOf(recipe.account) : undefined
    this.#folder = mkdtempSync(join(tmpdir(), `rollcall-${recipe.scheme}-`))
    if (this.#owner) chownSync(this.#folder, this.#owner.uid, this.#owner.gid)
  }

  static async start(recipe: ServerRecipe, durability: Durability = 'outlives-a-kill'): Promise<ProcessServer> {
    const server = new ProcessServer(recipe, { port: await freePort(), durability })
    const { command, args } = recipe.make(server.#folder)
    const made = spawnSync(command, args, { ...server.#owner, cwd: server.#folder, encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`${command} failed: ${made.stderr}${made.stdout}`)
    await server.start()
    return server
  }

  url(database: string): string {
    const password = encodeURIComponent(TEST_PASSWORD)
    return `${this.#recipe.scheme}://${TEST_USER}:${password}@127.0.0.1:${this.port}/${database}`
  }

  address(database: string): ServerAddress {
    return parseServerAddress(this.url(database), { port: this.port, user: TEST_USER })
  }

  /** A fresh, empty database. @returns its name. */
  async createDatabase(): Promise<string> {
    const name = `rollcall_${++this.#databases}`
    await this.#recipe.createDatabase(this.address(this.#recipe.scheme === 'postgres' ? 'postgres' : 'mysql'), name)
    return name
  }

  async start(): Promise<void> {
    // A test that ran out of time goes on in the background, and must not leave a server behind.
    if (this.#isGone) throw new Error('the server of this test is gone')
    const { command, args } = this.#recipe.serve(this.#folder, { port: this.port, durability: this.#durability })
    const child = spawn(command, args, { ...this.#owner, cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (said += text))
    const address = this.address(this.#recipe.scheme === 'postgres' ? 'postgres' : 'mysql')
    for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
      if (child.exitCode !== null || waitedMs > START_MS_MAX) throw new Error(`${command} did not start: ${said}`)
      try {
        return await this.#recipe.answers(address)
      } catch {
        await new Promise(resolve => setTimeout(resolve, LOOK_MS))
      }
    }
  }

  /** Ends it, in order or by a kill that it does not notice. */
  async stop(how: 'in-order' | 'kill' = 'in-order'): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(how === 'kill' ? 'SIGKILL' : this.#recipe.stopSignal)
    await ended
  }

  /** Holds it up without ending it: connections stand, and nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isGone = true
    this.thaw()
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function ownerOf(account: string): { uid: number; gid: number } {
  const idOf = (option: string) => Number(spawnSync('id', [option, account], { encoding: 'utf8' }).stdout)
  return { uid: idOf('-u'), gid: idOf('-g') }
}

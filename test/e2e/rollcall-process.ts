import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const BIN = resolve(import.meta.dirname, '../../bin/rollcall.js')
/** A command that hangs fails its test by name before the test runner gives up. */
const KILL_AFTER_MS = 30_000

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with everything on stdout so far, once `pattern` stands in it. */
  until(pattern: RegExp): Promise<string>
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** More for the command line of Node, in front of the command. */
  readonly nodeOptions?: readonly string[]
  /** Half a minute unless said. */
  readonly killAfterMs?: number
}

/**
 * Runs `rollcall` as its users do: a process of its own in an empty working directory. Remembers all that was printed, so
 * that a test can look for what must never be.
 */
export class Installation implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'rollcall-e2e-'))
  /** Everything that any command has printed, on either stream. */
  printed = ''

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return await this.start(args, options).ended
  }

  /** The objects that a command printed with `--json`; throws where a line is none. */
  async json(...args: readonly string[]): Promise<Array<Record<string, unknown>>> {
    return jsonLines((await this.run([...args, '--json'])).stdout)
  }

  start(args: readonly string[], options: RunOptions = {}): Running {
    const child = spawn(process.execPath, [...(options.nodeOptions ?? []), BIN, ...args], {
      cwd: this.directory,
      env: { PATH: process.env.PATH, HOME: this.directory, TZ: 'Europe/Berlin', ...options.environment },
      stdio: 'pipe',
      timeout: options.killAfterMs ?? KILL_AFTER_MS,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      this.printed += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      this.printed += text
    })
    // A command that ends without reading its input closes the pipe first.
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
    const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, stdout, stderr }))
    const until = async (pattern: RegExp) => {
      while (!pattern.test(stdout)) {
        const more = once(child.stdout, 'data').then(() => true)
        if (!(await Promise.race([more, ended.then(() => false)])) && !pattern.test(stdout)) {
          throw new Error(`ended before ${pattern.source} came; stdout: ${stdout} stderr: ${stderr}`)
        }
      }
      return stdout
    }
    return { process: child, ended, until }
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Every line of `text` as JSON. */
export function jsonLines(text: string): Array<Record<string, unknown>> {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { systemClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'

const ROLLCALL = resolve(import.meta.dirname, '../../rollcall')
/** Kills in one database before its rows are compared and the next one begins, so that most kills fall into inserting. */
const KILLS_EACH = 4
const RECORDS = 20_000
const NEW_RECORDS = 700

export interface KillReport {
  /** Syncs that were killed while they ran, and those that had just ended. */
  readonly killed: number
  readonly ended: number
  readonly databases: number
  readonly rows: number
}

/**
 * Kills `attendance:sync` with SIGKILL at random moments of its run, then lets one more sync end. At that point, in each database, every
 * punch of the device stands once and nothing else. The device is a virtual one in this process, so what is true is known.
 */
export async function killSync(options: {
  kills: number
  seed: number
  tell: (line: string) => void
}): Promise<KillReport> {
  const random = seededRandom(options.seed)
  const device = new VirtualDevice({ seed: options.seed }, { clock: systemClock })
  device.fillLog(RECORDS)
  const listener = await listenVirtualDevice(device, { host: '127.0.0.1', port: 0, transport: 'tcp' })
  const report = { killed: 0, ended: 0, databases: 0, rows: 0 }
  try {
    const usualMs = await timeOfOneSync(listener.port)
    options.tell(`one sync of ${RECORDS} records takes ${Math.round(usualMs)} ms; seed ${options.seed}`)
    for (let kill = 0; kill < options.kills; ) {
      await using storage = await openStorage(listener.port)
      const until = Math.min(kill + KILLS_EACH, options.kills)
      for (; kill < until; kill++) {
        const sync = storage.start('attendance:sync', '--once')
        await sleep(random.float() * usualMs)
        sync.kill('SIGKILL')
        const [code] = await ended(sync)
        assert(code === null || code === 0, `a sync ended with ${code}`)
        if (code === null) report.killed++
        else report.ended++
        storage.assertNothingWrong(device)
        device.fillLog(NEW_RECORDS)
      }
      await storage.finish('attendance:sync', '--once')
      report.rows += storage.assertEverything(device)
      report.databases++
      options.tell(
        `${kill} kills, ${report.killed} of them in the middle: every punch once, ${report.rows} rows compared`,
      )
    }
  } finally {
    await listener[Symbol.asyncDispose]()
  }
  assert.equal(device.stats.maxOpenConnections, 1, 'the device saw two connections at a time')
  return report
}

async function timeOfOneSync(port: number): Promise<number> {
  await using storage = await openStorage(port)
  const startedMs = systemClock.monotonicMs()
  await storage.finish('attendance:sync', '--once')
  return systemClock.monotonicMs() - startedMs
}

/** A folder with a database that knows the device, and the commands run in it. */
async function openStorage(port: number) {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-kill-'))
  const path = join(dir, 'rollcall.db')
  const env = { ...process.env, ROLLCALL_STORAGE: dir, DATABASE_URL: `sqlite:${path}` }
  const start = (...args: string[]): ChildProcess => spawn(ROLLCALL, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const finish = async (...args: string[]) => {
    const child = start(...args)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += String(chunk)))
    const [code] = await ended(child)
    assert.equal(code, 0, `rollcall ${args.join(' ')} ended with ${code}: ${output}`)
  }
  await finish('device:add', '--name', 'Gate', '--host', '127.0.0.1', '--port', String(port), '--timezone', 'UTC')
  return {
    start,
    finish,
    /** What is stored so far was punched, and is stored once. */
    assertNothingWrong: (device: VirtualDevice) => compare(path, device),
    /** And nothing is missing. @returns the number of rows. */
    assertEverything(device: VirtualDevice): number {
      const { rows, punches } = compare(path, device)
      assert.equal(rows, punches, 'punches are missing')
      return rows
    },
    async [Symbol.asyncDispose]() {
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function ended(child: ChildProcess): Promise<[code: number | null]> {
  if (child.exitCode !== null) return [child.exitCode]
  const [code] = await once(child, 'exit')
  return [code]
}

/** Read with plain SQL, as any other program would. */
function compare(path: string, device: VirtualDevice): { rows: number; punches: number } {
  const truth = new Map<string, string>()
  for (const punch of device.punches) {
    const key = `${punch.userId}|${punch.localTime}`
    if (punch.faulty === null && !truth.has(key)) truth.set(key, `${punch.punchState}|${punch.verifyMode}`)
  }
  const database = new Database(path, { readonly: true })
  try {
    const select = database.prepare('select device_user_id, local_time, punch_state, verify_mode from attendance_logs')
    const seen = new Set<string>()
    for (const row of select.raw().iterate() as Iterable<[string, string, number, number]>) {
      const key = `${row[0]}|${row[1]}`
      assert(!seen.has(key), `stored twice: ${key}`)
      assert.equal(`${row[2]}|${row[3]}`, truth.get(key), `not what was punched: ${key}`)
      seen.add(key)
    }
    return { rows: seen.size, punches: truth.size }
  } finally {
    database.close()
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    },
  })
  const report = await killSync({
    kills: Number(values.kills),
    seed: Number(values.seed),
    tell: line => console.log(line),
  })
  console.log(
    `${report.killed + report.ended} kills, ${report.killed} in the middle of a sync, ${report.databases} databases, ${report.rows} rows: every punch once`,
  )
}

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { readConfig } from '../../src/app/config.ts'
import { openReader } from '../../src/app/database.ts'
import { systemClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import { serverOfEngine, startServer } from '../servers/recipes.ts'

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
  /** The URL of a database to begin with; a file of SQLite otherwise. The same one may come again: the device is removed in between. */
  database?: () => Promise<string>
  tell: (line: string) => void
}): Promise<KillReport> {
  const { database } = options
  const random = seededRandom(options.seed)
  const device = new VirtualDevice({ seed: options.seed }, { clock: systemClock })
  device.fillLog(RECORDS)
  const listener = await listenVirtualDevice(device, { host: '127.0.0.1', port: 0, transport: 'tcp' })
  const report = { killed: 0, ended: 0, databases: 0, rows: 0 }
  try {
    const usualMs = await timeOfOneSync(listener.port, database)
    options.tell(`one sync of ${RECORDS} records takes ${Math.round(usualMs)} ms; seed ${options.seed}`)
    for (let kill = 0; kill < options.kills; ) {
      await using storage = await openStorage(listener.port, database)
      const until = Math.min(kill + KILLS_EACH, options.kills)
      for (; kill < until; kill++) {
        const sync = storage.start('attendance:sync', '--once')
        await sleep(random.float() * usualMs)
        sync.kill('SIGKILL')
        const [code] = await ended(sync)
        assert(code === null || code === 0, `a sync ended with ${code}`)
        if (code === null) report.killed++
        else report.ended++
        await storage.assertNothingWrong(device)
        device.fillLog(NEW_RECORDS)
      }
      await storage.finish('attendance:sync', '--once')
      report.rows += await storage.assertEverything(device)
      await storage.removeDevice()
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

async function timeOfOneSync(port: number, database: Parameters<typeof openStorage>[1]): Promise<number> {
  await using storage = await openStorage(port, database)
  const startedMs = systemClock.monotonicMs()
  await storage.finish('attendance:sync', '--once')
  const tookMs = systemClock.monotonicMs() - startedMs
  await storage.removeDevice()
  return tookMs
}

/** A folder, a database that knows the device, and the commands run on them. */
async function openStorage(port: number, database: (() => Promise<string>) | undefined) {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-kill-'))
  const url = (await database?.()) ?? `sqlite:${join(dir, 'rollcall.db')}`
  const env = { ...process.env, ROLLCALL_STORAGE: dir, DATABASE_URL: url }
  const start = (...args: string[]): ChildProcess => spawn(ROLLCALL, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const finish = async (...args: string[]): Promise<string> => {
    const child = start(...args)
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', chunk => (said[name] += String(chunk)))
    const [code] = await ended(child)
    assert.equal(code, 0, `rollcall ${args.join(' ')} ended with ${code}: ${said.stdout}${said.stderr}`)
    return said.stdout
  }
  const address = ['--host', '127.0.0.1', '--port', String(port)]
  const id = (await finish('device:add', '--name', 'Gate', ...address, '--timezone', 'UTC')).trim()
  return {
    start,
    finish,
    removeDevice: () => finish('device:remove', id, '--yes'),
    /** What is stored so far was punched, and is stored once. */
    assertNothingWrong: (device: VirtualDevice) => compare(env, id, device),
    /** And nothing is missing. @returns the number of rows. */
    async assertEverything(device: VirtualDevice): Promise<number> {
      const { rows, punches } = await compare(env, id, device)
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
async function compare(
  environment: Readonly<Record<string, string | undefined>>,
  id: string,
  device: VirtualDevice,
): Promise<{ rows: number; punches: number }> {
  const truth = new Map<string, string>()
  for (const punch of device.punches) {
    const key = `${punch.userId}|${punch.localTime}`
    if (punch.faulty === null && !truth.has(key)) truth.set(key, `${punch.punchState}|${punch.verifyMode}`)
  }
  await using reader = await openReader(readConfig({ environment, workingDirectory: tmpdir() }).database)
  const { rows } = await sql<{ person: string; told: string; state: number; mode: number }>`
    select device_user_id as person, local_time as told, punch_state as state, verify_mode as mode
    from attendance_logs where device_id = ${Number(id)}`.execute(reader.kysely)
  const seen = new Set<string>()
  for (const { person, told, state, mode } of rows) {
    const key = `${person}|${told}`
    assert(!seen.has(key), `stored twice: ${key}`)
    assert.equal(`${state}|${mode}`, truth.get(key), `not what was punched: ${key}`)
    seen.add(key)
  }
  return { rows: seen.size, punches: truth.size }
}

/** `npm run kill-test -- [--kills 200] [--seed 7] [--engine postgres|mysql | --database URL]`: SQLite without the last two. */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
      engine: { type: 'string' },
      database: { type: 'string' },
    },
  })
  const { kills, seed, engine, database: url } = values
  assert(engine === undefined || url === undefined, 'either --engine or --database')
  await using server = engine === undefined ? null : await startServer(serverOfEngine(engine))
  const freshUrl = server && (async () => server.url(await server.createDatabase()))
  const database = url === undefined ? freshUrl : async () => url
  const report = await killSync({
    kills: Number(kills),
    seed: Number(seed),
    ...(database ? { database } : {}),
    tell: line => console.log(line),
  })
  console.log(
    `${report.killed + report.ended} kills, ${report.killed} in the middle of a sync, ${report.databases} databases, ${report.rows} rows: every punch once`,
  )
}

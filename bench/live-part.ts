import assert from 'node:assert/strict'
import type { Database, Statement } from 'better-sqlite3'
import { openBareSqlite } from './bare-sqlite.ts'
import { type DeviceChild, type MadePunch, machineMs, startDevice } from './device-child.ts'
import { FloorLine } from './floor-line.ts'
import { openInstallation } from './installation.ts'
import { quantile, tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const MEDIAN_MS_MAX = 20
const NEARLY_ALL_MS_MAX = 100
const NEARLY_ALL = 0.99
/** Somebody punches this often, give or take a half, so that punches do not wait for each other. */
const EVERY_MS = 20
/** The contestants take turns, so that what else the machine does falls on both. */
const ROUNDS = 5
const POLL_MS = 30_000
/** After the last punch of a round, what is still on its way may take this long. */
const PATIENCE_MS = 10_000
const LOOK_MS = 10

/** From a punch at the device to its row, as another connection of the database sees it. */
export const livePart: Part = {
  title: sizes => `live: ${sizes.punches} punches at a device with ${sizes.records} records, to committed rows`,
  async run(sizes: Sizes): Promise<string[]> {
    await using device = await startDevice({ records: sizes.records })
    return await inTemporaryFolder(async folder => {
      const path = folder('bench.db')
      {
        await using installation = await openInstallation({ path, ports: [device.port], listens: 'listens' })
        const { inserted } = await installation.engine.syncOnce({}, new AbortController().signal)
        assert.equal(inserted, sizes.records)
      }
      const punches = Math.ceil(sizes.punches / ROUNDS)
      const floor: Round[] = []
      const ours: Round[] = []
      for (let round = 0; round < ROUNDS; round++) {
        floor.push(await floorRound(device, path, punches))
        ours.push(await ourRound(device, path, punches))
      }
      const { openConnections, sessionsWithoutExit } = await device.state()
      assert.deepEqual([openConnections, sessionsWithoutExit], [0, 0])
      const all = ours.flatMap(({ waitsMs }) => waitsMs)
      const isMet = quantile(all, 0.5) <= MEDIAN_MS_MAX && quantile(all, NEARLY_ALL) <= NEARLY_ALL_MS_MAX
      return [
        ...tableLines([
          ['', 'punches', 'median ms', '90 %', '99 %', 'most', 'CPU ms a punch'],
          row('floor: bare socket, bare insert', floor),
          row('ours: SyncEngine.run, listening', ours),
        ]),
        '  from VirtualDevice.punch until a second connection of the database, which looks after each commit, sees the row',
        `  target: median within ${MEDIAN_MS_MAX} ms, 99 % within ${NEARLY_ALL_MS_MAX} ms: ${isMet ? 'met' : 'MISSED'}`,
      ]
    })
  },
}

/** What one contestant made of some punches. */
interface Round {
  readonly waitsMs: readonly number[]
  readonly cpuMs: number
}

async function ourRound(device: DeviceChild, path: string, punches: number): Promise<Round> {
  const watcher = new RowWatcher(path)
  const listening = Promise.withResolvers<void>()
  await using installation = await openInstallation({
    path,
    ports: [],
    onEvent: event => {
      if (event.event === 'device.listening') listening.resolve()
      if (event.event === 'device.punched') watcher.look()
      if (event.event === 'device.failed') listening.reject(new Error(event.message))
    },
  })
  const end = new AbortController()
  const running = installation.engine.run({ intervalMs: POLL_MS }, end.signal)
  await listening.promise
  const round = await measured(device, watcher, punches)
  end.abort()
  await running
  return round
}

async function floorRound(device: DeviceChild, path: string, punches: number): Promise<Round> {
  const watcher = new RowWatcher(path)
  const database = openBareSqlite(path)
  const insert = database.prepare(
    `insert into attendance_logs (device_id, device_user_id, punched_at, local_time, punch_state, verify_mode, work_code,
      source, record_layout, raw_record, created_at) values (1, ?, ?, ?, ?, ?, 0, 'live', 'event-36', ?, ?)`,
  )
  const line = await FloorLine.open(device.port)
  line.onEvent = data => {
    const userId = data.toString('latin1', 0, data.indexOf(0))
    const [year = 0, ...rest] = data.subarray(26, 32)
    const [month, day, hour, minute, second] = rest.map(part => String(part).padStart(2, '0'))
    const time = `${2000 + year}-${month}-${day} ${hour}:${minute}:${second}`
    const instant = new Date(`${time.replace(' ', 'T')}Z`).toISOString()
    insert.run(userId, instant, time, data[25], data[24], Buffer.from(data), new Date().toISOString())
    watcher.look()
  }
  await line.ask(1000)
  await line.ask(500, Buffer.from([1, 0, 0, 0]))
  const round = await measured(device, watcher, punches)
  await line.ask(1001)
  await line.end()
  database.close()
  return round
}

async function measured(device: DeviceChild, watcher: RowWatcher, punches: number): Promise<Round> {
  const cpu = process.cpuUsage()
  const made = await device.punch({ punches, everyMs: EVERY_MS })
  await watcher.untilSeen(punches)
  const { user, system } = process.cpuUsage(cpu)
  watcher.close()
  return { waitsMs: watcher.waitsOf(made), cpuMs: (user + system) / 1000 }
}

/** Notes when rows become visible to a connection that has nothing to do with those that write. */
class RowWatcher {
  readonly #database: Database
  readonly #seenAtMs = new Map<string, number>()
  readonly #newer: Statement<[number], { id: number; key: string }>
  #lastId: number

  constructor(path: string) {
    this.#database = openBareSqlite(path)
    this.#lastId = this.#database.prepare('select max(id) from attendance_logs').pluck().get() as number
    this.#newer = this.#database.prepare(
      `select id, device_user_id || ' ' || local_time as key from attendance_logs where id > ? order by id`,
    )
  }

  look(): void {
    const rows = this.#newer.all(this.#lastId)
    const atMs = machineMs()
    for (const { id, key } of rows) {
      this.#lastId = id
      this.#seenAtMs.set(key, atMs)
    }
  }

  async untilSeen(rows: number): Promise<void> {
    const giveUpAtMs = machineMs() + PATIENCE_MS
    while (this.#seenAtMs.size < rows) {
      assert.ok(machineMs() < giveUpAtMs, `${rows - this.#seenAtMs.size} of ${rows} punches did not become rows`)
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
  }

  waitsOf(made: readonly MadePunch[]): number[] {
    return made.map(({ userId, localTime, atMs }) => {
      const seenAtMs = this.#seenAtMs.get(`${userId} ${localTime}`)
      assert.ok(seenAtMs !== undefined, `the punch of ${userId} at ${localTime} is no row`)
      return seenAtMs - atMs
    })
  }

  close(): void {
    this.#database.close()
  }
}

function row(name: string, rounds: readonly Round[]): string[] {
  const waitsMs = rounds.flatMap(round => round.waitsMs)
  const cpuMs = rounds.reduce((sum, round) => sum + round.cpuMs, 0) / waitsMs.length
  const figures = [0.5, 0.9, NEARLY_ALL, 1].map(share => quantile(waitsMs, share).toFixed(2))
  return [name, String(waitsMs.length), ...figures, cpuMs.toFixed(2)]
}

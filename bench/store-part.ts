import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { openBareSqlite } from './bare-sqlite.ts'
import { startDevice } from './device-child.ts'
import { floorExchange } from './floor-exchange.ts'
import { type Installation, openInstallation } from './installation.ts'
import { compare, resultLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'

const TARGET = 1.5
/** A round is long enough to be compiled early in it, and writes 25 MB. */
const ROUNDS_MAX = 9

/** From nothing to committed rows in a fresh file: the real engine beside the bare exchange and a bare insert loop. */
export const storePart: Part = {
  title: sizes => `store: the same ${sizes.records} records to committed rows in a fresh SQLite file`,
  async run(sizes: Sizes): Promise<string[]> {
    await using device = await startDevice({ records: sizes.records })
    const { port } = device
    const rows = await rowsToStore(port)
    assert.equal(rows.length, sizes.records)
    const results = await compare(
      [
        {
          name: 'floor: bare exchange, bare insert loop',
          round: measure =>
            withInstallation(port, async ({ path }) => {
              const database = openBareSqlite(path)
              await measure(async () => {
                await floorExchange(port)
                insertBare(database, rows)
              })
              assert.equal(countRows(database), sizes.records)
              database.close()
            }),
        },
        {
          name: 'ours: SyncEngine.syncOnce',
          round: measure =>
            withInstallation(port, async ({ path, engine }) => {
              await measure(async () => {
                const summary = await engine.syncOnce({}, new AbortController().signal)
                assert.deepEqual([summary.failed, summary.inserted], [0, sizes.records])
              })
              const database = openBareSqlite(path)
              assert.equal(countRows(database), sizes.records)
              database.close()
            }),
        },
      ],
      { rounds: Math.min(sizes.rounds, ROUNDS_MAX), warmUps: 1 },
    )
    return resultLines(results, TARGET)
  },
}

async function withInstallation<Result>(
  port: number,
  work: (installation: Installation & { path: string }) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
  try {
    const path = join(folder, 'bench.db')
    await using installation = await openInstallation({ path, ports: [port] })
    return await work({ store: installation.store, engine: installation.engine, path })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every row as the engine stores it, id aside, which SQLite gives. Read once, so that the floor pays for no decoding. */
function rowsToStore(port: number): Promise<unknown[][]> {
  return withInstallation(port, async ({ path, engine }) => {
    await engine.syncOnce({}, new AbortController().signal)
    const database = openBareSqlite(path)
    const rows = database.prepare(`select ${COLUMNS.join()} from attendance_logs order by id`).raw().all()
    database.close()
    return rows as unknown[][]
  })
}

const COLUMNS = [
  'device_id',
  'device_user_id',
  'punched_at',
  'local_time',
  'time_note',
  'punch_state',
  'verify_mode',
  'work_code',
  'source',
  'record_layout',
  'raw_record',
  'sync_run_id',
  'created_at',
] as const

function insertBare(database: Database, rows: readonly unknown[][]): void {
  const insert = database.prepare(
    `insert into attendance_logs (${COLUMNS.join()}) values (${COLUMNS.map(() => '?').join()})`,
  )
  database.exec('begin immediate')
  for (const row of rows) insert.run(row)
  database.exec('commit')
}

function countRows(database: Database): unknown {
  return database.prepare('select count(*) from attendance_logs').pluck().get()
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import Sqlite from 'better-sqlite3'
import { systemClock } from '../src/base/clock.ts'
import type { Lease, Store } from '../src/model/store.ts'
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts'
import { madePunches } from './made-punches.ts'

/**
 * How fast the store commits punches, beside the fastest that can be had from SQLite: a bare loop over one prepared
 * statement in one transaction, for the same rows, into the same table of a second file. `node bench/store-insert.ts`.
 */
const ROWS = 100_000
const BATCHES = [1000, 5000, 10_000, ROWS]
const ROUNDS = 5
const COLUMNS = [
  'device_id, device_user_id, punched_at, local_time, time_note, punch_state, verify_mode, work_code',
  'source, record_layout, raw_record, sync_run_id, created_at',
].join(', ')

const punches = madePunches(ROWS)
const measures: Record<string, () => Promise<number>> = { 'bare loop, one transaction': bareMs }
for (const size of BATCHES) measures[`store, batches of ${size}`] = () => storeMs(size)
measures['store, all known already'] = () => storeMs(10_000, 'twice')

// In turns, each beside its own bare loop, since other work on the machine comes and goes.
const rounds: number[][] = []
for (let round = 0; round < ROUNDS; round++) {
  const times: number[] = []
  for (const measure of Object.values(measures)) times.push(await measure())
  rounds.push(times)
}
for (const [i, name] of Object.keys(measures).entries()) {
  const ms = median(rounds.map(times => times[i] ?? Number.NaN))
  const ratio = median(rounds.map(times => (times[i] ?? Number.NaN) / (times[0] ?? Number.NaN)))
  const rate = String(Math.round((ROWS / ms) * 1000)).padStart(7)
  console.log(`${name.padEnd(28)} ${rate} rows/s ${ms.toFixed(0).padStart(6)} ms ${ratio.toFixed(2).padStart(6)} x`)
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

async function withStore(work: (store: Store, path: string, lease: Lease, runId: number) => Promise<number>) {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
  const path = join(folder, 'bench.db')
  try {
    await using store = await openSqliteStore({
      path,
      clock: systemClock,
      secrets: { seal: text => text, open: text => text },
    })
    const settings = {
      name: 'Bench',
      host: 'h',
      port: 4370,
      transport: 'auto',
      timezone: 'UTC',
      isActive: true,
      isLive: false,
      setsClock: false,
    } as const
    const { id } = await store.devices.add({ ...settings, commKey: 0 })
    const taken = await store.leases.acquire({ deviceId: id, holder: 'bench', ttlMs: 60_000, isDead: () => false })
    if (!('lease' in taken)) throw new Error('a new device has no holder')
    return await work(store, path, taken.lease, await store.punches.beginRun(taken.lease, 'full'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function storeMs(size: number, times: 'once' | 'twice' = 'once'): Promise<number> {
  return withStore(async (store, _path, lease, runId) => {
    let ms = 0
    for (let pass = 0; pass < (times === 'once' ? 1 : 2); pass++) {
      const start = performance.now()
      for (let from = 0; from < ROWS; from += size) {
        const batch = punches.slice(from, from + size)
        await store.punches.commit({
          lease,
          runId,
          source: 'poll',
          driftSeconds: null,
          punches: batch,
          quarantined: [],
        })
      }
      ms = performance.now() - start
    }
    return ms
  })
}

function bareMs(): Promise<number> {
  return withStore(async (_store, path, lease, runId) => {
    const createdAt = new Date(0).toISOString()
    const rows = punches.map(punch => [
      lease.deviceId,
      punch.userId,
      new Date(punch.punchedAtMs).toISOString(),
      punch.localTime,
      punch.timeNote,
      punch.punchState,
      punch.verifyMode,
      punch.workCode,
      'poll',
      punch.layout,
      punch.raw,
      runId,
      createdAt,
    ])
    const database = new Sqlite(path)
    database.pragma('synchronous = normal')
    const statement = database.prepare(`insert into attendance_logs (${COLUMNS}) values (${Array(13).fill('?').join()})
      on conflict (device_id, device_user_id, local_time) do nothing`)
    const start = performance.now()
    database.exec('begin immediate')
    for (const row of rows) statement.run(row)
    database.exec('commit')
    const ms = performance.now() - start
    database.close()
    return ms
  })
}

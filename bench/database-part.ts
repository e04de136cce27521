import assert from 'node:assert/strict'
import type { DatabaseConfig } from '../src/app/config.ts'
import { openStore } from '../src/app/database.ts'
import { systemClock } from '../src/base/clock.ts'
import type { ZonedPunch } from '../src/model/punch.ts'
import type { Lease, Store } from '../src/model/store.ts'
import { withMysql, withPostgres } from '../test/servers/recipes.ts'
import { type BareRow, bareRows } from './bare-insert.ts'
import { MYSQL_WAYS, mysqlRows } from './bare-mysql.ts'
import { POSTGRES_WAYS } from './bare-postgres.ts'
import { openBareSqlite, SQLITE_WAYS } from './bare-sqlite.ts'
import { type DatabaseSite, onEachEngine } from './database-site.ts'
import { madePunches } from './made-punches.ts'
import { type Contestant, compare, type Result, tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'

/** Of the rows a second that the fastest bare way reaches. */
const SHARE_MIN = 0.5
/** Known rows a second, to new ones. */
const KNOWN_RATIO_MIN = 1
/** Punches in one transaction, as the engine has it. */
const BATCH = 5000
const ROUNDS_MAX = 5

/** Rows a second through the store on each engine, beside the fastest of some bare ways to insert the same rows. */
export const databasePart: Part = {
  title: sizes => `database: ${sizes.records} rows through the store, new and then all known, on each engine`,
  async run(sizes: Sizes): Promise<string[]> {
    const lines: string[] = []
    const punches = madePunches(sizes.records)
    await onEachEngine('the database part', async site => {
      lines.push(...(await measureEngine(site, punches, Math.min(sizes.rounds, ROUNDS_MAX))))
    })
    return lines
  },
}

async function measureEngine(site: DatabaseSite, punches: readonly ZonedPunch[], rounds: number): Promise<string[]> {
  const ways = await site.withDatabase(async database => bareWays(database))
  const bare = ways.map(
    (way): Contestant => ({
      name: `bare: ${way}`,
      round: measure =>
        onDevice(site, async ({ database, lease, runId, store }) => {
          const rows = bareRows(punches, { deviceId: lease.deviceId, runId })
          const prepared = database.engine === 'mysql' ? mysqlRows(rows) : rows
          await withBareWay(database, way, insert => measure(() => insert(prepared)))
          assert.equal(await store.logs.count({}), punches.length)
        }),
    }),
  )
  const fresh: Contestant = {
    name: 'ours: new rows',
    round: measure =>
      onDevice(site, async device => {
        await measure(async () => assert.equal(await commitAll(device, punches), punches.length))
      }),
  }
  const known: Contestant = {
    name: 'ours: known rows',
    round: measure =>
      onDevice(site, async device => {
        await commitAll(device, punches)
        await measure(async () => assert.equal(await commitAll(device, punches), 0))
      }),
  }
  return reportLines(site.name, punches.length, await compare([...bare, fresh, known], { rounds, warmUps: 1 }))
}

/** A database with one device, its lease and a run. */
interface BenchDevice {
  readonly database: DatabaseConfig
  readonly store: Store
  readonly lease: Lease
  readonly runId: number
}

function onDevice(site: DatabaseSite, work: (device: BenchDevice) => Promise<void>): Promise<void> {
  return site.withDatabase(async database => {
    await using store = await openStore(database, {
      clock: systemClock,
      secrets: { seal: text => text, open: text => text },
    })
    const address = { host: 'h', port: 4370, transport: 'auto', timezone: 'UTC', commKey: 0 } as const
    const wishes = { isActive: true, isLive: false, setsClock: false }
    const { id } = await store.devices.add({ name: 'Bench', ...address, ...wishes })
    const taken = await store.leases.acquire({ deviceId: id, holder: 'bench', ttlMs: 600_000, isDead: () => false })
    assert('lease' in taken)
    const { lease } = taken
    await work({ database, store, lease, runId: await store.punches.beginRun(lease, 'full') })
  })
}

/** The names of the bare ways of an engine. */
function bareWays({ engine }: DatabaseConfig): string[] {
  switch (engine) {
    case 'sqlite':
      return Object.keys(SQLITE_WAYS)
    case 'postgres':
      return Object.keys(POSTGRES_WAYS)
    case 'mysql':
      return Object.keys(MYSQL_WAYS)
    default:
      return engine satisfies never
  }
}

/** Gives `work` the insert of a bare way, on a connection that stands already, as that of the store does. */
async function withBareWay(
  database: DatabaseConfig,
  way: string,
  work: (insert: (rows: readonly BareRow[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  switch (database.engine) {
    case 'sqlite': {
      const file = openBareSqlite(database.path)
      await work(async rows => SQLITE_WAYS[way]?.(file, rows))
      file.close()
      return
    }
    case 'postgres':
      return await withPostgres(database.address, client => work(async rows => POSTGRES_WAYS[way]?.(client, rows)))
    case 'mysql':
      return await withMysql(database.address, connection => work(async rows => MYSQL_WAYS[way]?.(connection, rows)))
    default:
      return database satisfies never
  }
}

/** @returns how many were new. */
async function commitAll({ store, lease, runId }: BenchDevice, punches: readonly ZonedPunch[]): Promise<number> {
  let inserted = 0
  for (let from = 0; from < punches.length; from += BATCH) {
    const batch = punches.slice(from, from + BATCH)
    const common = { lease, runId, source: 'poll', driftSeconds: null } as const
    inserted += (await store.punches.commit({ ...common, punches: batch, quarantined: [] })).inserted
  }
  return inserted
}

function reportLines(engine: string, rows: number, results: readonly Result[]): string[] {
  const rate = (result: Result | undefined) => (rows / (result?.median.wallMs ?? Number.NaN)) * 1000
  const [fresh, known] = results.slice(-2)
  const best = Math.max(...results.slice(0, -2).map(rate))
  const share = rate(fresh) / best
  const knownRatio = rate(known) / rate(fresh)
  return [
    ...tableLines([
      [engine, 'rows/s', 'wall ms', 'from-to', 'CPU ms', 'of the floor'],
      ...results.map(result => [
        `  ${result.name}`,
        rate(result).toFixed(0),
        result.median.wallMs.toFixed(0),
        result.spread.wallMs.map(ms => ms.toFixed(0)).join('-'),
        result.median.cpuMs.toFixed(0),
        `${(rate(result) / best).toFixed(2)} x`,
      ]),
    ]),
    `    target: new rows at least ${SHARE_MIN} x the fastest bare way: ${verdict(share >= SHARE_MIN)}`,
    `    target: known rows at least as fast as new ones: ${knownRatio.toFixed(2)} x, ${verdict(knownRatio >= KNOWN_RATIO_MIN)}`,
  ]
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED'
}

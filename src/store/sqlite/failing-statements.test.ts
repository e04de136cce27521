import assert from 'node:assert/strict'
import Sqlite, { type Database } from 'better-sqlite3'
import { describe, test } from 'vitest'
import { freshFolder } from '../../../test/contract/store/test-database.ts'
import { systemClock } from '../../base/clock.ts'
import { StoreError } from '../../base/errors.ts'
import type { ZonedPunch } from '../../model/punch.ts'
import type { Checkpoint, CoverageProof, Lease, PunchCommit, RunOutcome, Store } from '../../model/store.ts'

/** More than any operation below executes. */
const STATEMENTS_MAX = 200

const settings = {
  name: 'Main Entrance',
  host: 'h',
  port: 4370,
  transport: 'auto',
  timezone: 'UTC',
  isActive: true,
  isLive: true,
  setsClock: false,
  commKey: 1,
} as const

interface Prepared {
  readonly store: Store
  readonly lease: Lease
  readonly runId: number
}

/** Every operation that writes, each from the state that `prepared` makes. */
const operations: Record<string, (prepared: Prepared) => Promise<unknown>> = {
  'add a device': ({ store }) => store.devices.add(settings),
  'edit a device': ({ store, lease }) => store.devices.edit(lease.deviceId, { name: 'other', commKey: 2 }),
  'remove a device': ({ store, lease }) => store.devices.remove(lease.deviceId),
  'record an identity': ({ store, lease }) => {
    const told = { serialNumber: 'S', model: 'M', firmware: 'F', platform: 'P', transport: 'udp' } as const
    return store.devices.recordIdentity(lease.deviceId, told)
  },
  'record people': ({ store, lease }) => {
    const people = [1, 2, 3].map(uid => ({ uid, userId: `${uid % 2}`, name: `N${uid}` }))
    return store.people.record(lease.deviceId, people, { from: '2026-02-01 00:00:00', until: '2026-02-01 00:00:00' })
  },
  'acquire a lease': ({ store, lease }) =>
    store.leases.acquire({ deviceId: lease.deviceId, holder: 'two', ttlMs: 1000, isDead: () => true }),
  'renew a lease': ({ store, lease }) => store.leases.renew(lease, 1000),
  'release a lease': ({ store, lease }) => store.leases.release(lease),
  'begin a run': ({ store, lease }) => store.punches.beginRun(lease, 'full'),
  'commit a batch': prepared => prepared.store.punches.commit(batch(prepared)),
  'commit what was told live': prepared =>
    prepared.store.punches.commit({ ...batch(prepared), runId: null, source: 'live' }),
  'lengthen a span': ({ store, lease }) => store.coverage.lengthen(lease, proof.atMs + 1000),
  'record the clock': ({ store, lease }) =>
    store.clocks.record(lease.deviceId, { readAt: new Date(), localTime: '', driftSeconds: 9, kind: 'read' }),
  'record the live state': ({ store, lease }) => store.devices.recordLiveState(lease.deviceId, 'down'),
  'record the counters': ({ store, lease }) =>
    store.devices.recordCounters(lease.deviceId, { records: 6, capacity: 100 }),
  'remove old attendance logs': ({ store, lease }) =>
    store.retention.remove({ deviceId: lease.deviceId, before: new Date(proof.atMs), after: null }),
  'finish a run': prepared => {
    const checkpoint = { ...earlierCheckpoint, recordCount: 6, counter: 6 }
    const coverage = { ...proof, atMs: proof.atMs + 1000, because: 'log-cleared' } as const
    return prepared.store.punches.finish({ ...prepared, outcome, checkpoint, coverage }, batch(prepared))
  },
}

describe('a statement that fails', () => {
  const under = freshFolder()

  for (const [name, operate] of Object.entries(operations))
    test(`leaves nothing of its transaction, whichever it is: ${name}`, async () => {
      const fault = new Fault()
      const store = await under.open({ onStatement: sql => fault.strike(sql), clock: new TickingClock() })
      const prepared = await prepare(store)
      let failures = 0
      for (let n = 1; n <= STATEMENTS_MAX; n++) {
        const before = under.withPlainSql(contents)
        fault.failAt(n)
        const error = await operate(prepared).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        const isStruck = fault.isStruck
        fault.failAt(Number.POSITIVE_INFINITY)
        if (!isStruck) {
          assert.equal(error, undefined)
          assert.notDeepEqual(under.withPlainSql(contents), before, 'the operation writes')
          break
        }
        assert(error instanceof StoreError && error.code === 'STORE_UNAVAILABLE', `${n}: ${error}`)
        assert(error.cause instanceof Sqlite.SqliteError)
        assert.deepEqual(under.withPlainSql(contents), before, `after failure ${n} in ${fault.struckSql}`)
        failures++
      }
      assert(failures >= 3 && failures < STATEMENTS_MAX, `${failures} failures`)
    })

  test('leaves a new file that opens the next time, whichever statement of the first opening it is', async () => {
    const fault = new Fault()
    let failures = 0
    for (let n = 1; ; n++) {
      fault.failAt(n)
      const opened = under.open({ onStatement: sql => fault.strike(sql) })
      if (
        await opened.then(
          () => true,
          () => false,
        )
      )
        break
      assert.deepEqual(Object.keys(under.withPlainSql(contents)), [], `after failure ${n} in ${fault.struckSql}`)
      failures++
    }
    assert(failures > 20, `${failures} failures`)
    assert.deepEqual(await (await under.open()).devices.list(), [])
  })
})

/** A disk that is full at the n-th statement from now. */
class Fault {
  #left = Number.POSITIVE_INFINITY
  isStruck = false
  struckSql = ''

  failAt(n: number): void {
    this.#left = n
    this.isStruck = false
  }

  strike(sql: string): void {
    this.#left--
    if (this.#left !== 0) return
    this.isStruck = true
    this.struckSql = sql
    throw new Sqlite.SqliteError('database or disk is full', 'SQLITE_FULL')
  }
}

/** Moves on at each look: a row is older than the checkpoint that follows it. */
class TickingClock {
  #ms = systemClock.now()

  now(): number {
    return this.#ms++
  }

  sleep(ms: number): Promise<void> {
    return systemClock.sleep(ms)
  }
}

/** A device with a lease, an earlier run with a punch that its log no longer holds, people, and a run under way. */
async function prepare(store: Store): Promise<Prepared> {
  const { id: deviceId } = await store.devices.add(settings)
  const taken = await store.leases.acquire({ deviceId, holder: 'one', ttlMs: 60_000, isDead: () => false })
  assert('lease' in taken)
  const { lease } = taken
  const earlier = { store, lease, runId: await store.punches.beginRun(lease, 'full') }
  const gone = { ...punchAt(0), localTime: '2025-01-01 00:00:00', punchedAtMs: Date.UTC(2025, 0, 1) }
  await store.punches.finish(
    { ...earlier, outcome, checkpoint: earlierCheckpoint, coverage: proof },
    { ...batch(earlier), punches: [gone] },
  )
  await store.people.record(deviceId, [{ uid: 1, userId: '1', name: 'A' }], {
    from: '2026-01-01 00:00:00',
    until: '2026-01-01 00:00:00',
  })
  return { ...earlier, runId: await store.punches.beginRun(lease, 'full') }
}

const proof: CoverageProof = {
  atMs: Date.UTC(2026, 0, 1),
  isSeen: true,
  continues: false,
  fromMs: 0,
  because: 'first-read',
}

const earlierCheckpoint: Checkpoint = {
  recordCount: 5,
  counter: 5,
  layout: '40',
  firmware: 'F',
  tail: Uint8Array.of(1),
  comparedAt: new Date(proof.atMs),
  isTrusted: true,
  takesSlices: true,
  oldestLocal: '2026-01-01 00:00:00',
}

const outcome: RunOutcome = {
  mode: 'full',
  status: 'ok',
  recordsOnDevice: 6,
  counterBefore: 6,
  counterAfter: 6,
  countProof: 'counter',
  received: 6,
  inserted: 0,
  duplicates: 0,
  quarantined: 1,
  bytes: 240,
  fullBecause: null,
  missedByTail: 0,
  error: null,
}

function batch({ lease, runId }: Omit<Prepared, 'store'>): PunchCommit {
  const punches = Array.from({ length: 5 }, (_, second) => punchAt(second))
  const raw = Uint8Array.of(runId)
  return { lease, runId, source: 'poll', driftSeconds: 1, punches, quarantined: [{ raw, reason: 'NO_TIME' }] }
}

function punchAt(second: number): ZonedPunch {
  return {
    userId: '1',
    localTime: `2026-01-01 00:00:0${second}`,
    punchState: 0,
    verifyMode: 1,
    workCode: 0,
    layout: '40',
    raw: Uint8Array.of(second),
    punchedAtMs: Date.UTC(2026, 0, 1) + second * 1000,
    timeNote: null,
  }
}

/** Every row of every table, by table. */
function contents(database: Database): Record<string, unknown[]> {
  const tables = database.prepare(`select name from sqlite_schema where type = 'table' order by name`).pluck().all()
  return Object.fromEntries(tables.map(name => [name, database.prepare(`select * from "${name}"`).all()]))
}

import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { FeedEntry } from '../../../src/model/feed.ts'
import type { Store } from '../../../src/model/store.ts'
import {
  batchOf,
  endOf,
  freshStores,
  manyPunches,
  type OpenStore,
  outcome,
  punch,
  type Running,
  rejectsWith,
  settings,
  startRun,
  takeLease,
} from './fixture.ts'

const HOUR_MS = 3_600_000
const KEPT_AT_LEAST = 2_000
/** Rows that go while others are numbered. */
const DELETED_AT_ONCE = 400

export function feedContract(open: OpenStore): void {
  describe('feed', () => {
    const under = freshStores(open)

    /** What `work` tells, without positions; these follow on each other. */
    async function toldBy(work: () => Promise<unknown>): Promise<Array<Omit<FeedEntry, 'position'>>> {
      const { newest } = await under.store.feed.bounds()
      await work()
      const entries = await under.store.feed.after(newest, 100)
      assert.deepEqual(
        entries.map(entry => entry.position),
        entries.map((_, i) => newest + 1 + i),
      )
      return entries.map(({ position: _, ...entry }) => entry)
    }

    test('is empty at first', async () => {
      assert.deepEqual(await under.store.feed.bounds(), { newest: 0, oldest: 1 })
      assert.deepEqual(await under.store.feed.after(0, 10), [])
    })

    test('is read in pages, in order', async () => {
      for (let i = 0; i < 5; i++) await under.store.devices.add(settings())
      const positionsAfter = async (position: number, limit: number) =>
        (await under.store.feed.after(position, limit)).map(entry => entry.position)
      assert.deepEqual(await positionsAfter(0, 2), [1, 2])
      assert.deepEqual(await positionsAfter(2, 9), [3, 4, 5])
      assert.deepEqual(await positionsAfter(5, 9), [])
      assert.deepEqual(await under.store.feed.bounds(), { newest: 5, oldest: 1 })
    })

    test('tells when a person adds, changes or removes a device', async () => {
      const { store } = under
      assert.deepEqual(await toldBy(() => store.devices.add(settings())), [{ kind: 'device', deviceId: 1 }])
      assert.deepEqual(await toldBy(() => store.devices.edit(1, { name: 'n' })), [{ kind: 'device', deviceId: 1 }])
      assert.deepEqual(await toldBy(() => store.devices.edit(1, { tags: ['a'] })), [{ kind: 'device', deviceId: 1 }])
      assert.deepEqual(await toldBy(() => store.devices.remove(1)), [{ kind: 'device', deviceId: 1 }])
      assert.deepEqual(await toldBy(() => rejectsWith('NOT_FOUND', store.devices.edit(1, { name: 'n' }))), [])
      assert.deepEqual(await toldBy(() => rejectsWith('NOT_FOUND', store.devices.remove(1))), [])
    })

    test('tells what a device says of itself where it is another than before', async () => {
      const { devices } = under.store
      const { id } = await devices.add(settings({ isLive: true }))
      const identity = { serialNumber: 'S', model: 'M', firmware: 'F', platform: null, transport: 'tcp' } as const
      const device = [{ kind: 'device', deviceId: id }]
      for (const tell of [
        () => devices.recordIdentity(id, identity),
        () => devices.recordCounters(id, { records: 5, capacity: 100 }),
        () => devices.recordLiveState(id, 'down'),
      ]) {
        assert.deepEqual(await toldBy(tell), device)
        assert.deepEqual(await toldBy(tell), [])
      }
    })

    test('tells exactly the new rows of a batch, and nothing where none is new', async () => {
      const { store } = under
      const run = await startRun(store)
      const other = await startRun(store, 'two')
      await store.punches.commit(batchOf(run, { punches: manyPunches(10) }))
      const { newest } = await store.feed.bounds()
      const [first, second] = await Promise.all([
        store.punches.commit(batchOf(run, { punches: manyPunches(300, 5) })),
        store.punches.commit(batchOf(other, { punches: manyPunches(200) })),
      ])
      assert.deepEqual([first.inserted, second.inserted], [295, 200])
      const entries = await store.feed.after(newest, 10)
      const told = new Map<number, string[]>()
      for (const entry of entries) {
        assert(entry.kind === 'logs')
        const logs = await store.feed.logsOf(entry)
        assert.equal(logs.length, entry.count)
        assert(logs.every((log, i) => log.deviceId === entry.deviceId && log.id > (logs[i - 1]?.id ?? 0)))
        told.set(
          entry.deviceId,
          logs.map(log => `${log.deviceUserId}@${log.localTime}`),
        )
      }
      const keys = (count: number, from: number) =>
        manyPunches(count, from).map(each => `${each.userId}@${each.localTime}`)
      assert.deepEqual(told.get(run.device.id), keys(295, 10))
      assert.deepEqual(told.get(other.device.id), keys(200, 0))
      assert.deepEqual(
        await toldBy(() => store.punches.commit(batchOf(run, { punches: manyPunches(300), quarantined: [] }))),
        [],
      )
    })

    test('tells nothing of a transaction that failed', async () => {
      const { store } = under
      const run = await startRun(store)
      const bad = punch('bad', 1, { localTime: null as unknown as string })
      const told = await toldBy(async () => {
        await assert.rejects(store.punches.commit(batchOf(run, { punches: [...manyPunches(5), bad] })))
        await assert.rejects(store.punches.finish(endOf(run), batchOf(run, { punches: [...manyPunches(5), bad] })))
        under.clock.ms += 60_001
        await takeLease(store, run.device.id, 'two')
        await rejectsWith('LEASE_LOST', store.punches.commit(batchOf(run, { punches: manyPunches(5) })))
      })
      assert.deepEqual(told, [])
      await store.devices.edit(run.device.id, { name: 'n' })
      const { newest, oldest } = await store.feed.bounds()
      assert.equal((await store.feed.after(0, 100)).length, newest - oldest + 1)
    })

    test('tells the end of a run with what its last batch brought', async () => {
      const { store } = under
      const run = await startRun(store)
      const { runId } = run
      const deviceId = run.device.id
      const punches = manyPunches(3)
      const told = await toldBy(() => store.punches.finish(endOf(run), batchOf(run, { punches })))
      assert.deepEqual(told, [
        { kind: 'logs', deviceId, firstId: 1, lastId: told[0] && 'lastId' in told[0] ? told[0].lastId : 0, count: 3 },
        { kind: 'run', deviceId, runId },
      ])
      assert.equal((await store.feed.runOf(runId))?.inserted, 3)
      assert.equal(await store.feed.runOf(99), null)
    })

    test('tells the device when its last error appears, changes or goes away, and not when it is the same', async () => {
      const { store } = under
      const run = await startRun(store)
      const deviceId = run.device.id
      const kindsToldBy = async (message: string | null, code: 'CONNECTION_TIMEOUT' | 'RUN_INTERRUPTED') => {
        const runId = await store.punches.beginRun(run.lease, 'tail')
        const failed = { status: 'failed', error: message === null ? null : { code, message } } as const
        const ended = outcome(message === null ? { mode: 'tail', inserted: 0 } : failed)
        const told = await toldBy(() => store.punches.finish(endOf({ ...run, runId }, { outcome: ended })))
        assert(told.every(entry => entry.deviceId === deviceId))
        return told.map(entry => entry.kind)
      }
      assert.deepEqual(await kindsToldBy(null, 'CONNECTION_TIMEOUT'), ['run'])
      assert.deepEqual(await kindsToldBy('no answer', 'CONNECTION_TIMEOUT'), ['run', 'device'])
      assert.deepEqual(await kindsToldBy('no answer', 'CONNECTION_TIMEOUT'), ['run'])
      assert.deepEqual(await kindsToldBy('ended', 'RUN_INTERRUPTED'), ['run'])
      assert.deepEqual(await kindsToldBy('no route', 'CONNECTION_TIMEOUT'), ['run', 'device'])
      assert.deepEqual(await toldBy(() => store.coverage.lengthen(run.lease, under.clock.ms)), [
        { kind: 'device', deviceId },
      ])
      assert.deepEqual(await toldBy(() => store.coverage.lengthen(run.lease, under.clock.ms)), [])
    })

    test('keeps an hour, then deletes some of the oldest at a time, and keeps some thousands', async () => {
      const { store } = under
      const { id } = await store.devices.add(settings())
      const bounds = await fill(store, id, KEPT_AT_LEAST + DELETED_AT_ONCE + 100)
      under.clock.ms += HOUR_MS - 1
      assert.deepEqual(await fill(store, id, 1), { newest: bounds.newest + 1, oldest: 1 })
      under.clock.ms += 2
      assert.deepEqual(await fill(store, id, 1), { newest: bounds.newest + 2, oldest: 1 + DELETED_AT_ONCE })
      const [first] = await store.feed.after(0, 1)
      assert.equal(first?.position, 1 + DELETED_AT_ONCE, 'a reader who was away sees that it missed some')
      const { newest, oldest } = await fill(store, id, 1)
      assert.equal(newest - oldest + 1, KEPT_AT_LEAST)
      assert.equal((await store.feed.after(oldest - 1, 2 * KEPT_AT_LEAST)).length, KEPT_AT_LEAST)
    })

    test('is numbered by its writers where nobody reads, and what is old is deleted', async () => {
      const { store } = under
      const { id } = await store.devices.add(settings())
      await fill(store, id, KEPT_AT_LEAST)
      under.clock.ms += HOUR_MS + 1
      for (let i = 0; i < 300; i++) await store.devices.edit(id, { port: i })
      const reader = await under.reopen()
      // Had nobody numbered them, this first look would find the oldest still there.
      assert((await reader.feed.bounds()).oldest > 200)
    })

    racesOfFeed(under)
  })
}

/** The property that all of this is for. */
function racesOfFeed(under: { readonly store: Store; reopen: () => Promise<Store> }): void {
  const WRITERS = 8
  const BATCHES = 25

  test('readers beside many writers see each position once, in order, without a gap, and all rows', async () => {
    const stores = [under.store, ...(await Promise.all([1, 2].map(() => under.reopen())))]
    const runs: Array<{ store: Store; run: Running }> = []
    for (let i = 0; i < WRITERS; i++) {
      const store = stores[i % stores.length] ?? under.store
      runs.push({ store, run: await startRun(store, `writer ${i}`) })
    }
    const { newest: start } = await under.store.feed.bounds()
    const [reader, other] = await Promise.all([under.reopen(), under.reopen()])
    let isDone = false
    const reading = [reader, other].map(store => readAll(store, start, () => isDone))
    await Promise.all(runs.map(({ store, run }, i) => writeBatches(store, run, { batches: BATCHES, seed: i })))
    isDone = true
    const [entries, same] = await Promise.all(reading)
    assert(entries)
    assert.deepEqual(same, entries)
    assert.deepEqual(
      entries.map(({ position }) => position),
      entries.map((_, i) => start + 1 + i),
    )
    assert.equal((await reader.feed.bounds()).newest, entries.at(-1)?.position)
    const told: number[] = []
    for (const entry of entries) {
      if (entry.kind !== 'logs') continue
      const logs = await reader.feed.logsOf(entry)
      assert.equal(logs.length, entry.count)
      told.push(...logs.map(log => log.id))
    }
    const stored: number[] = []
    for await (const log of reader.logs.scan({})) stored.push(log.id)
    assert.deepEqual(
      told.sort((a, b) => a - b),
      stored,
    )
    assert(entries.filter(entry => entry.kind === 'run').length === WRITERS * (BATCHES / 5))
  })
}

/** As a page does: on and on, from the last position that it has seen. What an entry tells is there when it is seen. */
async function readAll(store: Store, start: number, isDone: () => boolean): Promise<FeedEntry[]> {
  const seen: FeedEntry[] = []
  for (;;) {
    const wasDone = isDone()
    const entries = await store.feed.after(seen.at(-1)?.position ?? start, 7)
    for (const entry of entries) {
      if (entry.kind === 'logs') assert.equal((await store.feed.logsOf(entry)).length, entry.count)
      if (entry.kind === 'run') assert((await store.feed.runOf(entry.runId))?.finishedAt)
    }
    seen.push(...entries)
    if (wasDone && entries.length === 0) return seen
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Batches of different sizes, which take differently long, some of them of known punches, some that fail; runs, and changes of a device. */
async function writeBatches(store: Store, run: Running, { batches, seed }: { batches: number; seed: number }) {
  const bad = punch('bad', 1, { localTime: null as unknown as string })
  let { runId } = run
  for (let i = 0; i < batches; i++) {
    const count = ((i * 7 + seed * 5) % 9) ** 2 + 1
    const punches = manyPunches(count, i * 40)
    const batch = batchOf({ ...run, runId }, { punches })
    if (i % 6 === 5) await assert.rejects(store.punches.commit({ ...batch, punches: [...punches, bad] }))
    if (i % 5 === 4) {
      await store.punches.finish(endOf({ ...run, runId }, { outcome: outcome({ mode: 'tail' }) }), batch)
      runId = await store.punches.beginRun(run.lease, 'tail')
    } else await store.punches.commit(batch)
    if (i % 4 === seed % 4) await store.devices.edit(run.device.id, { name: `${seed} ${i}` })
  }
}

/** As many entries; where the feed stands then. */
async function fill(store: Store, deviceId: number, entries: number): Promise<{ newest: number; oldest: number }> {
  for (let i = 0; i < entries; i++) await store.devices.edit(deviceId, { port: i })
  return store.feed.bounds()
}

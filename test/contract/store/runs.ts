import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import {
  batchOf,
  checkpointOf,
  endOf,
  freshStores,
  manyPunches,
  type OpenStore,
  onlyRun,
  outcome,
  punch,
  rejectsWith,
  startRun,
  storedPunches,
  takeLease,
} from './fixture.ts'

const DAY_MS = 86_400_000
const checkpoint = checkpointOf()
const coverage = {
  atMs: Date.UTC(2026, 0, 5, 8),
  isSeen: true,
  continues: false,
  fromMs: 0,
  because: 'first-read',
} as const
const oneBadRecord = [{ raw: Uint8Array.of(7), reason: 'NO_TIME' as const }]

export function runsContract(open: OpenStore): void {
  describe('runs', () => {
    const under = freshStores(open)

    test('until it is finished, a run stands as interrupted', async () => {
      const { store, clock } = under
      const { runId, device } = await startRun(store)
      const run = await onlyRun(store)
      assert.deepEqual(
        [run.id, run.deviceId, run.mode, run.status, run.error?.code, run.startedAt, run.finishedAt, run.inserted],
        [runId, device.id, 'full', 'failed', 'RUN_INTERRUPTED', new Date(clock.ms), null, 0],
      )
    })

    test('its last batch, its end, the checkpoint and the state of the device come together', async () => {
      const { store, clock } = under
      const run = await startRun(store)
      const first = await store.punches.commit(batchOf(run, { punches: manyPunches(6), quarantined: oneBadRecord }))
      clock.ms += 3000
      const told = outcome({
        mode: 'tail',
        recordsOnDevice: 12,
        counterBefore: 12,
        counterAfter: 13,
        countProof: 'counter',
        received: 12,
        inserted: first.inserted,
        quarantined: 1,
        bytes: 480,
        fullBecause: 'counter-fell',
        missedByTail: 2,
      })
      const last = batchOf(run, { punches: manyPunches(5, 4) })
      const stored = await store.punches.finish(endOf(run, { outcome: told, checkpoint }), last)
      assert.deepEqual(stored, { ...told, inserted: 9, duplicates: 2 })
      const startedAt = new Date(clock.ms - 3000)
      const finishedAt = new Date(clock.ms)
      assert.deepEqual(await onlyRun(store), {
        ...stored,
        id: run.runId,
        deviceId: run.device.id,
        startedAt,
        finishedAt,
      })
      assert.deepEqual(await store.punches.checkpoint(run.device.id), checkpoint)
      const device = await store.devices.get(run.device.id)
      assert.deepEqual([device.lastSyncedAt, device.lastError], [finishedAt, null])
      assert.equal(await store.logs.count({}), 9)
    })

    test('a run that brings nothing ends well too', async () => {
      const { store } = under
      const run = await startRun(store)
      const nothing = checkpointOf({
        recordCount: 0,
        counter: null,
        layout: null,
        firmware: null,
        tail: new Uint8Array(0),
        comparedAt: null,
        isTrusted: false,
        takesSlices: false,
        oldestLocal: null,
      })
      const unchanged = outcome({
        mode: 'unchanged',
        countProof: 'announced-size',
        counterBefore: null,
        counterAfter: null,
      })
      const stored = await store.punches.finish(endOf(run, { outcome: unchanged, checkpoint: nothing }), batchOf(run))
      assert.deepEqual(stored, unchanged)
      assert.deepEqual(await store.punches.checkpoint(run.device.id), nothing)
      assert.equal((await onlyRun(store)).mode, 'unchanged')
    })

    test('a failed run says why, keeps what its batches brought and leaves the checkpoint', async () => {
      const { store, clock } = under
      const good = await startRun(store)
      await store.punches.finish(endOf(good, { checkpoint }))
      const syncedAt = new Date(clock.ms)
      clock.ms += 1000
      const runId = await store.punches.beginRun(good.lease, 'full')
      const run = { ...good, runId }
      await store.punches.commit(batchOf(run, { punches: manyPunches(3), quarantined: oneBadRecord }))
      const error = { code: 'CONNECTION_LOST' as const, message: 'the connection was cut' }
      const told = outcome({ status: 'failed', countProof: null, recordsOnDevice: null, error })
      const stored = await store.punches.finish(endOf(run, { outcome: told }))
      assert.deepEqual(stored, { ...told, received: 4, inserted: 3, quarantined: 1, duplicates: 0 })
      const [newest] = await store.punches.runs({ limit: 1 })
      assert.deepEqual([newest?.id, newest?.error, newest?.inserted], [runId, error, 3])
      const device = await store.devices.get(run.device.id)
      assert.deepEqual([device.lastSyncedAt, device.lastError], [syncedAt, error.message])
      assert.deepEqual(await store.punches.checkpoint(run.device.id), checkpoint)
      const again = { ...run, runId: await store.punches.beginRun(run.lease, 'full') }
      await store.punches.finish(endOf(again, { checkpoint: checkpointOf({ recordCount: 121 }) }))
      assert.equal((await store.devices.get(run.device.id)).lastError, null)
      assert.equal((await store.punches.checkpoint(run.device.id))?.recordCount, 121)
    })

    test('an end that cannot be stored leaves nothing of its batch, checkpoint or device behind', async () => {
      const { store } = under
      const run = await startRun(store)
      const device = await store.devices.get(run.device.id)
      const bad = punch('1', 9, { layout: undefined as unknown as string })
      const batch = batchOf(run, { punches: [...manyPunches(3), bad], quarantined: oneBadRecord })
      await rejectsWith(
        'STORE_FAILED',
        store.punches.finish(endOf(run, { outcome: outcome({ received: 4 }), checkpoint, coverage }), batch),
      )
      const elsewhere = await startRun(store)
      const strange = { ...endOf(run, { checkpoint, coverage }), runId: elsewhere.runId }
      await rejectsWith('NOT_FOUND', store.punches.finish(strange))
      assert.equal(await store.logs.count({}), 0)
      assert.deepEqual(await store.quarantine.page({ limit: 9 }), [])
      assert.equal(await store.punches.checkpoint(run.device.id), null)
      assert.deepEqual(await store.coverage.spans(run.device.id), [])
      assert.deepEqual(await store.devices.get(run.device.id), device)
      assert.equal((await store.punches.runs({ deviceId: run.device.id, limit: 9 }))[0]?.error?.code, 'RUN_INTERRUPTED')
    })

    test('whoever was overtaken ends nothing', async () => {
      const { store, clock } = under
      const run = await startRun(store, 'one')
      clock.ms += 60_001
      await takeLease(store, run.device.id, 'two')
      const end = endOf(run, { outcome: outcome({ received: 3 }), checkpoint, coverage })
      await rejectsWith('LEASE_LOST', store.punches.finish(end, batchOf(run, { punches: manyPunches(3) })))
      assert.equal(await store.logs.count({}), 0)
      assert.equal(await store.punches.checkpoint(run.device.id), null)
      assert.deepEqual(await store.coverage.spans(run.device.id), [])
      assert.equal((await store.devices.get(run.device.id)).lastSyncedAt, null)
      assert.equal((await onlyRun(store)).error?.code, 'RUN_INTERRUPTED')
    })

    test('a crash between two batches loses what was not committed and nothing else', async () => {
      const { store } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: manyPunches(10) }))
      const survivor = await under.reopen()
      const left = await onlyRun(survivor)
      assert.deepEqual(
        [left.status, left.error?.code, left.finishedAt, left.received, left.inserted],
        ['failed', 'RUN_INTERRUPTED', null, 10, 10],
      )
      assert.equal(await survivor.punches.checkpoint(run.device.id), null)
      const taken = await survivor.leases.acquire({
        deviceId: run.device.id,
        holder: 'two',
        ttlMs: 60_000,
        isDead: holder => holder === 'one',
      })
      assert('lease' in taken)
      const next = {
        device: run.device,
        lease: taken.lease,
        runId: await survivor.punches.beginRun(taken.lease, 'full'),
      }
      const end = endOf(next, { outcome: outcome({ received: 15 }), checkpoint })
      const stored = await survivor.punches.finish(end, batchOf(next, { punches: manyPunches(15) }))
      assert.deepEqual([stored.inserted, stored.duplicates], [5, 10])
      await rejectsWith('LEASE_LOST', store.punches.commit(batchOf(run, { punches: manyPunches(20) })))
      assert.equal((await storedPunches(store)).length, 15)
    })

    test('runs come newest first, of one device or of all', async () => {
      const { store } = under
      const [a, b] = [await startRun(store), await startRun(store)]
      const third = await store.punches.beginRun(a.lease, 'tail')
      const ids = async (filter: { deviceId?: number; limit: number; before?: number }) =>
        (await store.punches.runs(filter)).map(run => run.id)
      assert.deepEqual(await ids({ limit: 9 }), [third, b.runId, a.runId])
      assert.deepEqual(await ids({ limit: 2 }), [third, b.runId])
      assert.deepEqual(await ids({ deviceId: a.device.id, limit: 9 }), [third, a.runId])
      assert.deepEqual(await ids({ deviceId: 99, limit: 9 }), [])
      assert.deepEqual(await ids({ limit: 9, before: third }), [b.runId, a.runId])
      assert.deepEqual(await ids({ deviceId: a.device.id, limit: 9, before: third }), [a.runId])
      assert.deepEqual(await ids({ limit: 9, before: a.runId }), [])
    })

    test('runs that brought nothing go after thirty days, the others stay', async () => {
      const { store, clock } = under
      const first = await startRun(store)
      const kept = { ...first, runId: await store.punches.beginRun(first.lease, 'full') }
      await store.punches.finish(
        endOf(kept, { outcome: outcome({ received: 2 }), checkpoint }),
        batchOf(kept, { punches: manyPunches(2) }),
      )
      const crashed = { ...first, runId: await store.punches.beginRun(first.lease, 'full') }
      await store.punches.commit(batchOf(crashed, { punches: manyPunches(2, 2) }))
      const empty: number[] = [first.runId]
      for (let i = 0; i < 3; i++) empty.push(await finishEmpty())
      clock.ms += 30 * DAY_MS
      const young = await finishEmpty()
      assert.deepEqual(
        await runIds(),
        [kept.runId, crashed.runId, ...empty, young].sort((a, b) => b - a),
        'to the day',
      )
      clock.ms += 1
      const last = await finishEmpty()
      assert.deepEqual(await runIds(), [last, young, crashed.runId, kept.runId])

      async function finishEmpty(): Promise<number> {
        const runId = await store.punches.beginRun(first.lease, 'full')
        await store.punches.finish({ ...endOf(first, { checkpoint }), runId })
        return runId
      }
      async function runIds(): Promise<number[]> {
        return (await store.punches.runs({ limit: 99 })).map(run => run.id)
      }
    })
  })
}

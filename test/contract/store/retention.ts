import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { ZonedPunch } from '../../../src/model/punch.ts'
import type { RetentionCount, RetentionPart, RetentionStep } from '../../../src/model/retention-store.ts'
import type { Checkpoint } from '../../../src/model/store.ts'
import {
  batchOf,
  checkpointOf,
  endOf,
  freshStores,
  manyPunches,
  type OpenStore,
  outcome,
  punch,
  type Running,
  startRun,
  storedPunches,
} from './fixture.ts'

/** Later than anything that is punched here. */
const BEFORE = new Date(Date.UTC(2026, 1, 1))

/** A log without a record, by a counter that agrees. */
const EMPTY: Partial<Checkpoint> = {
  recordCount: 0,
  counter: 0,
  layout: null,
  tail: new Uint8Array(0),
  oldestLocal: null,
}

/** The local time of {@link punch}. */
const localOf = (second: number) => punch('', second).localTime

export function retentionContract(open: OpenStore): void {
  describe('retention', () => {
    const under = freshStores(open)

    /** Stores punches, and a moment later the checkpoint of a run that read a log which began with `oldestLocal`. */
    async function stored(punches: readonly ZonedPunch[], changes: Partial<Checkpoint>): Promise<Running> {
      const { store, clock } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches }))
      clock.ms += 1000
      await store.punches.finish(endOf(run, { outcome: outcome(), checkpoint: checkpointOf(changes) }))
      return run
    }

    const survey = (run: Running, before = BEFORE) =>
      total(step => under.store.retention.survey(step), { deviceId: run.device.id, before })
    const remove = (run: Running, before = BEFORE) =>
      total(step => under.store.retention.remove(step), { deviceId: run.device.id, before })
    const allOf = (run: Running) => storedPunches(under.store, { deviceIds: [run.device.id] })

    test('what is older than the oldest record of the log goes, and what is not stays', async () => {
      const run = await stored(manyPunches(10), { oldestLocal: localOf(4) })
      const all = await allOf(run)
      assert.deepEqual(await survey(run), { removable: 4, held: 6, unknown: 0 })
      assert.deepEqual(await allOf(run), all, 'a survey changes nothing')
      assert.deepEqual(await remove(run), { removable: 4, held: 6, unknown: 0 })
      assert.deepEqual(await allOf(run), all.slice(4))
      assert.deepEqual(await remove(run), { removable: 0, held: 6, unknown: 0 }, 'again there is nothing to do')
    })

    test('what was punched at the instant or later is not looked at', async () => {
      const run = await stored(manyPunches(10), { oldestLocal: localOf(8) })
      const at = new Date(punch('', 5).punchedAtMs)
      assert.deepEqual(await survey(run, at), { removable: 5, held: 0, unknown: 0 })
      assert.deepEqual(await remove(run, at), { removable: 5, held: 0, unknown: 0 })
      assert.equal((await allOf(run)).length, 5)
    })

    test('of an empty log everything is gone', async () => {
      const run = await stored(manyPunches(3), EMPTY)
      assert.deepEqual(await remove(run), { removable: 3, held: 0, unknown: 0 })
      assert.deepEqual(await allOf(run), [])
    })

    const doubts: Array<[string, Partial<Checkpoint>]> = [
      ['its oldest record is not known', { oldestLocal: null }],
      ['the count of its last run did not close', { oldestLocal: localOf(99), isTrusted: false }],
      ['it was never read whole', { oldestLocal: localOf(99), comparedAt: null }],
      ['it was empty, and no counter says so', { ...EMPTY, counter: null }],
      ['it was empty, and the count of its last run did not close', { ...EMPTY, isTrusted: false }],
      ['it was empty, and never read whole', { ...EMPTY, comparedAt: null }],
    ]
    for (const [doubt, changes] of doubts)
      test(`nothing goes where ${doubt}`, async () => {
        const run = await stored(manyPunches(3), changes)
        assert.deepEqual(await survey(run), { removable: 0, held: 0, unknown: 3 })
        assert.deepEqual(await remove(run), { removable: 0, held: 0, unknown: 3 })
        assert.equal((await allOf(run)).length, 3)
      })

    test('nothing goes of a device without a checkpoint, and there is nothing of one that is not there', async () => {
      const run = await startRun(under.store)
      await under.store.punches.commit(batchOf(run, { punches: manyPunches(3) }))
      assert.deepEqual(await remove(run), { removable: 0, held: 0, unknown: 3 })
      const step = { deviceId: 99, before: BEFORE, after: null }
      assert.deepEqual(await under.store.retention.remove(step), { removable: 0, held: 0, unknown: 0, next: null })
    })

    test('what was told since the log was read stays, and so does what came in that same millisecond', async () => {
      const { store, clock } = under
      for (const checkpoint of [{ oldestLocal: localOf(50) }, EMPTY]) {
        const run = await stored(manyPunches(2), checkpoint)
        const live = { runId: null, source: 'live' as const }
        await store.punches.commit(batchOf(run, { ...live, punches: [punch('7', 10)] }))
        clock.ms += 1
        await store.punches.commit(batchOf(run, { ...live, punches: [punch('7', 11)] }))
        assert.deepEqual(await remove(run), { removable: 2, held: 0, unknown: 2 })
        clock.ms += 1
        const runId = await store.punches.beginRun(run.lease, 'full')
        await store.punches.finish({ ...endOf(run, { checkpoint: checkpointOf(checkpoint) }), runId })
        assert.deepEqual(await remove(run), { removable: 2, held: 0, unknown: 0 }, 'until it is read again')
      }
    })

    test('the time on the wall of the device decides what it holds, the instant what is old', async () => {
      const east = manyPunches(4).map(each => ({ ...each, punchedAtMs: each.punchedAtMs - 8 * 3_600_000 }))
      const run = await stored(east, { oldestLocal: localOf(2) })
      assert.deepEqual(await remove(run, new Date(Date.UTC(2026, 0, 1))), { removable: 2, held: 2, unknown: 0 })
    })

    test('only of the device that is named', async () => {
      const gate = await stored(manyPunches(3), EMPTY)
      const yard = await stored(manyPunches(3), EMPTY)
      await remove(gate)
      assert.deepEqual([(await allOf(gate)).length, (await allOf(yard)).length], [0, 3])
    })

    test('thousands of rows go in steps, each of a bounded size, past rows that stay and rows of one instant', async () => {
      const instant = manyPunches(1)[0]?.punchedAtMs ?? 0
      const crowd = Array.from({ length: 1_200 }, (_, i) => punch(`crowd ${i}`, 0))
      const later = manyPunches(1_500, 1)
      const run = await stored([...crowd, ...later], { oldestLocal: localOf(1_001) })
      let steps = 0
      let after: RetentionStep['after'] = null
      do {
        const part = await under.store.retention.remove({ deviceId: run.device.id, before: BEFORE, after })
        assert(part.removable + part.held <= 1_000, 'a step is short')
        assert(after === null || (part.next?.punchedAtMs ?? Number.POSITIVE_INFINITY) >= after.punchedAtMs)
        after = part.next
        steps++
      } while (after !== null)
      assert(steps > 2, `${steps} steps`)
      assert.equal(await under.store.logs.count({ until: new Date(instant) }), 0)
      assert.deepEqual(await survey(run), { removable: 0, held: 500, unknown: 0 })
    })

    test('runs, quarantine, coverage and the checkpoint stay, and so does the promise of one row for a punch', async () => {
      const run = await stored(manyPunches(3), { oldestLocal: localOf(3) })
      const { store } = under
      const before = await Promise.all([store.punches.runs({ limit: 9 }), store.punches.checkpoint(run.device.id)])
      await remove(run)
      assert.deepEqual(
        await Promise.all([store.punches.runs({ limit: 9 }), store.punches.checkpoint(run.device.id)]),
        before,
      )
      const again = batchOf(run, { punches: [punch('1', 1), punch('1', 1)] })
      assert.equal((await store.punches.commit(again)).inserted, 1)
      const [log] = await store.logs.page({}, { limit: 1 })
      assert(log && log.id > 3, 'the id of a row that is gone is not used again')
    })
  })
}

/** Every step from the first to the last. */
async function total(
  walk: (step: RetentionStep) => Promise<RetentionPart>,
  request: Omit<RetentionStep, 'after'>,
): Promise<RetentionCount> {
  const sum = { removable: 0, held: 0, unknown: 0 }
  let after: RetentionStep['after'] = null
  do {
    const part = await walk({ ...request, after })
    sum.removable += part.removable
    sum.held += part.held
    sum.unknown += part.unknown
    after = part.next
  } while (after !== null)
  return sum
}

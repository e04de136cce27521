import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { CoverageProof, Store } from '../../../src/model/store.ts'
import { endOf, freshStores, type OpenStore, type Running, rejectsWith, startRun, takeLease } from './fixture.ts'

/** Minutes into 2026. */
const at = (minute: number) => Date.UTC(2026, 0, 1) + minute * 60_000

type Seen = { from: number; until: number; seen: number; because: string }

export function coverageContract(open: OpenStore): void {
  describe('coverage', () => {
    const under = freshStores(open)

    async function prove(run: Running, minute: number, changes: Partial<CoverageProof> = {}): Promise<void> {
      const coverage: CoverageProof = {
        atMs: at(minute),
        isSeen: true,
        continues: true,
        fromMs: at(0),
        because: 'first-read',
        ...changes,
      }
      const runId = await under.store.punches.beginRun(run.lease, 'full')
      await under.store.punches.finish({ ...endOf(run, { coverage }), runId })
    }

    async function spansOf(run: Running, store: Store = under.store): Promise<Seen[]> {
      const minute = (date: Date) => (date.getTime() - at(0)) / 60_000
      return (await store.coverage.spans(run.device.id)).map(span => ({
        from: minute(span.provenFrom),
        until: minute(span.provenUntil),
        seen: minute(span.seenUntil),
        because: span.because,
      }))
    }

    test('the first proof begins a span at the oldest record, whatever it says of what was before', async () => {
      for (const continues of [true, false]) {
        const run = await startRun(under.store)
        await prove(run, 60, { continues, fromMs: at(-500) })
        assert.deepEqual(await spansOf(run), [{ from: -500, until: 60, seen: 60, because: 'first-read' }])
      }
    })

    test('a span that begins later than the contact begins at the contact', async () => {
      const run = await startRun(under.store)
      await prove(run, 60, { continues: false, fromMs: at(999) })
      assert.deepEqual(await spansOf(run), [{ from: 60, until: 60, seen: 60, because: 'first-read' }])
    })

    test('a log that goes on lengthens its span, and an unmoved counter does so without having seen', async () => {
      const run = await startRun(under.store)
      await prove(run, 60)
      await prove(run, 70)
      await prove(run, 80, { isSeen: false })
      assert.deepEqual(await spansOf(run), [{ from: 0, until: 80, seen: 70, because: 'first-read' }])
      await prove(run, 90, { fromMs: at(85), because: 'log-cleared' })
      assert.deepEqual(await spansOf(run), [{ from: 0, until: 90, seen: 90, because: 'first-read' }])
    })

    test('a clock of ours that was set back shortens nothing', async () => {
      const run = await startRun(under.store)
      await prove(run, 60)
      await prove(run, 50)
      await under.store.coverage.lengthen(run.lease, at(55))
      assert.deepEqual(await spansOf(run), [{ from: 0, until: 60, seen: 60, because: 'first-read' }])
      await prove(run, 40, { continues: false, because: 'log-cleared' })
      assert.deepEqual(await spansOf(run), [
        { from: 0, until: 60, seen: 60, because: 'first-read' },
        { from: 40, until: 40, seen: 40, because: 'log-cleared' },
      ])
    })

    test('a log that turns out changed cuts the span back to what was seen, and begins another', async () => {
      const run = await startRun(under.store)
      await prove(run, 60)
      await under.store.coverage.lengthen(run.lease, at(100))
      assert.deepEqual(await spansOf(run), [{ from: 0, until: 100, seen: 60, because: 'first-read' }])
      await prove(run, 110, { continues: false, fromMs: at(90), because: 'log-overwritten' })
      assert.deepEqual(await spansOf(run), [
        { from: 0, until: 60, seen: 60, because: 'first-read' },
        { from: 90, until: 110, seen: 110, because: 'log-overwritten' },
      ])
      await prove(run, 200, { continues: false, fromMs: at(20), because: 'log-cleared' })
      assert.deepEqual(
        (await spansOf(run)).at(-1),
        { from: 110, until: 200, seen: 200, because: 'log-cleared' },
        'what older spans hold belongs to them',
      )
    })

    test('to lengthen is a contact that went well: the device is no longer failing', async () => {
      const { store, clock } = under
      const run = await startRun(store)
      await prove(run, 60)
      const error = { code: 'CONNECTION_LOST', message: 'the connection was cut' } as const
      const runId = await store.punches.beginRun(run.lease, 'full')
      const failed = endOf(run)
      await store.punches.finish({ ...failed, runId, outcome: { ...failed.outcome, status: 'failed', error } })
      clock.ms += 1000
      await store.coverage.lengthen(run.lease, at(70))
      const { lastSyncedAt, lastError, updatedAt } = await store.devices.get(run.device.id)
      assert.deepEqual([lastSyncedAt, lastError, updatedAt], [new Date(clock.ms), null, run.device.updatedAt])
      assert.deepEqual(await spansOf(run, await under.reopen()), [
        { from: 0, until: 70, seen: 60, because: 'first-read' },
      ])
    })

    test('where nothing is proven yet there is nothing to lengthen', async () => {
      const run = await startRun(under.store)
      await under.store.coverage.lengthen(run.lease, at(70))
      assert.deepEqual(await spansOf(run), [])
    })

    test('devices have spans of their own', async () => {
      const [a, b] = [await startRun(under.store), await startRun(under.store)]
      await prove(a, 60)
      await prove(b, 30)
      await prove(a, 61)
      assert.deepEqual(
        (await spansOf(a)).map(span => span.until),
        [61],
      )
      assert.deepEqual(
        (await spansOf(b)).map(span => span.until),
        [30],
      )
    })

    test('whoever was overtaken proves nothing', async () => {
      const { store, clock } = under
      const run = await startRun(store)
      await prove(run, 60)
      clock.ms += 60_001
      const before = await store.devices.get(run.device.id)
      await takeLease(store, run.device.id, 'two')
      await rejectsWith('LEASE_LOST', store.coverage.lengthen(run.lease, at(100)))
      assert.deepEqual(await spansOf(run), [{ from: 0, until: 60, seen: 60, because: 'first-read' }])
      assert.deepEqual(await store.devices.get(run.device.id), before)
    })
  })
}

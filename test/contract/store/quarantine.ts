import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Store } from '../../../src/model/store.ts'
import { batchOf, freshStores, manyPunches, type OpenStore, rejectsWith, startRun } from './fixture.ts'

export function quarantineContract(open: OpenStore): void {
  describe('quarantine', () => {
    const under = freshStores(open)

    test('a record is open until somebody dismisses it, and stays for ever', async () => {
      const { store, clock } = under
      const ids = await keep(store, 3)
      clock.ms += 1234
      assert.equal(
        await store.quarantine.dismiss({ ids: ids.slice(0, 2), by: 'account Ä', note: 'a clock of 2000' }),
        2,
      )
      const dismissal = { at: new Date(clock.ms), by: 'account Ä', note: 'a clock of 2000' }
      const all = await store.quarantine.page({ limit: 9 })
      assert.deepEqual(
        all.map(record => [record.id, record.dismissal]),
        [
          [ids[2], null],
          [ids[1], dismissal],
          [ids[0], dismissal],
        ],
      )
      assert.deepEqual(await store.quarantine.page({ state: 'open', limit: 9 }), all.slice(0, 1))
      assert.deepEqual(await store.quarantine.page({ state: 'dismissed', limit: 9 }), all.slice(1))
      assert.deepEqual(await store.quarantine.page({ state: 'dismissed', limit: 1, before: ids[1] as number }), [
        all[2],
      ])
      assert.deepEqual(await store.quarantine.get(ids[0] as number), all[2])
    })

    test('what is dismissed keeps its first dismissal, and what is not there counts for nothing', async () => {
      const { store, clock } = under
      const ids = await keep(store, 2)
      assert.equal(await store.quarantine.dismiss({ ids: ids.slice(0, 1), by: 'one', note: 'first' }), 1)
      clock.ms += 1000
      assert.equal(await store.quarantine.dismiss({ ids: [...ids, 999], by: 'two', note: 'second' }), 1)
      const notes = (await store.quarantine.page({ limit: 9 })).map(({ dismissal }) => dismissal?.note)
      assert.deepEqual(notes, ['second', 'first'])
      assert.equal(await store.quarantine.dismiss({ ids: [], by: 'two', note: 'none' }), 0)
      await rejectsWith('NOT_FOUND', store.quarantine.get(999))
    })

    test('a log that is read again neither opens a dismissed record nor keeps it twice', async () => {
      const { store } = under
      const run = await startRun(store)
      const quarantined = [{ raw: Uint8Array.of(7), reason: 'NO_TIME' as const }]
      await store.punches.commit(batchOf(run, { quarantined }))
      const [kept] = await store.quarantine.page({ limit: 9 })
      await store.quarantine.dismiss({ ids: [kept?.id ?? 0], by: 'one', note: 'seen' })
      await store.punches.commit(batchOf(run, { quarantined }))
      const after = await store.quarantine.page({ limit: 9 })
      assert.deepEqual(
        after.map(({ id, dismissal }) => [id, dismissal?.note]),
        [[kept?.id, 'seen']],
      )
    })

    test('more ids than one statement takes', async () => {
      const { store } = under
      const ids = await keep(store, 2500)
      assert.equal(await store.quarantine.dismiss({ ids, by: 'one', note: 'all' }), 2500)
      assert.deepEqual(await store.quarantine.page({ state: 'open', limit: 9 }), [])
    })

    test('the log of a punch is found by its key alone', async () => {
      const { store } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: manyPunches(3) }))
      const [newest] = await store.logs.page({}, { limit: 1 })
      assert(newest)
      const key = { deviceId: run.device.id, userId: newest.deviceUserId, localTime: newest.localTime }
      assert.deepEqual(await store.logs.find(key), newest)
      for (const other of [{ deviceId: 999 }, { userId: '02' }, { localTime: '2026-01-01 00:00:09' }]) {
        assert.equal(await store.logs.find({ ...key, ...other }), null)
      }
    })
  })
}

/** Quarantines so many records of one device. @returns their ids, the oldest first. */
async function keep(store: Store, count: number): Promise<number[]> {
  const run = await startRun(store)
  const quarantined = Array.from({ length: count }, (_, i) => ({
    raw: Uint8Array.of(i >> 8, i & 255),
    reason: 'NO_TIME' as const,
  }))
  await store.punches.commit(batchOf(run, { quarantined }))
  return (await store.quarantine.page({ limit: count })).map(({ id }) => id).reverse()
}

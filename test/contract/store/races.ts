import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Store } from '../../../src/model/store.ts'
import {
  batchOf,
  endOf,
  freshStores,
  manyPunches,
  type OpenStore,
  outcome,
  punch,
  rejectsWith,
  settings,
  startRun,
  storedPunches,
  takeLease,
} from './fixture.ts'

const STORES = 3

export function racesContract(open: OpenStore): void {
  describe('races', () => {
    const under = freshStores(open)

    async function severalStores(): Promise<Store[]> {
      const others = await Promise.all(Array.from({ length: STORES - 1 }, () => under.reopen()))
      return [under.store, ...others]
    }

    test('of acquirers at once, one gets the lease and the others learn its name', async () => {
      const stores = await severalStores()
      for (let round = 0; round < 5; round++) {
        const { id: deviceId } = await under.store.devices.add(settings())
        const results = await Promise.all(
          stores.flatMap((store, i) =>
            ['a', 'b'].map(name =>
              store.leases.acquire({ deviceId, holder: `${i}${name}`, ttlMs: 1000, isDead: () => false }),
            ),
          ),
        )
        const winners = results.flatMap(result => ('lease' in result ? [result.lease.holder] : []))
        assert.equal(winners.length, 1)
        for (const result of results) if ('heldBy' in result) assert.equal(result.heldBy, winners[0])
      }
    })

    test('of acquirers of an expired lease at once, one overtakes', async () => {
      const stores = await severalStores()
      const { device, lease } = await startRun(under.store, 'gone')
      under.clock.ms += 60_001
      const request = { deviceId: device.id, ttlMs: 1000, isDead: () => false }
      const results = await Promise.all(
        stores.map((store, i) => store.leases.acquire({ ...request, holder: String(i) })),
      )
      const tokens = results.flatMap(result => ('lease' in result ? [result.lease.token] : []))
      assert.deepEqual(tokens, [lease.token + 1])
    })

    test('overlapping batches through several stores leave each punch once', async () => {
      const stores = await severalStores()
      const run = await startRun(under.store)
      const commits = stores.flatMap((store, i) =>
        [0, 150, 300].map(from => store.punches.commit(batchOf(run, { punches: manyPunches(400, from + i * 50) }))),
      )
      const inserted = (await Promise.all(commits)).reduce((sum, result) => sum + result.inserted, 0)
      assert.equal(inserted, 800)
      const stored = await storedPunches(under.store)
      assert.deepEqual([stored.length, new Set(stored).size], [800, 800])
      assert.equal((await under.store.punches.runs({ limit: 1 }))[0]?.inserted, 800)
    })

    test('a failing transaction takes nobody else’s rows with it', async () => {
      const { store } = under
      const run = await startRun(store)
      const bad = punch('bad', 1, { localTime: null as unknown as string })
      const results = await Promise.allSettled([
        store.punches.commit(batchOf(run, { punches: manyPunches(50) })),
        store.punches.commit(batchOf(run, { punches: [...manyPunches(50, 50), bad] })),
        store.punches.commit(batchOf(run, { punches: manyPunches(50, 100) })),
        store.devices.add(settings({ name: 'beside' })),
      ])
      assert.deepEqual(
        results.map(result => result.status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      )
      assert.equal(await store.logs.count({}), 100)
      assert.equal((await store.devices.list()).length, 2)
    })

    test('whoever is overtaken between two commits is fenced, wherever the other one runs', async () => {
      const [first, second] = (await severalStores()) as [Store, Store]
      const run = await startRun(first, 'one')
      await first.punches.commit(batchOf(run, { punches: manyPunches(10) }))
      under.clock.ms += 60_001
      const lease = await takeLease(second, run.device.id, 'two')
      const next = { device: run.device, lease, runId: await second.punches.beginRun(lease, 'full') }
      const end = endOf(run, { outcome: outcome({ received: 20 }) })
      const [late, fenced] = await Promise.allSettled([
        second.punches.commit(batchOf(next, { punches: manyPunches(20) })),
        first.punches.finish(end, batchOf(run, { punches: manyPunches(10, 100) })),
      ])
      assert(late.status === 'fulfilled')
      assert.equal(late.value.inserted, 10)
      assert.equal(fenced.status, 'rejected')
      await rejectsWith('LEASE_LOST', first.leases.renew(run.lease, 1000))
      assert.equal((await storedPunches(second)).length, 20)
    })

    test('a store that is closed while it works finishes the transaction under way', async () => {
      const [first, second] = (await severalStores()) as [Store, Store]
      const run = await startRun(first)
      const commit = second.punches.commit(batchOf(run, { punches: manyPunches(500) }))
      await second[Symbol.asyncDispose]()
      assert.equal((await commit).inserted, 500)
      assert.equal(await first.logs.count({}), 500)
    })
  })
}

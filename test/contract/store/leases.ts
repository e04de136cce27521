import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { freshStores, type OpenStore, rejectsWith, settings, takeLease } from './fixture.ts'

const TTL_MS = 60_000

export function leasesContract(open: OpenStore): void {
  describe('leases', () => {
    const under = freshStores(open)

    async function freeDevice(): Promise<number> {
      return (await under.store.devices.add(settings())).id
    }
    function acquire(deviceId: number, holder: string, isDead: (holder: string) => boolean = () => false) {
      return under.store.leases.acquire({ deviceId, holder, ttlMs: TTL_MS, isDead })
    }

    test('one holder at a time, and the other learns who and how long', async () => {
      const deviceId = await freeDevice()
      const first = await takeLease(under.store, deviceId, 'one')
      assert.deepEqual({ deviceId: first.deviceId, holder: first.holder }, { deviceId, holder: 'one' })
      under.clock.ms += 20_000
      assert.deepEqual(await acquire(deviceId, 'two'), { heldBy: 'one', expiresInMs: 40_000 })
      assert.deepEqual(
        await acquire(deviceId, 'one'),
        { heldBy: 'one', expiresInMs: 40_000 },
        'nor twice by one holder',
      )
    })

    test('who has it now is told, and nobody once it is given back or has expired', async () => {
      const { store, clock } = under
      const deviceId = await freeDevice()
      assert.equal(await store.leases.holderOf(deviceId), null)
      const lease = await takeLease(store, deviceId, 'one')
      clock.ms += TTL_MS - 1
      assert.equal(await store.leases.holderOf(deviceId), 'one')
      clock.ms += 1
      assert.equal(await store.leases.holderOf(deviceId), null)
      await store.leases.renew(lease, TTL_MS)
      assert.equal(await store.leases.holderOf(deviceId), 'one')
      await store.leases.release(lease)
      assert.equal(await store.leases.holderOf(deviceId), null)
    })

    test('a holder learns at its next renewal that somebody waits, and the next holder starts anew', async () => {
      const { store, clock } = under
      const deviceId = await freeDevice()
      const lease = await takeLease(store, deviceId, 'one')
      assert('heldBy' in (await acquire(deviceId, 'two')))
      assert.deepEqual(await store.leases.renew(lease, TTL_MS), { isWanted: false })
      const urgent = { deviceId, holder: 'two', ttlMs: TTL_MS, isDead: () => false, isUrgent: true }
      assert('heldBy' in (await store.leases.acquire(urgent)))
      clock.ms += 1_000
      assert.deepEqual(await store.leases.renew(lease, TTL_MS), { isWanted: true })
      await store.leases.release(lease)
      const taken = await store.leases.acquire(urgent)
      assert('lease' in taken)
      assert.deepEqual(await store.leases.renew(taken.lease, TTL_MS), { isWanted: false })
    })

    test('devices are held apart', async () => {
      const [a, b] = [await freeDevice(), await freeDevice()]
      await takeLease(under.store, a, 'one')
      await takeLease(under.store, b, 'two')
      assert('heldBy' in (await acquire(b, 'one')))
    })

    test('given back, it is free; the token grows all the same', async () => {
      const deviceId = await freeDevice()
      const first = await takeLease(under.store, deviceId, 'one')
      await under.store.leases.release(first)
      const second = await takeLease(under.store, deviceId, 'one')
      assert(second.token > first.token)
      await under.store.leases.release(first)
      assert('heldBy' in (await acquire(deviceId, 'two')), 'a stale release gives nothing back')
      await rejectsWith('LEASE_LOST', under.store.leases.renew(first, TTL_MS))
    })

    test('expires at its time and not before', async () => {
      const deviceId = await freeDevice()
      const first = await takeLease(under.store, deviceId, 'one')
      under.clock.ms += TTL_MS - 1
      assert.deepEqual(await acquire(deviceId, 'two'), { heldBy: 'one', expiresInMs: 1 })
      under.clock.ms += 1
      const taken = await acquire(deviceId, 'two')
      assert('lease' in taken && taken.lease.token > first.token)
      await rejectsWith('LEASE_LOST', under.store.leases.renew(first, TTL_MS))
      assert.deepEqual(await acquire(deviceId, 'one'), { heldBy: 'two', expiresInMs: TTL_MS })
    })

    test('renewing lengthens it, even when it had expired and nobody took it', async () => {
      const deviceId = await freeDevice()
      const lease = await takeLease(under.store, deviceId, 'one')
      under.clock.ms += TTL_MS - 1
      await under.store.leases.renew(lease, TTL_MS)
      under.clock.ms += TTL_MS - 1
      assert.deepEqual(await acquire(deviceId, 'two'), { heldBy: 'one', expiresInMs: 1 })
      under.clock.ms += 1000
      await under.store.leases.renew(lease, 5000)
      assert.deepEqual(await acquire(deviceId, 'two'), { heldBy: 'one', expiresInMs: 5000 })
    })

    test('a dead holder is overtaken at once, a living one is not', async () => {
      const deviceId = await freeDevice()
      await takeLease(under.store, deviceId, 'dead')
      const asked: string[] = []
      assert('heldBy' in (await acquire(deviceId, 'two', holder => holder === 'somebody else')))
      const taken = await acquire(deviceId, 'two', holder => {
        asked.push(holder)
        return holder === 'dead'
      })
      assert('lease' in taken)
      assert.deepEqual(asked, ['dead'])
    })

    test('a clock that was set back holds nobody off for longer than one time to live', async () => {
      const deviceId = await freeDevice()
      await takeLease(under.store, deviceId, 'one')
      under.clock.ms -= 86_400_000
      assert.deepEqual(await acquire(deviceId, 'two'), { heldBy: 'one', expiresInMs: TTL_MS })
      under.clock.ms += TTL_MS - 1
      assert.deepEqual(await acquire(deviceId, 'two'), { heldBy: 'one', expiresInMs: 1 })
      under.clock.ms += 1
      assert('lease' in (await acquire(deviceId, 'two')))
    })
  })
}

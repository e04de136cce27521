import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { JobError, SyncJob } from '../../../src/model/job-queue.ts'
import type { ClaimedJob, JobStore } from '../../../src/model/job-store.ts'
import { freshStores, type OpenStore } from './fixture.ts'

const LEASE_MS = 15_000
const PAUSE_MS_MAX = 40_000
const ERROR: JobError = { code: 'CONNECTION_REFUSED', message: 'connection refused', stack: 'Error\n    at gate' }

/** What the embedded queue asks of its store beyond what test/contract/queue shows. */
export function jobsContract(open: OpenStore): void {
  describe('jobs', () => {
    const under = freshStores(open)

    function claim(holder: string, limit: number, jobs: JobStore = under.store.jobs): Promise<ClaimedJob[]> {
      return jobs.claim({ holder, limit, leaseMs: LEASE_MS })
    }
    async function claimOne(holder: string): Promise<ClaimedJob> {
      const [claimed, ...more] = await claim(holder, 1)
      assert(claimed && more.length === 0)
      return claimed
    }
    function recover(isDead: (holder: string) => boolean = () => false): Promise<number> {
      return under.store.jobs.recover({ isDead, triesMax: 3, leaseMs: LEASE_MS, pauseMsMax: PAUSE_MS_MAX })
    }

    test('are claimed in batches: those whose pause is over, then the oldest', async () => {
      const { store, clock } = under
      await store.jobs.enqueue([5, 4, 3])
      for (const { job, claim: held } of await claim('one', 2))
        await store.jobs.fail(held, { error: ERROR, pauseMs: job.deviceId === 5 ? 2_000 : 1_000 })
      await store.jobs.enqueue([2])
      assert.deepEqual(devicesOf(await claim('one', 0)), [])
      clock.ms += 1_999
      assert.deepEqual(devicesOf(await claim('one', 2)), [4, 3])
      clock.ms += 1
      assert.deepEqual(devicesOf(await claim('one', 9)), [5, 2])
      assert.deepEqual(devicesOf(await claim('one', 9)), [])
    })

    test('are claimed once by processes that ask at once', async () => {
      const other = await under.reopen()
      await under.store.jobs.enqueue(Array.from({ length: 100 }, (_, i) => i + 1))
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, i) => claim(`process ${i % 2}`, 10, i % 2 ? other.jobs : under.store.jobs)),
      )
      const claimed = claims.flatMap(devicesOf)
      assert.equal(claimed.length, 100)
      assert.equal(new Set(claimed).size, 100)
    })

    test('may be more than a statement takes: five thousand are queued, failed, put back and removed', async () => {
      const { jobs } = under.store
      const deviceIds = Array.from({ length: 5_000 }, (_, i) => i + 1)
      assert.deepEqual(await jobs.enqueue(deviceIds), { queued: 5_000 })
      assert.deepEqual(await jobs.enqueue([...deviceIds, 5_001]), { queued: 1 })
      for (let round = 1; round <= 3; round++) {
        for (let i = 0; i < 51; i++) await claim('one', 100)
        assert.equal(await recover(holder => holder === 'one'), 5_001)
      }
      assert.deepEqual(await jobs.counts(), { waiting: 0, active: 0, failed: 5_001 })
      await jobs.enqueue(deviceIds.slice(0, 1_000))
      assert.equal(await jobs.retry('all'), 5_001)
      assert.deepEqual(await jobs.counts(), { waiting: 5_001, active: 0, failed: 0 })
    })

    test('are ended by the claim that stands alone, even where one holder has claimed twice', async () => {
      const { jobs } = under.store
      await jobs.enqueue([7])
      const first = await claimOne('one')
      under.clock.ms += LEASE_MS
      assert.equal(await recover(), 1)
      const second = await claimOne('one')
      assert.equal(second.job.id, first.job.id)
      assert(second.claim.token > first.claim.token)
      assert.equal(await jobs.complete(first.claim), false)
      assert.equal(await jobs.fail(first.claim, { error: ERROR, pauseMs: null }), false)
      await jobs.giveBack([first.claim])
      assert.deepEqual(await jobs.renew([first.claim, second.claim], LEASE_MS), [first.claim])
      const [active] = await jobs.list('active', { limit: 9 })
      assert.deepEqual(active, second.job)
      assert.equal(await jobs.complete(second.claim), true)
      assert.equal(await jobs.complete(second.claim), false)
      assert.deepEqual(await jobs.renew([second.claim], LEASE_MS), [second.claim])
      assert.deepEqual(await jobs.renew([], LEASE_MS), [])
    })

    test('that were given back have not been tried, and keep what an earlier try said', async () => {
      const { jobs } = under.store
      await jobs.enqueue([7])
      await jobs.fail((await claimOne('one')).claim, { error: ERROR, pauseMs: 1_000 })
      const [before] = await jobs.list('waiting', { limit: 9 })
      under.clock.ms += 1_000
      await jobs.giveBack([(await claimOne('one')).claim])
      const [after] = await jobs.list('waiting', { limit: 9 })
      assert.deepEqual([after?.tries, after?.error, after?.failedAt], [1, ERROR, before?.failedAt])
      assert.equal((await claimOne('two')).job.tries, 2, 'and may run at once')
    })

    test('stay with a holder that renews, and leave one that does not when its lease is over', async () => {
      const { store, clock } = under
      await store.jobs.enqueue([1, 2])
      const [kept, left] = [await claimOne('one'), await claimOne('two')]
      clock.ms += LEASE_MS - 1
      assert.deepEqual(await store.jobs.renew([kept.claim], LEASE_MS), [])
      assert.equal(await recover(), 0)
      clock.ms += 1
      assert.equal(await recover(), 1)
      assert.deepEqual(await store.jobs.list('active', { limit: 9 }), [kept.job])
      assert.equal((await claimOne('one')).job.id, left.job.id)
    })

    test('of a dead holder are taken back at once, and it is asked for once', async () => {
      const { jobs } = under.store
      await jobs.enqueue([1, 2, 3])
      await claim('one', 2)
      const { claim: kept } = await claimOne('two')
      const asked: string[] = []
      const isDead = (holder: string) => {
        asked.push(holder)
        return holder === 'one'
      }
      assert.equal(await recover(isDead), 2)
      assert.deepEqual(asked.toSorted(), ['one', 'two'])
      assert.equal(await jobs.complete(kept), true)
    })

    test('whose last try was cut off take the place of an older failed one', async () => {
      const { jobs } = under.store
      await jobs.enqueue([7])
      await jobs.fail((await claimOne('one')).claim, { error: ERROR, pauseMs: null })
      await jobs.enqueue([7])
      for (let tries = 1; tries <= 3; tries++) {
        await claimOne('one')
        assert.equal(await recover(() => true), 1)
      }
      const failed = await jobs.list('failed', { limit: 9 })
      assert.deepEqual(
        failed.map(job => [job.tries, job.error?.code]),
        [[3, 'RUN_INTERRUPTED']],
      )
    })

    test('are paged from a job that is gone, and from a name that is none', async () => {
      const { jobs } = under.store
      await jobs.enqueue([1, 2, 3])
      const [newest, middle] = await jobs.list('waiting', { limit: 2 })
      const oldest = await claimOne('one')
      await jobs.complete(oldest.claim)
      assert.deepEqual(await jobs.list('waiting', { limit: 9, after: newest?.id ?? '' }), [middle])
      assert.deepEqual(await jobs.list('waiting', { limit: 9, after: 'nobody' }), [])
    })

    test('of a device outlive it, since a worker is what finds that it is gone', async () => {
      const { jobs } = under.store
      assert.deepEqual(await jobs.enqueue([987]), { queued: 1 })
      assert.deepEqual(devicesOf(await claim('one', 9)), [987])
    })
  })
}

function devicesOf(claimed: ReadonlyArray<{ job: SyncJob }>): number[] {
  return claimed.map(({ job }) => job.deviceId)
}

import assert from 'node:assert/strict'
import { describe } from 'vitest'
import { RollcallError } from '../../../src/base/errors.ts'
import type { JobWork } from '../../../src/model/job-queue.ts'
import { eventually, HeldJobs, type OpenQueueFixture, queueTest, rejectsWith, startWorker } from './fixture.ts'

type Told = Parameters<NonNullable<JobWork['onOutage']>>[0]

export function outagesContract(open: OpenQueueFixture): void {
  describe('a queue that is out of reach', () => {
    queueTest(open, 'is said by every call', async under => {
      const { queue } = await under.open()
      await queue.enqueue([7])
      const outage = await under.beginOutage()
      await rejectsWith('QUEUE_UNAVAILABLE', queue.enqueue([8]))
      await rejectsWith('QUEUE_UNAVAILABLE', queue.counts())
      await rejectsWith('QUEUE_UNAVAILABLE', queue.list('failed', { limit: 1 }))
      await rejectsWith('QUEUE_UNAVAILABLE', queue.retry('all'))
      await rejectsWith('QUEUE_UNAVAILABLE', queue.flush())
      await outage.end()
      const counts = async () => (await queue.counts().catch(() => null))?.waiting
      await eventually(under, async () => (await counts()) !== undefined, { what: 'the queue is back' })
      assert.equal(await counts(), 1)
    })

    queueTest(open, 'is waited for by a worker, which says so once and goes on by itself', async under => {
      const one = await under.open()
      await one.queue.enqueue([1, 2])
      const held = new HeldJobs()
      const told: Told[] = []
      const worker = startWorker(one, held.run, { concurrency: 1, onOutage: one => told.push(one) })
      await eventually(under, () => held.begun.length === 1, { what: 'the first job begins' })
      const outage = await under.beginOutage()
      held.at(0).end()
      await eventually(under, () => told.length === 1, { what: 'it is told' })
      const [away] = told
      assert(away?.away === true && away.error instanceof RollcallError && away.retryInMs > 0)
      assert.equal(away.error.code, 'QUEUE_UNAVAILABLE')
      await under.clock.sleep(under.times.pausesMs[0])
      await outage.end()
      const other = (): number => held.begun.findIndex(({ job }) => job.deviceId !== held.at(0).job.deviceId)
      await eventually(under, () => other() >= 0, { what: 'the other job begins' })
      held.at(other()).end()
      const isEmpty = async () => {
        for (const { end } of held.begun) end()
        const { waiting, active } = await one.queue.counts()
        return waiting + active === 0
      }
      const withinMs = under.times.takeOverMsMax + under.times.patienceMs
      await eventually(under, isEmpty, { withinMs, what: 'both jobs have ended' })
      assert.deepEqual(
        told.map(({ away }) => away),
        [true, false],
      )
      await worker.stop()
      assert.deepEqual(await one.queue.counts(), { waiting: 0, active: 0, failed: 0 })
    })

    queueTest(open, 'keeps no worker from being stopped', async under => {
      const one = await under.open()
      const told: Told[] = []
      const outage = await under.beginOutage()
      const worker = startWorker(one, async () => {}, { onOutage: one => told.push(one) })
      await eventually(under, () => told.length === 1, { what: 'it is told' })
      await worker.stop()
      await outage.end()
    })
  })
}

import assert from 'node:assert/strict'
import { describe } from 'vitest'
import { eventually, HeldJobs, type OpenQueueFixture, queueTest, startWorker } from './fixture.ts'

export function enqueueingContract(open: OpenQueueFixture): void {
  describe('enqueueing', () => {
    queueTest(open, 'one job for each device, and none where one waits already', async under => {
      const { queue } = await under.open()
      assert.deepEqual(await queue.enqueue([7, 8, 9]), { queued: 3 })
      assert.deepEqual(await queue.enqueue([9, 10, 7]), { queued: 1 })
      assert.deepEqual(await queue.counts(), { waiting: 4, active: 0, failed: 0 })
      const jobs = await queue.list('waiting', { limit: 10 })
      assert.deepEqual(jobs.map(job => job.deviceId).sort(byNumber), [7, 8, 9, 10])
      for (const job of jobs) {
        assert.match(job.id, /^\S+$/)
        assert.deepEqual(
          { ...job, id: '', deviceId: 0, queuedAt: null },
          {
            id: '',
            deviceId: 0,
            state: 'waiting',
            tries: 0,
            queuedAt: null,
            notBefore: null,
            startedAt: null,
            failedAt: null,
            error: null,
          },
        )
        assert(Math.abs(job.queuedAt.getTime() - under.clock.now()) <= under.times.patienceMs)
      }
    })

    queueTest(open, 'a device named twice gets one job, and no devices get none', async under => {
      const { queue } = await under.open()
      assert.deepEqual(await queue.enqueue([7, 7, 8, 7]), { queued: 2 })
      assert.deepEqual(await queue.enqueue([]), { queued: 0 })
      assert.equal((await queue.counts()).waiting, 2)
    })

    queueTest(
      open,
      'none while a job of the device is active, and a new one with a new id after it ended',
      async under => {
        const one = await under.open()
        const held = new HeldJobs()
        await one.queue.enqueue([7])
        const worker = startWorker(one, held.run)
        await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
        const other = await under.open()
        assert.deepEqual(await other.queue.enqueue([7]), { queued: 0 })
        assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 1, failed: 0 })
        held.at(0).end()
        await eventually(under, async () => (await other.queue.counts()).active === 0, { what: 'the job has ended' })
        assert.deepEqual(await other.queue.enqueue([7]), { queued: 1 })
        await eventually(under, () => held.begun.length === 2, { what: 'the second job begins' })
        assert.notEqual(held.at(1).job.id, held.at(0).job.id)
        held.at(1).end()
        await worker.stop()
      },
    )

    queueTest(open, 'two dispatchers at once queue each device once between them', async under => {
      const one = await under.open()
      const other = await under.open()
      const deviceIds = Array.from({ length: 200 }, (_, i) => i + 1)
      const rounds = await Promise.all([
        one.queue.enqueue(deviceIds),
        other.queue.enqueue(deviceIds.toReversed()),
        one.queue.enqueue(deviceIds.slice(50)),
        other.queue.enqueue(deviceIds.slice(0, 150)),
      ])
      assert.equal(
        rounds.reduce((sum, round) => sum + round.queued, 0),
        200,
      )
      assert.equal((await other.queue.counts()).waiting, 200)
    })

    queueTest(open, 'a thousand devices at once', async under => {
      const { queue } = await under.open()
      const deviceIds = Array.from({ length: 1000 }, (_, i) => i + 1)
      assert.deepEqual(await queue.enqueue(deviceIds), { queued: 1000 })
      assert.deepEqual(await queue.enqueue(deviceIds), { queued: 0 })
      assert.deepEqual(await queue.counts(), { waiting: 1000, active: 0, failed: 0 })
    })
  })
}

function byNumber(a: number, b: number): number {
  return a - b
}

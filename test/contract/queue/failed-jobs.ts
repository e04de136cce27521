import assert from 'node:assert/strict'
import { describe } from 'vitest'
import { DeviceError } from '../../../src/base/errors.ts'
import type { JobQueue, JobState, SyncJob } from '../../../src/model/job-queue.ts'
import { eventually, HeldJobs, type OpenQueueFixture, type QueueProcess, queueTest, startWorker } from './fixture.ts'

export function failedJobsContract(open: OpenQueueFixture): void {
  describe('failed jobs', () => {
    queueTest(open, 'page, the newest first', async under => {
      const one = await under.open()
      await leaveFailed(one, [1, 2, 3, 4, 5])
      const failed = await one.queue.list('failed', { limit: 10 })
      const moments = failed.map(job => job.failedAt?.getTime() ?? Number.NaN)
      assert.deepEqual(
        moments,
        moments.toSorted((a, b) => b - a),
      )
      assert.deepEqual(await pages(one.queue, 'failed', 2), failed)
      assert.deepEqual(await one.queue.list('failed', { limit: 2 }), failed.slice(0, 2))
      assert.deepEqual(await one.queue.list('waiting', { limit: 9 }), [])
    })

    queueTest(open, 'so do jobs that wait', async under => {
      const { queue } = await under.open()
      await queue.enqueue([1, 2, 3, 4, 5])
      const paged = await pages(queue, 'waiting', 2)
      assert.deepEqual(paged.map(job => job.deviceId).sort(), [1, 2, 3, 4, 5])
    })

    queueTest(
      open,
      'those named are put back with all their tries, and names that are none are passed over',
      async under => {
        const one = await under.open()
        await leaveFailed(one, [1, 2, 3])
        const failed = await one.queue.list('failed', { limit: 9 })
        const ids = failed.filter(job => job.deviceId !== 2).map(job => job.id)
        assert.equal(await one.queue.retry([...ids, '987654321', 'nobody', '']), 2)
        assert.equal(await one.queue.retry(ids), 0, 'they are no failed jobs any more')
        assert.equal(await one.queue.retry([]), 0)
        assert.deepEqual(await one.queue.counts(), { waiting: 2, active: 0, failed: 1 })
        for (const job of await one.queue.list('waiting', { limit: 9 }))
          assert.deepEqual([job.state, job.tries, job.notBefore], ['waiting', 0, null])
        assert.deepEqual(await one.queue.enqueue([1, 2, 3]), { queued: 1 }, 'they count as jobs of their devices')
        const begun: SyncJob[] = []
        await startWorker(one, async job => void begun.push(job), { stopWhenEmpty: true }).done
        assert.deepEqual(begun.map(job => [job.deviceId, job.tries]).sort(), [
          [1, 1],
          [2, 1],
          [3, 1],
        ])
      },
    )

    queueTest(open, 'all are put back, and one whose device has a job already is only removed', async under => {
      const one = await under.open()
      await leaveFailed(one, [1, 2, 3])
      await one.queue.enqueue([2])
      assert.equal(await one.queue.retry('all'), 3)
      assert.deepEqual(await one.queue.counts(), { waiting: 3, active: 0, failed: 0 })
      const waiting = await one.queue.list('waiting', { limit: 9 })
      assert.deepEqual(waiting.map(job => job.deviceId).sort(), [1, 2, 3])
      assert.equal(await one.queue.retry('all'), 0)
    })

    queueTest(open, 'a retried job fails again after as many tries', async under => {
      const one = await under.open()
      await leaveFailed(one, [1])
      assert.equal(await one.queue.retry('all'), 1)
      await leaveFailed(one, [])
      const [job, ...more] = await one.queue.list('failed', { limit: 9 })
      assert.deepEqual([job?.tries, job?.error?.code, more], [1, 'COMM_KEY_REFUSED', []])
    })

    queueTest(open, 'are removed by a flush, and nothing else is', async under => {
      const one = await under.open()
      await leaveFailed(one, [1, 2, 3])
      const held = new HeldJobs()
      await one.queue.enqueue([3])
      const worker = startWorker(one, held.run, { concurrency: 1 })
      await eventually(under, () => held.begun.length === 1, { what: 'a job begins' })
      await one.queue.enqueue([4])
      const other = await under.open()
      assert.equal(await other.queue.flush(), 3)
      assert.equal(await other.queue.flush(), 0)
      assert.deepEqual(await one.queue.counts(), { waiting: 1, active: 1, failed: 0 })
      assert.deepEqual(await one.queue.list('failed', { limit: 9 }), [])
      held.at(0).end()
      await eventually(under, () => held.begun.length === 2, { what: 'the other job begins' })
      held.at(1).end()
      await worker.stop()
    })
  })
}

/** Queues these devices, and runs everything that waits so that it fails at once. */
async function leaveFailed(process: QueueProcess, deviceIds: readonly number[]): Promise<void> {
  await process.queue.enqueue(deviceIds)
  const run = async () => {
    throw new DeviceError('COMM_KEY_REFUSED', 'the device rejected the comm key')
  }
  await startWorker(process, run, { concurrency: 1, stopWhenEmpty: true }).done
}

/** All jobs of a state, page by page. */
async function pages(queue: JobQueue, state: JobState, limit: number): Promise<SyncJob[]> {
  const found: SyncJob[] = []
  for (let last: SyncJob | undefined; ; ) {
    const page = await queue.list(state, last ? { limit, after: last.id } : { limit })
    found.push(...page)
    if (page.length === 0) return found
    assert(page.length <= limit)
    last = page.at(-1)
  }
}

import assert from 'node:assert/strict'
import { describe } from 'vitest'
import { eventually, HeldJobs, type OpenQueueFixture, queueTest, startWorker } from './fixture.ts'

export function workingContract(open: OpenQueueFixture): void {
  describe('working', () => {
    queueTest(open, 'each job runs once, whoever races for it', async under => {
      const processes = await Promise.all([1, 2, 3, 4].map(() => under.open()))
      const deviceIds = Array.from({ length: 200 }, (_, i) => i + 1)
      await processes[0]?.queue.enqueue(deviceIds)
      const runs: number[] = []
      const workers = processes.map(one =>
        startWorker(
          one,
          async job => {
            runs.push(job.deviceId)
            await under.clock.sleep(job.deviceId % 7)
          },
          { concurrency: 5, stopWhenEmpty: true },
        ),
      )
      await Promise.all(workers.map(worker => worker.done))
      assert.deepEqual(
        runs.sort((a, b) => a - b),
        deviceIds,
      )
      await eventually(under, async () => (await processes[1]?.queue.counts())?.active === 0, {
        what: 'all have ended',
      })
      assert.deepEqual(await processes[2]?.queue.counts(), { waiting: 0, active: 0, failed: 0 })
    })

    queueTest(open, 'a job in hand is told as active, with its try and the moment it began', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      const [waiting] = await one.queue.list('waiting', { limit: 9 })
      const held = new HeldJobs()
      const worker = startWorker(one, held.run)
      await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
      for (const job of [held.at(0).job, ...(await one.queue.list('active', { limit: 9 }))]) {
        assert.deepEqual(
          [job.id, job.deviceId, job.state, job.tries, job.notBefore, job.failedAt, job.error],
          [waiting?.id, 7, 'active', 1, null, null, null],
        )
        assert(job.startedAt && job.startedAt >= job.queuedAt)
      }
      assert.deepEqual(await one.queue.list('waiting', { limit: 9 }), [])
      held.at(0).end()
      await worker.stop()
      assert.deepEqual(await one.queue.list('active', { limit: 9 }), [])
    })

    queueTest(open, 'no more at once than the concurrency, and no less while jobs wait', async under => {
      const one = await under.open()
      await one.queue.enqueue([1, 2, 3, 4, 5, 6, 7, 8])
      const held = new HeldJobs()
      const worker = startWorker(one, held.run, { concurrency: 3 })
      await eventually(under, () => held.begun.length === 3, { what: 'three jobs begin' })
      await under.clock.sleep(under.times.pausesMs[0])
      assert.equal(held.begun.length, 3)
      held.at(1).end()
      await eventually(under, () => held.begun.length === 4, { what: 'one that ended makes room for one' })
      for (let index = 0; index < 8; index++) {
        await eventually(under, () => held.begun.length > index, { what: 'the next job begins' })
        held.at(index).end()
      }
      await worker.stop()
      assert.deepEqual(await one.queue.counts(), { waiting: 0, active: 0, failed: 0 })
    })

    queueTest(open, 'an idle worker finds what another process queues', async under => {
      const [one, other] = [await under.open(), await under.open()]
      const held = new HeldJobs()
      const worker = startWorker(one, held.run)
      await under.clock.sleep(under.times.pausesMs[0])
      await other.queue.enqueue([7])
      await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
      held.at(0).end()
      await worker.stop()
    })

    queueTest(open, 'stop when empty ends at once where nothing waits', async under => {
      const one = await under.open()
      await startWorker(one, async () => assert.fail('there is nothing to run'), { stopWhenEmpty: true }).done
    })

    queueTest(open, 'stop when empty waits for what runs here', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      const held = new HeldJobs()
      const worker = startWorker(one, held.run, { stopWhenEmpty: true })
      await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
      let hasEnded = false
      void worker.done.then(() => {
        hasEnded = true
      })
      await under.clock.sleep(under.times.pausesMs[0])
      assert.equal(hasEnded, false)
      await one.queue.enqueue([8])
      held.at(0).end()
      await eventually(under, () => held.begun.length === 2, { what: 'what came meanwhile is run too' })
      held.at(1).end()
      await worker.done
    })
  })
}

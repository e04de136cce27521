import assert from 'node:assert/strict'
import { describe } from 'vitest'
import { DeviceError } from '../../../src/base/errors.ts'
import {
  eventually,
  HeldJobs,
  type OpenQueueFixture,
  type QueueFixture,
  type QueueProcess,
  queueTest,
  rejectsWith,
  startWorker,
} from './fixture.ts'

export function changingHandsContract(open: OpenQueueFixture): void {
  describe('a worker that is stopped', () => {
    queueTest(open, 'begins nothing more, and lets what it has in hand finish', async under => {
      const one = await under.open()
      await one.queue.enqueue([1, 2, 3, 4, 5])
      const held = new HeldJobs()
      const worker = startWorker(one, held.run, { concurrency: 2 })
      await eventually(under, () => held.begun.length === 2, { what: 'two jobs begin' })
      const stopped = worker.stop()
      held.at(0).end()
      held.at(1).end()
      await stopped
      assert.equal(held.begun.length, 2)
      assert.deepEqual(await one.queue.counts(), { waiting: 3, active: 0, failed: 0 })
    })

    queueTest(open, 'gives back what does not finish within its grace, as if it had not been tried', async under => {
      const [one, other] = [await under.open(), await under.open()]
      await one.queue.enqueue([7])
      const worker = startWorker(
        one,
        (_job, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
          }),
      )
      await eventually(under, async () => (await one.queue.counts()).active === 1, { what: 'the job begins' })
      await worker.stop()
      const [job] = await other.queue.list('waiting', { limit: 9 })
      assert.deepEqual(
        [job?.deviceId, job?.tries, job?.startedAt, job?.notBefore, job?.error],
        [7, 0, null, null, null],
      )
      const held = new HeldJobs()
      const next = startWorker(other, held.run)
      await eventually(under, () => held.begun.length === 1, { what: 'another worker begins it' })
      assert.deepEqual([held.at(0).job.id, held.at(0).job.tries], [job?.id, 1])
      held.at(0).end()
      await next.stop()
    })

    queueTest(open, 'ends although a job does not, and how that job ends later changes nothing', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      const held = new HeldJobs()
      const worker = startWorker(one, held.run)
      await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
      await worker.stop()
      assert.equal(held.at(0).signal.aborted, true)
      assert.deepEqual(await one.queue.counts(), { waiting: 1, active: 0, failed: 0 })
      held.at(0).end()
      await under.clock.sleep(under.times.pausesMs[0])
      assert.deepEqual(await one.queue.counts(), { waiting: 1, active: 0, failed: 0 })
    })

    queueTest(open, 'runs nothing where it is stopped before it begins', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      const run = async () => assert.fail('it was stopped')
      await one.queue.work({ concurrency: 1, stopWhenEmpty: false, run }, AbortSignal.abort(new Error('stopped')))
      assert.deepEqual(await one.queue.counts(), { waiting: 1, active: 0, failed: 0 })
    })
  })

  describe('a worker that vanishes', () => {
    queueTest(open, 'leaves its jobs to another one', async under => {
      const [one, other] = [await under.open(), await under.open()]
      await one.queue.enqueue([1, 2, 3])
      const first = new HeldJobs()
      startWorker(one, first.run)
      await eventually(under, () => first.begun.length === 3, { what: 'the first worker begins' })
      await one.crash()
      const second = await takenOver(under, other, 3)
      assert.deepEqual(idsOf(second), idsOf(first))
      for (const { end } of second.begun) end()
      await eventually(under, async () => (await other.queue.counts()).active === 0, { what: 'they end' })
      assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 0, failed: 0 })
    })

    for (const how of ['well', 'badly'] as const) {
      queueTest(open, `and comes back cannot end a job that it lost: it ended ${how}`, async under => {
        const [one, other] = [await under.open(), await under.open()]
        await one.queue.enqueue([7])
        const first = new HeldJobs()
        startWorker(one, first.run)
        await eventually(under, () => first.begun.length === 1, { what: 'the first worker begins' })
        one.stall()
        const second = await takenOver(under, other, 1)
        first.at(0).end(how === 'well' ? undefined : new DeviceError('COMM_KEY_REFUSED', 'refused'))
        await under.clock.sleep(under.times.pausesMs[0])
        assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 1, failed: 0 })
        assert.deepEqual(await other.queue.enqueue([7]), { queued: 0 })
        second.at(0).end()
        await eventually(under, async () => (await other.queue.counts()).active === 0, { what: 'the job ends' })
        assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 0, failed: 0 })
      })
    }

    queueTest(open, 'is another one than a worker that is slow: a job may take longer than any lease', async under => {
      const [one, other] = [await under.open(), await under.open()]
      await one.queue.enqueue([7])
      const [first, second] = [new HeldJobs(), new HeldJobs()]
      const worker = startWorker(one, first.run)
      await eventually(under, () => first.begun.length === 1, { what: 'the job begins' })
      const idle = startWorker(other, second.run)
      await under.clock.sleep(2 * under.times.takeOverMsMax)
      assert.equal(second.begun.length, 0)
      assert.equal(first.at(0).signal.aborted, false)
      first.at(0).end()
      await worker.stop()
      await idle.stop()
      assert.deepEqual(await one.queue.counts(), { waiting: 0, active: 0, failed: 0 })
    })
  })

  describe('closing', () => {
    queueTest(open, 'may be done twice, and nothing can be done after it', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      await one.queue[Symbol.asyncDispose]()
      await one.queue[Symbol.asyncDispose]()
      await rejectsWith('QUEUE_UNAVAILABLE', one.queue.enqueue([8]))
      await rejectsWith('QUEUE_UNAVAILABLE', one.queue.counts())
      await rejectsWith('QUEUE_UNAVAILABLE', startWorker(one, async () => {}).done)
      const other = await under.open()
      assert.deepEqual(await other.queue.counts(), { waiting: 1, active: 0, failed: 0 })
    })

    queueTest(open, 'stops the workers of this process alone', async under => {
      const [one, other] = [await under.open(), await under.open()]
      await one.queue.enqueue([7])
      const held = new HeldJobs()
      const worker = startWorker(one, held.run)
      await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
      const closed = one.queue[Symbol.asyncDispose]()
      held.at(0).end()
      await closed
      await worker.done
      await other.queue.enqueue([8])
      await startWorker(other, async () => {}, { stopWhenEmpty: true }).done
      assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 0, failed: 0 })
    })
  })
}

/** Starts a worker in `other`, and waits until it has begun `count` jobs. */
async function takenOver(under: QueueFixture, other: QueueProcess, count: number): Promise<HeldJobs> {
  const held = new HeldJobs()
  startWorker(other, held.run)
  const withinMs = under.times.takeOverMsMax + under.times.patienceMs
  await eventually(under, () => held.begun.length === count, { withinMs, what: 'another worker takes over' })
  return held
}

function idsOf(held: HeldJobs): string[] {
  return held.begun.map(({ job }) => job.id).sort()
}

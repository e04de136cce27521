import assert from 'node:assert/strict'
import { describe } from 'vitest'
import { ConnectionError, DeviceError } from '../../../src/base/errors.ts'
import { JOB_TRIES, type SyncJob } from '../../../src/model/job-queue.ts'
import { eventually, type OpenQueueFixture, type QueueFixture, queueTest, startWorker } from './fixture.ts'

/** Moments of one job may be taken from two clocks of whole milliseconds. */
const ROUNDING_MS = 5

export function failingContract(open: OpenQueueFixture): void {
  describe('failing', () => {
    queueTest(open, 'three tries with growing pauses, then failed with code, sentence and stack', async under => {
      const one = await under.open()
      await one.queue.enqueue([1, 2, 3, 4, 5, 6, 7, 8])
      const tries: SyncJob[] = []
      const worker = startWorker(
        one,
        async job => {
          tries.push(job)
          throw new ConnectionError('CONNECTION_REFUSED', `connection refused at try ${job.tries}`)
        },
        { concurrency: 8, stopWhenEmpty: true },
      )
      await worker.done
      assert.deepEqual(await one.queue.counts(), { waiting: 0, active: 0, failed: 8 })
      assert.equal(tries.length, 8 * JOB_TRIES)
      for (const { tries: number, error, failedAt, startedAt } of tries) {
        if (number === 1) {
          assert.deepEqual([error, failedAt], [null, null])
          continue
        }
        assert.equal(error?.message, `connection refused at try ${number - 1}`)
        const pauseMs = under.times.pausesMs[number - 2] ?? Number.NaN
        assert(failedAt && startedAt && startedAt.getTime() - failedAt.getTime() >= pauseMs * 0.8 - ROUNDING_MS)
      }
      const failed = await one.queue.list('failed', { limit: 20 })
      assert.deepEqual(failed.map(job => job.deviceId).sort(), [1, 2, 3, 4, 5, 6, 7, 8])
      for (const job of failed) {
        assert.deepEqual([job.state, job.tries, job.notBefore], ['failed', JOB_TRIES, null])
        assert.deepEqual([job.error?.code, job.error?.message], ['CONNECTION_REFUSED', 'connection refused at try 3'])
        assert.match(job.error?.stack ?? '', /\n +at /)
        assert(job.failedAt && job.startedAt && job.failedAt >= job.startedAt)
      }
    })

    queueTest(open, 'a job that pauses waits, with its error, and no two pauses are the same', async under => {
      const one = await under.open()
      const deviceIds = Array.from({ length: 12 }, (_, i) => i + 1)
      await one.queue.enqueue(deviceIds)
      const run = async () => {
        throw new ConnectionError('CONNECTION_REFUSED', 'connection refused')
      }
      const worker = startWorker(one, run, { concurrency: 12 })
      const pauses = new Map<string, number>()
      const look = async () => {
        for (const job of await one.queue.list('waiting', { limit: 20 })) {
          if (job.notBefore === null || job.failedAt === null) continue
          assert.deepEqual([job.state, job.error?.code], ['waiting', 'CONNECTION_REFUSED'])
          pauses.set(`${job.tries} ${job.id}`, job.notBefore.getTime() - job.failedAt.getTime())
        }
        return (await one.queue.counts()).failed === deviceIds.length
      }
      await eventually(under, look, { withinMs: untilFailedMs(under), what: 'all have failed' })
      assert(new Set(pauses.values()).size > 1, 'the pauses are spread')
      for (const [key, pauseMs] of pauses) {
        const wantedMs = under.times.pausesMs[Number(key.split(' ')[0]) - 1] ?? Number.NaN
        assert(pauseMs >= wantedMs * 0.8 - ROUNDING_MS, `${pauseMs} is less than a fifth below ${wantedMs}`)
      }
      assert.deepEqual(await one.queue.enqueue(deviceIds), { queued: 12 }, 'a failed job keeps nobody from a new one')
      await worker.stop()
    })

    queueTest(open, 'no second job for a device whose job pauses', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      let hasFailed = false
      const worker = startWorker(one, async () => {
        hasFailed = true
        throw new ConnectionError('CONNECTION_REFUSED', 'connection refused')
      })
      await eventually(under, () => hasFailed, { what: 'the first try fails' })
      assert.deepEqual(await one.queue.enqueue([7]), { queued: 0 })
      await worker.stop()
    })

    queueTest(open, 'stop when empty waits for pausing jobs', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      const tries: number[] = []
      const run = async (job: SyncJob) => {
        tries.push(job.tries)
        if (job.tries === 1) throw new ConnectionError('CONNECTION_REFUSED', 'connection refused')
      }
      await startWorker(one, run, { stopWhenEmpty: true }).done
      assert.deepEqual(tries, [1, 2])
      assert.deepEqual(await one.queue.counts(), { waiting: 0, active: 0, failed: 0 })
    })

    queueTest(open, 'where trying again cannot help, it fails at once', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      const run = async () => {
        throw new DeviceError('COMM_KEY_REFUSED', 'the device rejected the comm key')
      }
      await startWorker(one, run, { stopWhenEmpty: true }).done
      const [job] = await one.queue.list('failed', { limit: 9 })
      assert.deepEqual([job?.deviceId, job?.tries, job?.error?.code], [7, 1, 'COMM_KEY_REFUSED'])
    })

    queueTest(open, 'what was thrown and is no error of the project is a defect, with its own stack', async under => {
      const one = await under.open()
      await one.queue.enqueue([7])
      const run = async () => {
        throw new TypeError('zone is undefined')
      }
      await startWorker(one, run, { stopWhenEmpty: true }).done
      const [job] = await one.queue.list('failed', { limit: 9 })
      assert.deepEqual([job?.tries, job?.error?.code], [JOB_TRIES, 'DEFECT'])
      assert.match(job?.error?.message ?? '', /zone is undefined/)
      assert.match(job?.error?.stack ?? '', /^TypeError: zone is undefined\n +at /)
    })

    queueTest(open, 'a device has one failed job, the newer one', async under => {
      const one = await under.open()
      const ids: string[] = []
      for (const round of ['first', 'second']) {
        assert.deepEqual(await one.queue.enqueue([7]), { queued: 1 })
        const run = async (job: SyncJob) => {
          ids.push(job.id)
          throw new DeviceError('COMM_KEY_REFUSED', `the ${round} failure`)
        }
        await startWorker(one, run, { stopWhenEmpty: true }).done
      }
      const failed = await one.queue.list('failed', { limit: 9 })
      assert.deepEqual(
        failed.map(job => [job.id, job.error?.message]),
        [[ids[1], 'the second failure']],
      )
      assert.equal((await one.queue.counts()).failed, 1)
      assert.notEqual(ids[0], ids[1])
    })
  })
}

/** All pauses at their longest, and a look after each. */
function untilFailedMs(under: QueueFixture): number {
  const { pausesMs, patienceMs } = under.times
  return (pausesMs[0] + pausesMs[1]) * 1.2 + JOB_TRIES * patienceMs
}

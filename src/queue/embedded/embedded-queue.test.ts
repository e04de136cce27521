import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { type EmbeddedFixture, openEmbeddedFixture } from '../../../test/contract/queue/embedded-fixture.ts'
import { eventually, HeldJobs, startWorker } from '../../../test/contract/queue/fixture.ts'
import { StoreError } from '../../base/errors.ts'
import { JOB_TRIES, type SyncJob } from '../../model/job-queue.ts'
import { JOB_LEASE_MS } from './embedded-queue.ts'

function embeddedTest(name: string, body: (under: EmbeddedFixture) => Promise<void>): void {
  test(name, async () => {
    await using under = openEmbeddedFixture()
    await under.run(body(under))
  })
}

describe('a worker that vanished', () => {
  embeddedTest('and is known to be dead is replaced within seconds', async under => {
    const [one, other] = [await under.open(), await under.open()]
    await one.queue.enqueue([7])
    const [first, second] = [new HeldJobs(), new HeldJobs()]
    startWorker(one, first.run)
    await eventually(under, () => first.begun.length === 1, { what: 'the job begins' })
    const worker = startWorker(other, second.run)
    await under.clock.sleep(10_000)
    await one.crash()
    under.dead.add('process 1')
    const crashedAtMs = under.clock.now()
    await eventually(under, () => second.begun.length === 1, { what: 'the job is taken over' })
    assert(under.clock.now() - crashedAtMs < 3_000)
    assert.equal(second.at(0).job.tries, 2, 'the try of the dead one counts')
    second.at(0).end()
    await worker.stop()
  })

  embeddedTest('leaves nothing behind when the next one stops at an empty queue', async under => {
    const [one, other] = [await under.open(), await under.open()]
    await one.queue.enqueue([7, 8])
    const first = new HeldJobs()
    startWorker(one, first.run, { concurrency: 1 })
    await eventually(under, () => first.begun.length === 1, { what: 'the job begins' })
    await one.crash()
    const runs: number[] = []
    const run = async (job: SyncJob) => {
      runs.push(job.deviceId)
      under.dead.add('process 1')
    }
    await startWorker(other, run, { stopWhenEmpty: true }).done
    assert.deepEqual(runs, [8, 7])
    assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 0, failed: 0 })
  })

  embeddedTest('is replaced after its lease, and within a minute, where nothing is known of it', async under => {
    const [one, other] = [await under.open(), await under.open()]
    await one.queue.enqueue([7])
    const [first, second] = [new HeldJobs(), new HeldJobs()]
    startWorker(one, first.run)
    await eventually(under, () => first.begun.length === 1, { what: 'the job begins' })
    await one.crash()
    const crashedAtMs = under.clock.now()
    const worker = startWorker(other, second.run)
    await eventually(under, () => second.begun.length === 1, { withinMs: 60_000, what: 'the job is taken over' })
    assert(under.clock.now() - crashedAtMs >= JOB_LEASE_MS / 2)
    second.at(0).end()
    await worker.stop()
  })

  embeddedTest('in each try of a job leaves it failed, so that no job kills workers for ever', async under => {
    const watcher = await under.open()
    await watcher.queue.enqueue([7])
    for (let tries = 1; tries <= JOB_TRIES; tries++) {
      const one = await under.open()
      const held = new HeldJobs()
      startWorker(one, held.run)
      await eventually(under, () => held.begun.length === 1, { what: `try ${tries} begins` })
      assert.equal(held.at(0).job.tries, tries)
      await one.crash()
      under.dead.add(`process ${tries + 1}`)
    }
    await startWorker(watcher, async () => {}, { stopWhenEmpty: true }).done
    const [job] = await watcher.queue.list('failed', { limit: 9 })
    assert.deepEqual([job?.deviceId, job?.tries, job?.error?.code], [7, JOB_TRIES, 'RUN_INTERRUPTED'])
  })
})

describe('a worker that was held up', () => {
  embeddedTest('is told that its job is with another one as soon as it renews again', async under => {
    const [one, other] = [await under.open(), await under.open()]
    await one.queue.enqueue([7])
    const [first, second] = [new HeldJobs(), new HeldJobs()]
    const stalled = startWorker(one, first.run)
    await eventually(under, () => first.begun.length === 1, { what: 'the job begins' })
    one.stall()
    const worker = startWorker(other, second.run)
    await eventually(under, () => second.begun.length === 1, { withinMs: 60_000, what: 'the job is taken over' })
    assert.equal(first.at(0).signal.aborted, false)
    one.goOn()
    await eventually(under, () => first.at(0).signal.aborted, { what: 'the signal of the first one fires' })
    assert.match(String(first.at(0).signal.reason), /with another worker/)
    first.at(0).end(new Error('given up'))
    await under.clock.sleep(1_000)
    assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 1, failed: 0 })
    second.at(0).end()
    await stalled.stop()
    await worker.stop()
    assert.deepEqual(await other.queue.counts(), { waiting: 0, active: 0, failed: 0 })
  })

  embeddedTest('gives its jobs up when it cannot renew them in time', async under => {
    const one = await under.open()
    await one.queue.enqueue([7])
    const held = new HeldJobs()
    const worker = startWorker(one, held.run)
    await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
    const outage = await under.beginOutage()
    const awayAtMs = under.clock.now()
    await eventually(under, () => held.at(0).signal.aborted, { withinMs: 60_000, what: 'the signal fires' })
    assert(under.clock.now() - awayAtMs <= JOB_LEASE_MS, 'before anybody else can have it')
    held.at(0).end(held.at(0).signal.reason)
    await under.clock.sleep(20_000)
    await outage.end()
    await eventually(under, () => held.begun.length === 2, { what: 'it is run again' })
    held.at(1).end()
    await worker.stop()
    assert.deepEqual(await one.queue.counts(), { waiting: 0, active: 0, failed: 0 })
  })
})

embeddedTest('a worker that is stopped while it claims gives back what it was given', async under => {
  const one = await under.open()
  await one.queue.enqueue([7])
  const held = new HeldJobs()
  await startWorker(one, held.run).stop()
  assert.equal(held.begun.length, 0)
  const [job] = await one.queue.list('waiting', { limit: 9 })
  assert.deepEqual([job?.state, job?.tries, job?.startedAt], ['waiting', 0, null])
})

describe('the clock of the machine', () => {
  embeddedTest('set back by an hour keeps no job waiting, and takes none from its worker', async under => {
    const [one, other] = [await under.open(), await under.open()]
    await one.queue.enqueue([1, 2])
    const held = new HeldJobs()
    const worker = startWorker(one, held.run, { concurrency: 1 })
    const idle = startWorker(other, held.run, { concurrency: 1 })
    await eventually(under, () => held.begun.length === 2, { what: 'both jobs begin' })
    held.at(0).end(new StoreError('LEASE_HELD', 'somebody else reads the device'))
    await under.clock.sleep(1_000)
    under.clock.jump(-3_600_000)
    await eventually(under, () => held.begun.length === 3, { what: 'the job that pauses is run again' })
    assert.equal(held.at(2).job.id, held.at(0).job.id)
    await under.clock.sleep(60_000)
    assert.equal(held.begun.length, 3)
    held.at(1).end()
    held.at(2).end()
    await worker.stop()
    await idle.stop()
  })

  embeddedTest('set back by an hour as its worker dies: the job is taken over all the same', async under => {
    const [one, other] = [await under.open(), await under.open()]
    await one.queue.enqueue([1])
    const [first, second] = [new HeldJobs(), new HeldJobs()]
    startWorker(one, first.run)
    await eventually(under, () => first.begun.length === 1, { what: 'the job begins' })
    await one.crash()
    under.clock.jump(-3_600_000)
    const worker = startWorker(other, second.run)
    await eventually(under, () => second.begun.length === 1, { withinMs: 60_000, what: 'the job is taken over' })
    second.at(0).end()
    await worker.stop()
  })
})

describe('the database', () => {
  embeddedTest('that refuses a statement ends the worker, which says so and gives its jobs back', async under => {
    const one = await under.open()
    await one.queue.enqueue([7])
    const held = new HeldJobs()
    const worker = startWorker(one, held.run)
    await eventually(under, () => held.begun.length === 1, { what: 'the job begins' })
    one.refuse('recover')
    await assert.rejects(worker.done, /refused/)
    assert.deepEqual(await one.queue.counts(), { waiting: 1, active: 0, failed: 0 })
  })

  embeddedTest('stays open when the queue is closed', async under => {
    const one = await under.open()
    await one.queue[Symbol.asyncDispose]()
    await one.store.ping()
  })
})

import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { ConnectionError, RollcallError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import { systemRandom } from '../../../src/base/random.ts'
import type { JobWork } from '../../../src/model/job-queue.ts'
import { BullmqQueue } from '../../../src/queue/bullmq/bullmq-queue.ts'
import { parseRedisAddress, type RedisAddress } from '../../../src/queue/bullmq/redis-address.ts'
import type { BullmqTimes } from '../../../src/queue/bullmq/settings.ts'
import { mayTestRedis, RedisServer } from './redis-server.ts'

const BASE = { clock: systemClock, random: systemRandom, log: silentLog }
const TIMES: BullmqTimes = { pausesMs: [200, 400], graceMs: 500, lockMs: 1_000, stalledCheckMs: 300 }
const WAIT_MS_MAX = 30_000

type Told = Parameters<NonNullable<JobWork['onOutage']>>[0]

/** What the contract does not ask, since it is about this server alone. */
describe.skipIf(!mayTestRedis('the queue on a Redis that fails'))('BullMQ on a Redis that fails', () => {
  let stack: AsyncDisposableStack
  beforeEach(() => {
    stack = new AsyncDisposableStack()
  })
  afterEach(() => stack.disposeAsync())

  async function startServer(...args: string[]): Promise<RedisServer> {
    return stack.use(await RedisServer.start({ args }))
  }

  function openQueue(address: RedisAddress): BullmqQueue {
    return stack.use(new BullmqQueue({ address, base: BASE, times: TIMES }))
  }

  /** A worker that lives until the test ends or `stop` is called. */
  function startWorker(queue: BullmqQueue, run: JobWork['run']): { told: Told[]; stop: () => Promise<void> } {
    const told: Told[] = []
    const controller = new AbortController()
    const onOutage = (one: Told) => told.push(one)
    const done = queue.work({ concurrency: 4, stopWhenEmpty: false, run, onOutage }, controller.signal)
    const stop = () => {
      controller.abort(new Error('stopped'))
      return done
    }
    stack.defer(stop)
    return { told, stop }
  }

  test('killed and started again in the middle of work: no job is lost, and none waits twice', async () => {
    const server = await startServer('--appendfsync', 'always')
    const [queue, dispatcher] = [openQueue(server.address()), openQueue(server.address())]
    const deviceIds = Array.from({ length: 60 }, (_, i) => i + 1)
    await dispatcher.enqueue(deviceIds)
    const done = new Set<number>()
    const { told } = startWorker(queue, async ({ deviceId }) => {
      await systemClock.sleep(20)
      done.add(deviceId)
    })
    await until(() => done.size >= 10, 'some jobs are done')
    await server.stop('SIGKILL')
    await assert.rejects(dispatcher.enqueue(deviceIds), isUnavailable(server.port))
    await until(() => told.length === 1, 'the outage is told')
    await server.start()
    await until(() => done.size === 60, 'all jobs are done')
    await until(async () => sum(await dispatcher.counts()) === 0, 'none is left')
    assert.deepEqual(
      told.map(({ away }) => away),
      [true, false],
    )
  })

  test('away from the start: both say so, and go on when it comes', async () => {
    const server = await startServer()
    await server.stop()
    const [queue, dispatcher] = [openQueue(server.address()), openQueue(server.address())]
    const done: number[] = []
    const { told } = startWorker(queue, async ({ deviceId }) => void done.push(deviceId))
    await assert.rejects(dispatcher.enqueue([7]), isUnavailable(server.port))
    await until(() => told.length === 1, 'the outage is told')
    const [away] = told
    assert(away?.away && isUnavailable(server.port)(away.error))
    await server.start()
    await until(() => told.length === 2, 'its end is told')
    assert.deepEqual(await dispatcher.enqueue([7]), { queued: 1 })
    await until(() => done.length === 1, 'the job is done')
  })

  test('taking connections and saying nothing: calls fail within seconds, and go on when it speaks', async () => {
    const server = await startServer()
    const queue = openQueue(server.address())
    await queue.enqueue([7])
    server.freeze()
    await assert.rejects(queue.counts(), /no answer in time$/)
    await assert.rejects(openQueue(server.address()).counts(), /no answer in time$/)
    server.thaw()
    assert.equal((await queue.counts()).waiting, 1)
  })

  test('with a password: the right one is used, a wrong one is said without being repeated', async () => {
    const server = await startServer('--requirepass', 'tiger#1')
    const right = openQueue(parseRedisAddress(`redis://:tiger%231@127.0.0.1:${server.port}/5`))
    assert.deepEqual(await right.enqueue([7]), { queued: 1 })
    const wrong = openQueue(parseRedisAddress(`redis://:lion@127.0.0.1:${server.port}/5`))
    await assert.rejects(wrong.counts(), /it refuses the user name or password$/)
    await assert.rejects(openQueue(server.address()).counts(), /it wants a password$/)
    const { told, stop } = startWorker(wrong, async () => {})
    await until(() => told.length > 0, 'the worker says so')
    const [away] = told
    assert(away?.away)
    assert.match(away.error.message, /it refuses the user name or password$/)
    assert(!`${away.error.stack}${JSON.stringify(away.error)}`.includes('lion'))
    await stop()
  })

  test('with a full memory: the worker rests and says so once, and goes on when there is room', async () => {
    const server = await startServer()
    const queue = openQueue(server.address())
    const done: number[] = []
    const { told } = startWorker(queue, async ({ deviceId }) => void done.push(deviceId))
    await queue.enqueue([1])
    await until(() => done.length === 1, 'the first job is done')
    await queue.enqueue([2, 3])
    await until(() => done.length === 3, 'more jobs are done')
    await server.command('CONFIG', 'SET', 'maxmemory', '1')
    await assert.rejects(queue.enqueue([4]), /its memory is full$/)
    await until(() => told.length > 0, 'the worker says so')
    await server.command('CONFIG', 'SET', 'maxmemory', '0')
    await queue.enqueue([4])
    await until(() => done.includes(4) && told.length > 1, 'the next job is done')
    assert.deepEqual(
      told.map(({ away }) => away),
      [true, false],
    )
  })

  test('a job whose lock somebody else has is given up: its signal fires, and its end changes nothing', async () => {
    const server = await startServer()
    const queue = openQueue(server.address())
    await queue.enqueue([7])
    const { promise: lost, resolve: tellLost } = Promise.withResolvers<unknown>()
    const { stop } = startWorker(queue, async (job, signal) => {
      signal.addEventListener('abort', () => tellLost(signal.reason))
      await server.command('SET', `rollcall:sync:${job.id}:lock`, 'somebody else')
      await lost
    })
    const reason = await lost
    assert(reason instanceof RollcallError)
    assert.equal(reason.code, 'JOB_LOST')
    await stop()
    assert.deepEqual(await queue.counts(), { waiting: 0, active: 1, failed: 0 })
  })

  test('a failed job keeps code, sentence and stack for whoever looks with another tool', async () => {
    const server = await startServer()
    const queue = openQueue(server.address())
    const { stop } = startWorker(queue, async () => {
      throw new ConnectionError('CONNECTION_REFUSED', 'connection refused at 10.0.0.9:4370')
    })
    await queue.enqueue([7])
    await until(async () => (await queue.counts()).failed === 1, 'it has failed')
    await stop()
    const [job] = await queue.list('failed', { limit: 1 })
    assert.equal(
      await server.command('HGET', `rollcall:sync:${job?.id}`, 'failedReason'),
      'CONNECTION_REFUSED: connection refused at 10.0.0.9:4370',
    )
    assert.equal(await server.command('GET', 'rollcall:sync:de:device-7'), null)
  })

  test('ten thousand devices are queued in one round, all or none', async () => {
    const server = await startServer()
    const queue = openQueue(server.address())
    const deviceIds = Array.from({ length: 10_000 }, (_, i) => i + 1)
    assert.deepEqual(await queue.enqueue(deviceIds), { queued: 10_000 })
    assert.deepEqual(await queue.enqueue(deviceIds), { queued: 0 })
    assert.equal((await queue.counts()).waiting, 10_000)
    assert.deepEqual(
      (await queue.list('waiting', { limit: 2 })).map(job => job.deviceId),
      [10_000, 9_999],
    )
  })
})

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = systemClock.monotonicMs() + WAIT_MS_MAX
  while (!(await holds())) {
    if (systemClock.monotonicMs() > endMs) assert.fail(`not in time: ${what}`)
    await systemClock.sleep(20)
  }
}

function isUnavailable(port: number): (error: unknown) => true {
  return error => {
    assert(error instanceof RollcallError)
    assert.equal(error.code, 'QUEUE_UNAVAILABLE')
    assert.match(error.message, new RegExp(`^the queue at 127\\.0\\.0\\.1:${port} cannot be used: [^.]+$`))
    return true
  }
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

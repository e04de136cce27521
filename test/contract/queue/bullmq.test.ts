import { afterAll, beforeAll, describe } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { BullmqQueue } from '../../../src/queue/bullmq/bullmq-queue.ts'
import { CuttableRedis } from './cuttable-redis.ts'
import type { QueueFixture, QueueTimes } from './fixture.ts'
import { mayTestRedis, RedisServer } from './redis-server.ts'
import { jobQueueContract } from './suite.ts'

const BASE = { clock: systemClock, random: systemRandom, log: silentLog }
const TIMES: QueueTimes = { pausesMs: [300, 600], graceMs: 500, takeOverMsMax: 3_000, patienceMs: 10_000 }
/** A worker is taken over once its lock has run out and the second look has come. */
const LOCK_MS = 1_000
const LOOK_MS = 300

describe.skipIf(!mayTestRedis('the contract of the queue on Redis'))('BullMQ on a real Redis', () => {
  let server: RedisServer
  let database = 0
  beforeAll(async () => {
    server = await RedisServer.start()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  jobQueueContract('BullMQ', async () => openFixture(server, database++))
})

/** A queue in a database of its own; the processes are connections of their own. */
function openFixture(server: RedisServer, database: number): QueueFixture {
  const times = { pausesMs: TIMES.pausesMs, graceMs: TIMES.graceMs, lockMs: LOCK_MS, stalledCheckMs: LOOK_MS }
  const queues: BullmqQueue[] = []
  return {
    times: TIMES,
    clock: systemClock,
    run: body => body,
    async open() {
      const wire = new CuttableRedis()
      const queue = new BullmqQueue({ address: server.address(database), base: BASE, times, newRedis: wire.newRedis })
      queues.push(queue)
      return {
        queue,
        stall: () => wire.holdBackRenewals(),
        crash: async () => wire.cut(),
      }
    },
    async beginOutage() {
      await server.stop()
      return { end: () => server.start() }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(queues.map(queue => queue[Symbol.asyncDispose]()))
    },
  }
}

import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/base/clock.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'
import { RedisServer } from '../contract/queue/redis-server.ts'
import { QueueSite, type SiteProcess } from './queue-site.ts'

const WORKERS = 4
const JOBS_AT_ONCE = 4
const RECORDS_FIRST = 400
const RECORDS_EACH_ROUND = 40
/** Slows a read down to what a device on the wall takes, so that a kill falls into the middle of some. */
const PACKET_PAUSE_MS = 10
/** A job whose worker was killed is with another one within a minute. */
const ROUND_MS_MAX = 120_000
/** How long the server of the queue stays away. */
const AWAY_MS_MAX = 2_000
/** A round takes a second or two; a kill later than this would meet workers without work. */
const FAULT_MS_MAX = 600

export interface RoundsReport {
  readonly rounds: number
  /** Jobs that were queued, each of them once. */
  readonly jobs: number
  /** Workers that were killed while they had jobs in hand. */
  readonly killedAtWork: number
  readonly restarts: number
  readonly rows: number
}

/**
 * Rounds of work on the queue under `kill -9`. In each, devices get new records, one job a device is queued, once, and four
 * workers run them; one of these is killed at a random moment, and the server of the queue is restarted where it has one. As no
 * other job is queued, each punch that stood in a device before must be stored at the end: a job that was lost would show.
 */
export async function queueRounds(options: {
  rounds: number
  devices: number
  seed: number
  /** The server of the queue, restarted in each round; without one the queue is the embedded one. */
  server?: RedisServer
  tell: (line: string) => void
}): Promise<RoundsReport> {
  const { rounds, devices, seed, server, tell } = options
  const random = seededRandom(seed)
  await using site = await QueueSite.open(server ? { REDIS_URL: `redis://127.0.0.1:${server.port}/0` } : {})
  await site.addDevices(devices, { seed, packetPauseMs: PACKET_PAUSE_MS, records: RECORDS_FIRST })
  const startWorker = () => site.start('queue:work', '--workers', String(JOBS_AT_ONCE))
  const workers: SiteProcess[] = []
  let killedAtWork = 0
  let rows = 0
  for (let round = 1; round <= rounds; round++) {
    const startedMs = systemClock.monotonicMs()
    while (workers.length < WORKERS) workers.push(startWorker())
    for (const { device } of site.devices) device.fillLog(RECORDS_EACH_ROUND)
    await queueOneEach(site)
    const [wasAtWork] = await Promise.all([killOne(workers, site, random), server && restart(server, random)])
    if (wasAtWork) killedAtWork++
    await site.until('every job done', ROUND_MS_MAX, async () => (await site.unfinished()) === 0)
    assert.equal((await site.queue.counts()).failed, 0, 'a job failed')
    rows = await site.assertPunches({ missing: 'none' })
    site.assertOneAtATime()
    const tookMs = Math.round(systemClock.monotonicMs() - startedMs)
    tell(`round ${round}: ${devices} jobs, ${wasAtWork ? 'a worker killed at work' : 'a worker killed'}, ${tookMs} ms`)
  }
  await Promise.all(workers.map(worker => worker.stop()))
  return { rounds, jobs: rounds * devices, killedAtWork, restarts: server ? rounds : 0, rows }
}

async function queueOneEach(site: QueueSite): Promise<void> {
  const output = await site.run('attendance:live-sync', '--once', '--json')
  const { devices, queued } = JSON.parse(output) as { devices: number; queued: number }
  assert.deepEqual([devices, queued], [site.devices.length, site.devices.length])
}

/** @returns whether there was work when it was killed. */
async function killOne(workers: SiteProcess[], site: QueueSite, random: Random): Promise<boolean> {
  await systemClock.sleep(random.float() * FAULT_MS_MAX)
  const [killed] = workers.splice(random.int(0, workers.length - 1), 1)
  assert(killed)
  killed.child.kill('SIGKILL')
  const unfinished = await site.unfinished()
  assert.equal(await killed.ended(), null, `a worker had ended by itself: ${killed.output}`)
  return unfinished !== 0
}

/** What the server has acknowledged it has written, since it is run with `appendonly yes`. */
async function restart(server: RedisServer, random: Random): Promise<void> {
  await systemClock.sleep(random.float() * FAULT_MS_MAX)
  await server.stop()
  await systemClock.sleep(random.float() * AWAY_MS_MAX)
  await server.start()
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string', default: 'embedded' },
      rounds: { type: 'string', default: '20' },
      devices: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    },
  })
  const { backend } = values
  assert(backend === 'embedded' || backend === 'redis', '--backend must be embedded or redis')
  console.log(`backend ${backend}, seed ${values.seed}`)
  await using server = backend === 'redis' ? await RedisServer.start() : null
  const report = await queueRounds({
    ...(server ? { server } : {}),
    rounds: Number(values.rounds),
    devices: Number(values.devices),
    seed: Number(values.seed),
    tell: line => console.log(line),
  })
  console.log(
    `${report.rounds} rounds, ${report.jobs} jobs, ${report.killedAtWork} workers killed at work, ${report.restarts} restarts, ${report.rows} rows: every punch once, no job lost`,
  )
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { assertTruth, storedOf } from '../../test/simulation/truth.ts'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { QueueError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { seededRandom } from '../base/random.ts'
import type { JobQueue, JobWork } from '../model/job-queue.ts'
import { VirtualDevice } from '../virtual/device.ts'
import { SimulatedNetwork } from '../virtual/network.ts'
import { readConfig } from './config.ts'
import { openQueue } from './queue.ts'
import { openRollcall, type Rollcall } from './rollcall.ts'
import { type WorkEvent, work } from './work.ts'

/** A whole installation on a simulated network, with the queue of its database. */
class Stage implements AsyncDisposable {
  readonly clock = new VirtualClock(Date.parse('2026-03-02T07:00:00Z'))
  readonly network: SimulatedNetwork
  readonly events: WorkEvent[] = []
  readonly logged: string[] = []
  readonly rollcall: Rollcall
  readonly queue: JobQueue
  readonly #folder: string
  #devices = 0

  private constructor(parts: Pick<Stage, 'clock' | 'network' | 'rollcall' | 'queue' | 'logged'> & { folder: string }) {
    this.clock = parts.clock
    this.network = parts.network
    this.rollcall = parts.rollcall
    this.queue = parts.queue
    this.logged = parts.logged
    this.#folder = parts.folder
  }

  static async open(): Promise<Stage> {
    const clock = new VirtualClock(Date.parse('2026-03-02T07:00:00Z'))
    const random = seededRandom(1)
    const network = new SimulatedNetwork({ clock, random })
    const logged: string[] = []
    const log = {
      ...silentLog,
      error: (line: string) => void logged.push(line),
      info: (line: string) => void logged.push(line),
    }
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-work-'))
    const config = readConfig({ environment: {}, workingDirectory: folder })
    const rollcall = await openRollcall(config, { clock, random, log }, { network })
    return new Stage({ clock, network, rollcall, queue: await openQueue(rollcall), logged, folder })
  }

  async add(host: string): Promise<{ id: number; device: VirtualDevice }> {
    const device = new VirtualDevice({ seed: ++this.#devices }, { clock: this.clock })
    device.fillLog(20)
    this.network.attach({ host, port: 4370 }, device, 'tcp')
    const wishes = { isActive: true, isLive: false, setsClock: false, commKey: 0 }
    const address = { host, port: 4370, transport: 'tcp', timezone: 'UTC' } as const
    const { id } = await this.rollcall.store.devices.add({ name: host, ...address, ...wishes })
    return { id, device }
  }

  /** Works until the queue is empty. */
  async workAll(concurrency = 1): Promise<void> {
    const onEvent = (event: WorkEvent) => void this.events.push(event)
    const { signal } = new AbortController()
    await this.clock.run(work(this, { concurrency, stopWhenEmpty: true, onEvent }, signal))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue[Symbol.asyncDispose]()
    await this.rollcall[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true })
  }
}

test('the jobs of the queue are run, and their devices are synced', async () => {
  await using stage = await Stage.open()
  const devices = [await stage.add('gate'), await stage.add('yard'), await stage.add('roof')]
  await stage.queue.enqueue(devices.map(({ id }) => id))
  await stage.workAll(2)
  for (const { id, device } of devices) {
    assertTruth(device, await storedOf(stage.rollcall.store, id), { missing: 'none' })
  }
  assert.deepEqual(await stage.queue.counts(), { waiting: 0, active: 0, failed: 0 })
  assert.equal(stage.events.filter(event => event.event === 'device.synced').length, 3)
})

test('a device that fails is tried three times, with the pauses of the queue between, and then kept as failed', async () => {
  await using stage = await Stage.open()
  const { id, device } = await stage.add('gate')
  device.setFault('refuses-connection', 'on')
  await stage.queue.enqueue([id])
  const startedMs = stage.clock.monotonicMs()
  await stage.workAll()
  const tookMs = stage.clock.monotonicMs() - startedMs
  assert(tookMs > 30_000 && tookMs < 60_000, `${tookMs} ms`)
  const failures = stage.events.filter(event => event.event === 'device.failed')
  assert.deepEqual(
    failures.map(event => event.retryInMs),
    [10_000, 30_000, null],
  )
  const [job] = await stage.queue.list('failed', { limit: 10 })
  assert(job)
  assert.deepEqual([job.deviceId, job.tries, job.error?.code], [id, 3, 'CONNECTION_REFUSED'])
  const told = stage.events.at(-1)
  assert(told?.event === 'job.failed')
  assert.deepEqual([told.jobId, told.tries, told.message], [job.id, 3, job.error?.message])
  assert.match(stage.logged.at(-1) ?? '', /^Job .* is kept as failed after 3 tries: .*refused/)

  device.clearFaults()
  assert.equal(await stage.queue.retry([job.id]), 1)
  await stage.workAll()
  assertTruth(device, await storedOf(stage.rollcall.store, id), { missing: 'none' })
  assert.deepEqual(await stage.queue.counts(), { waiting: 0, active: 0, failed: 0 })
})

test('what no try can mend is kept as failed at once', async () => {
  await using stage = await Stage.open()
  const { id } = await stage.add('gate')
  await stage.rollcall.store.devices.add({
    ...{ name: 'locked', host: 'locked', port: 4370, transport: 'tcp', timezone: 'UTC', commKey: 1 },
    ...{ isActive: true, isLive: false, setsClock: false },
  })
  const locked = new VirtualDevice({ seed: 99, commKey: 9 }, { clock: stage.clock })
  stage.network.attach({ host: 'locked', port: 4370 }, locked, 'tcp')
  await stage.queue.enqueue([id, id + 1])
  await stage.workAll()
  const [told] = stage.events.filter(event => event.event === 'job.failed')
  assert.deepEqual([told?.deviceId, told?.code, told?.tries], [id + 1, 'COMM_KEY_REFUSED', 1])
  const [failure] = stage.events.filter(event => event.event === 'device.failed')
  assert.equal(failure?.retryInMs, null)
})

test('a job whose device was disabled meanwhile is done', async () => {
  await using stage = await Stage.open()
  const { id, device } = await stage.add('gate')
  await stage.queue.enqueue([id])
  await stage.rollcall.store.devices.edit(id, { isActive: false })
  await stage.workAll()
  assert.deepEqual(await stage.queue.counts(), { waiting: 0, active: 0, failed: 0 })
  assert.equal(device.stats.sessions, 0)
})

test('an outage of the queue is told, and that it is back', async () => {
  await using stage = await Stage.open()
  const queue = {
    async work({ onOutage }: JobWork): Promise<void> {
      const error = new QueueError('QUEUE_UNAVAILABLE', 'queue.example:6379 cannot be reached')
      onOutage?.({ away: true, error, retryInMs: 2_000 })
      onOutage?.({ away: false, awayForMs: 12_000 })
    },
  }
  const events: WorkEvent[] = []
  const options = { concurrency: 1, stopWhenEmpty: false, onEvent: (event: WorkEvent) => void events.push(event) }
  await work({ rollcall: stage.rollcall, queue }, options, new AbortController().signal)
  assert.deepEqual(
    events.map(event => event.event),
    ['queue.unavailable', 'queue.available'],
  )
  assert.deepEqual(stage.logged, [
    'The queue is out of reach, next try in 2.0 s: queue.example:6379 cannot be reached',
    'The queue is back after 12 s',
  ])
})

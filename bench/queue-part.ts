import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import Sqlite from 'better-sqlite3'
import { Redis } from 'ioredis'
import { dispatchOnce } from '../src/app/dispatch.ts'
import { mayTestRedis, RedisServer } from '../test/contract/queue/redis-server.ts'
import { type Child, startChild } from './child.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { openQueueInstallation, type QueuePlace } from './queue-installation.ts'
import type { WorkOrder, WorkReport } from './queue-process.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const DISPATCH_MS_MAX = 2_000
const CPU_MS_MAX = 2
const SPEED_UP_MIN = 3.5
const PROCESSES = 4
const WAIT_MS = 50
/** Jobs at once in a process; with one, the waiting alone would take minutes. */
const JOBS_AT_ONCE = 8
const DISPATCHES = 5

/** The queue on either backend: one round of a dispatcher, what a job costs its worker, and more workers. */
export const queuePart: Part = {
  title: sizes =>
    `queue: ${devicesOf(sizes)} devices dispatched, as many empty jobs, ${waitingJobsOf(sizes)} jobs of ${WAIT_MS} ms`,
  async run(sizes: Sizes): Promise<string[]> {
    const lines: string[] = []
    const measureBackend = (name: string, redisUrl: string) =>
      inTemporaryFolder(async path => {
        lines.push(`  ${name}`, ...(await measure({ folder: path(''), redisUrl }, sizes)))
      })
    await measureBackend('embedded, a table of the SQLite file', '')
    if (mayTestRedis('the queue part on Redis')) {
      await using server = await RedisServer.start()
      await measureBackend('redis, BullMQ, with each write in its log', `redis://127.0.0.1:${server.port}`)
    }
    return lines
  },
}

function devicesOf(sizes: Sizes): number {
  return sizes.records / 10
}

function waitingJobsOf(sizes: Sizes): number {
  return sizes.records / 50
}

async function measure(place: QueuePlace, sizes: Sizes): Promise<string[]> {
  await using installation = await openQueueInstallation(place)
  const devices = devicesOf(sizes)
  const ids = await addDevices(installation.rollcall, devices)
  const { dispatchMs, first } = await dispatchRounds(installation, place, devices)
  const floorMs = place.redisUrl ? await bareRedisMs(place.redisUrl, devices) : bareInsertMs(devices)

  await installation.queue.enqueue(ids)
  const [empty] = await inProcesses(place, 1, { concurrency: JOBS_AT_ONCE, waitMs: 0 })
  assert.equal(empty?.jobs, devices)
  const cpuMs = (empty?.cpuMs ?? Number.NaN) / devices

  const waiting = waitingJobsOf(sizes)
  const wallMs = async (processes: number) => {
    await installation.queue.enqueue(ids.slice(0, waiting))
    let ms = 0
    const order = { concurrency: JOBS_AT_ONCE, waitMs: WAIT_MS }
    const reports = await inProcesses(place, processes, order, took => {
      ms = took
    })
    assert.equal(
      reports.reduce((sum, { jobs }) => sum + jobs, 0),
      waiting,
    )
    return ms
  }
  const oneMs = await wallMs(1)
  const manyMs = await wallMs(PROCESSES)
  const idealMs = (waiting * WAIT_MS) / JOBS_AT_ONCE
  const speedUp = oneMs / manyMs
  return tableLines([
    ['', 'floor', 'ours', 'target', ''],
    [
      `  one round, wall ms (the first ${first.toFixed(0)})`,
      floorMs.toFixed(0),
      dispatchMs.toFixed(0),
      `< ${DISPATCH_MS_MAX}`,
      verdict(Math.max(dispatchMs, first) < DISPATCH_MS_MAX),
    ],
    ['  an empty job, CPU ms of its worker', '0', cpuMs.toFixed(2), `< ${CPU_MS_MAX}`, verdict(cpuMs < CPU_MS_MAX)],
    ['  jobs that wait, one process, wall ms', idealMs.toFixed(0), oneMs.toFixed(0), '', ''],
    [`  ${PROCESSES} processes, wall ms`, (idealMs / PROCESSES).toFixed(0), manyMs.toFixed(0), '', ''],
    [
      '  times as fast',
      PROCESSES.toFixed(2),
      speedUp.toFixed(2),
      `>= ${SPEED_UP_MIN}`,
      verdict(speedUp >= SPEED_UP_MIN),
    ],
  ])
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED'
}

type Installation = Awaited<ReturnType<typeof openQueueInstallation>>

async function addDevices({ store }: Installation['rollcall'], count: number): Promise<number[]> {
  const ids: number[] = []
  for (let i = 0; i < count; i++) {
    const host = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
    const address = { host, port: 4370, transport: 'tcp', timezone: 'UTC', commKey: 0 } as const
    const device = await store.devices.add({
      name: `Gate ${i}`,
      ...address,
      ...{ isActive: true, isLive: false, setsClock: false },
    })
    ids.push(device.id)
  }
  return ids
}

/** Rounds of a dispatcher that finds no job; each is worked off outside of what is measured. */
async function dispatchRounds(
  { rollcall, queue }: Installation,
  place: QueuePlace,
  devices: number,
): Promise<{ dispatchMs: number; first: number }> {
  const times: number[] = []
  for (let round = 0; round < DISPATCHES; round++) {
    const startMs = performance.now()
    const { store, base } = rollcall
    await dispatchOnce(
      {},
      {
        ...{ store, queue, base },
        onEvent: event => assert(event.event === 'dispatch.queued' && event.queued === devices),
      },
    )
    times.push(performance.now() - startMs)
    await inProcesses(place, 1, { concurrency: 64, waitMs: 0 })
  }
  return { dispatchMs: times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN, first: times[0] ?? Number.NaN }
}

/** Runs what is queued in so many processes, which have all started before. */
async function inProcesses(
  { folder, redisUrl }: QueuePlace,
  count: number,
  order: WorkOrder,
  tookMs: (ms: number) => void = () => {},
): Promise<WorkReport[]> {
  await using stack = new AsyncDisposableStack()
  const children: Child[] = []
  for (let i = 0; i < count; i++) children.push(stack.use(startChild('queue-process.ts', [folder, redisUrl])))
  await Promise.all(children.map(child => child.told<'ready'>()))
  const startMs = performance.now()
  const reports = await Promise.all(children.map(child => child.ask<WorkReport>(order)))
  tookMs(performance.now() - startMs)
  return reports
}

/** As many rows, one prepared statement, one transaction, a table with one unique index. */
function bareInsertMs(rows: number): number {
  const database = new Sqlite('')
  database.exec('create table jobs (id integer primary key, device_id integer unique, state text, queued_at text)')
  const insert = database.prepare('insert into jobs (device_id, state, queued_at) values (?, ?, ?)')
  const startMs = performance.now()
  database.exec('begin immediate')
  for (let id = 1; id <= rows; id++) insert.run(id, 'waiting', '2026-03-02T07:00:00.000Z')
  database.exec('commit')
  const ms = performance.now() - startMs
  database.close()
  return ms
}

/** As many hashes and entries of a list, in one pipeline. */
async function bareRedisMs(url: string, rows: number): Promise<number> {
  const client = new Redis(`${url}/1`)
  try {
    await client.ping()
    const startMs = performance.now()
    const pipeline = client.pipeline()
    for (let id = 1; id <= rows; id++) pipeline.hset(`job:${id}`, { device: id, state: 'waiting' }).lpush('jobs', id)
    await pipeline.exec()
    return performance.now() - startMs
  } finally {
    client.disconnect()
  }
}

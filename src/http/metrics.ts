import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { z } from 'zod'
import { deviceStatus } from '../model/device.ts'
import { JOB_STATES } from '../model/job-queue.ts'
import type { Api } from './app.ts'
import type { HttpParts } from './parts.ts'
import type { OpenStreams } from './streams.ts'

const STATUSES = ['ok', 'failing', 'new', 'disabled'] as const

/** Measures one server, in a registry of its own. What is not counted here is asked for at each question to `/metrics`. */
export function measureServer(app: Api, parts: HttpParts, streams: OpenStreams): { addRoute(): void } {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Histogram({
    name: 'rollcall_http_request_duration_seconds',
    help: 'Requests answered, by route and status, and how long they took.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.01, 0.05, 0.2, 1, 5],
    registers,
  })
  app.addHook('onResponse', async (request, reply) => {
    // The route as it was registered: paths themselves would be names without end.
    const route = request.routeOptions.url ?? '(none)'
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  const open = new Gauge({ name: 'rollcall_event_streams', help: 'Open streams of events and tests.', registers })
  const punches = new Counter({
    name: 'rollcall_punches_stored_total',
    help: 'Punches that this process stored since it started.',
    registers,
  })
  const devices = measureDevices(parts, registers)
  const queue = measureQueue(parts, registers)
  const collect = async () => {
    open.set(streams.count)
    punches.reset()
    punches.inc(parts.work.punchesStored())
    await Promise.all([devices(), queue()])
  }
  return { addRoute: () => addRoute(app, { registry, collect }) }
}

function measureDevices({ store, base }: HttpParts, registers: Registry[]): () => Promise<void> {
  const labelNames = ['device_id', 'device'] as const
  const standing = new Gauge({
    name: 'rollcall_devices',
    help: 'Devices by how they stand.',
    labelNames: ['status'] as const,
    registers,
  })
  const ages = new Gauge({
    name: 'rollcall_device_last_sync_age_seconds',
    help: 'How long ago a run of the device last ended well.',
    labelNames,
    registers,
  })
  const records = new Gauge({
    name: 'rollcall_device_records',
    help: 'Records that the device holds, by its own count.',
    labelNames,
    registers,
  })
  return async () => {
    const devices = await store.devices.list()
    for (const status of STATUSES) {
      standing.set({ status }, devices.filter(device => deviceStatus(device) === status).length)
    }
    // Those of devices that were removed must not stay.
    ages.reset()
    records.reset()
    for (const { id, name, lastSyncedAt, recordsOnDevice } of devices) {
      const labels = { device_id: id, device: name }
      if (lastSyncedAt) ages.set(labels, Math.max(0, base.clock.now() - lastSyncedAt.getTime()) / 1000)
      if (recordsOnDevice !== null) records.set(labels, recordsOnDevice)
    }
  }
}

function measureQueue({ queue }: HttpParts, registers: Registry[]): () => Promise<void> {
  const isUp = new Gauge({ name: 'rollcall_queue_up', help: '1 while the queue can be reached.', registers })
  const jobs = new Gauge({
    name: 'rollcall_jobs',
    help: 'Jobs of the queue by state.',
    labelNames: ['state'] as const,
    registers,
  })
  return async () => {
    jobs.reset()
    // A queue that is away must not take the other figures with it.
    const counts = await queue.counts().catch(() => null)
    isUp.set(counts === null ? 0 : 1)
    for (const state of counts ? JOB_STATES : []) jobs.set({ state }, counts?.[state] ?? 0)
  }
}

function addRoute(app: Api, { registry, collect }: { registry: Registry; collect: () => Promise<void> }): void {
  app.get(
    '/metrics',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getMetrics',
        tags: ['server'],
        summary: 'Figures for Prometheus',
        response: { 200: { description: 'Prometheus text.', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => {
      await collect()
      return reply.header('content-type', registry.contentType).send((await registry.metrics()) as never)
    },
  )
}

import { z } from 'zod'
import type { DeviceSettings } from '../../model/device.ts'
import { whoAsks } from '../access.ts'
import { IdParams } from '../api/common.ts'
import { Device, DeviceChanges, DevicePage, NewDevice, SyncStarted } from '../api/devices.ts'
import { PlainPageQuery } from '../api/runs.ts'
import type { Api } from '../app.ts'
import { decodeNumbers } from '../cursor.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'
import { RequestProblem } from '../problems.ts'
import { deviceJson } from '../views.ts'

const LIST = 'devices'
const tags = ['devices']

export function addDeviceRoutes(app: Api, parts: HttpParts): void {
  addReadingRoutes(app, parts)
  addChangingRoutes(app, parts)
  addSyncRoute(app, parts)
}

function addReadingRoutes(app: Api, { store }: HttpParts): void {
  app.get(
    '/api/v1/devices',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listDevices',
        tags,
        summary: 'All devices, in order of id',
        querystring: PlainPageQuery,
        response: { 200: DevicePage },
      },
    },
    async request => {
      const { limit, cursor } = request.query
      const [after] = cursor === undefined ? [0] : decodeNumbers(LIST, cursor, 1)
      const devices = (await store.devices.list()).filter(device => device.id > (after ?? 0))
      const { rows, next_cursor } = pageFrom(LIST, devices, { limit, placeOf: device => [device.id] })
      return { data: rows.map(deviceJson), next_cursor }
    },
  )
  app.get(
    '/api/v1/devices/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getDevice',
        tags,
        summary: 'One device',
        params: IdParams,
        response: { 200: Device },
      },
    },
    async request => deviceJson(await store.devices.get(request.params.id)),
  )
}

function addChangingRoutes(app: Api, { store, audit, base }: HttpParts): void {
  app.post(
    '/api/v1/devices',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'addDevice',
        tags,
        summary: 'Adds a device',
        body: NewDevice,
        response: { 201: Device },
      },
    },
    async (request, reply) => {
      const { timezone = Temporal.Now.timeZoneId(), ...rest } = request.body
      const device = await store.devices.add({ ...settingsFrom(rest), timezone } as DeviceSettings)
      const who = whoAsks(request)
      await audit.record({ who, action: 'device.added', subject: `device ${device.id}`, details: shown(request.body) })
      base.log.info(`Device ${device.name} added with id ${device.id} by ${who}`)
      reply.code(201).header('location', `/api/v1/devices/${device.id}`)
      return deviceJson(device)
    },
  )
  app.patch(
    '/api/v1/devices/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'editDevice',
        tags,
        summary: 'Changes settings of a device',
        params: IdParams,
        body: DeviceChanges,
        response: { 200: Device },
      },
    },
    async request => {
      const device = await store.devices.edit(request.params.id, settingsFrom(request.body))
      const who = whoAsks(request)
      await audit.record({ who, action: 'device.edited', subject: `device ${device.id}`, details: shown(request.body) })
      base.log.info(`Device ${device.name}: changed ${Object.keys(request.body).join(', ')} by ${who}`)
      return deviceJson(device)
    },
  )
  app.delete(
    '/api/v1/devices/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'removeDevice',
        tags,
        summary: 'Removes a device with its attendance logs, runs and quarantined records',
        params: IdParams,
        response: { 204: z.null().describe('It is gone.') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { name } = await store.devices.get(id)
      await store.devices.remove(id)
      const who = whoAsks(request)
      await audit.record({ who, action: 'device.removed', subject: `device ${id}`, details: { name } })
      base.log.info(`Device ${name} removed with everything of it by ${who}`)
      reply.code(204)
      return null
    },
  )
}

function addSyncRoute(app: Api, { store, audit, work }: HttpParts): void {
  app.post(
    '/api/v1/devices/:id/sync',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'syncDevice',
        tags,
        summary: 'Begins a sync of the device, and does not wait for its end',
        description:
          'The server itself reads the device, under its lease: another process that reads it is waited for. The end is told by `sync.finished` of /api/v1/events and stands in /api/v1/sync-runs.',
        params: IdParams,
        response: { 202: SyncStarted },
      },
    },
    async (request, reply) => {
      const device = await store.devices.get(request.params.id)
      if (!device.isActive) throw new RequestProblem('DEVICE_INACTIVE', `the device ${device.id} is not active`)
      const status = work.syncNow(device.id)
      const who = whoAsks(request)
      if (status === 'started') {
        await audit.record({ who, action: 'device.synced', subject: `device ${device.id}`, details: {} })
      }
      reply.code(202)
      return { device_id: device.id, status }
    },
  )
}

type Changes = z.output<typeof DeviceChanges>

function settingsFrom(changes: Changes): Partial<DeviceSettings> {
  const { is_active, is_live, sets_clock, comm_key, name, host, port, transport, timezone, tags } = changes
  const settings = {
    name,
    host,
    port,
    transport,
    timezone,
    tags,
    isActive: is_active,
    isLive: is_live,
    setsClock: sets_clock,
    commKey: comm_key,
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

/** For the audit log: that the comm key was set, and not to what. */
function shown({ comm_key, ...rest }: Changes): Record<string, unknown> {
  return comm_key === undefined ? rest : { ...rest, comm_key: comm_key === 0 ? 'none' : 'set' }
}

import type { z } from 'zod'
import { RollcallError } from '../../base/errors.ts'
import { whoAsks } from '../access.ts'
import { DeviceActions, DeviceActionsDone, type DeviceActionsDoneJson } from '../api/standings.ts'
import type { Api } from '../app.ts'
import type { HttpParts } from '../parts.ts'

type Action = z.output<typeof DeviceActions>['action']
type Status = DeviceActionsDoneJson['results'][number]['status']

const AUDITED = { sync: 'devices.synced', pause: 'devices.paused', resume: 'devices.resumed' } as const
/** What has changed something, and is noted down. */
const CHANGING: ReadonlySet<Status> = new Set<Status>(['started', 'paused', 'resumed'])

export function addDeviceActionRoute(app: Api, parts: HttpParts): void {
  app.post(
    '/api/v1/devices/actions',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'actOnDevices',
        tags: ['devices'],
        summary: 'Syncs, pauses or resumes several devices',
        description:
          'What cannot be done with one device is its result, and hinders none of the others. A sync is begun, and not waited for.',
        body: DeviceActions,
        response: { 200: DeviceActionsDone },
      },
    },
    async request => {
      const { action, ids } = request.body
      const results: DeviceActionsDoneJson['results'] = []
      try {
        for (const id of new Set(ids)) results.push({ device_id: id, status: await act(action, id, parts) })
        return { results }
      } finally {
        // Also where the database went away in the middle: what was done until then was done.
        await noteDown(action, results, { parts, who: whoAsks(request) })
      }
    },
  )
}

async function act(action: Action, id: number, parts: Pick<HttpParts, 'store' | 'work'>): Promise<Status> {
  try {
    return await actOnOne(action, id, parts)
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'NOT_FOUND') return 'not_found'
    throw error
  }
}

async function actOnOne(
  action: Action,
  id: number,
  { store, work }: Pick<HttpParts, 'store' | 'work'>,
): Promise<Status> {
  const { isActive } = await store.devices.get(id)
  switch (action) {
    case 'sync':
      return isActive ? work.syncNow(id) : 'inactive'
    case 'pause':
      if (!isActive) return 'unchanged'
      await store.devices.edit(id, { isActive: false })
      return 'paused'
    case 'resume':
      if (isActive) return 'unchanged'
      await store.devices.edit(id, { isActive: true })
      return 'resumed'
    default:
      return action satisfies never
  }
}

/** One entry for all devices with which something was done. */
async function noteDown(
  action: Action,
  results: DeviceActionsDoneJson['results'],
  { parts, who }: { parts: Pick<HttpParts, 'audit' | 'base'>; who: string },
): Promise<void> {
  const ids = results.filter(({ status }) => CHANGING.has(status)).map(result => result.device_id)
  if (ids.length === 0) return
  await parts.audit.record({ who, action: AUDITED[action], subject: null, details: { ids } })
  parts.base.log.info(`${AUDITED[action]}: ${ids.length} by ${who}`)
}

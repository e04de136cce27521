import { IdParams } from '../api/common.ts'
import { PlainPageQuery } from '../api/runs.ts'
import { DeviceDetail, DeviceStandingPage } from '../api/standings.ts'
import type { Api } from '../app.ts'
import { decodeNumbers } from '../cursor.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'

const LIST = 'device-standings'
const tags = ['devices']

export function addDeviceStandingRoutes(app: Api, { store, work }: HttpParts): void {
  app.get(
    '/api/v1/device-standings',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listDeviceStandings',
        tags,
        summary: 'How all devices stand, in order of id',
        querystring: PlainPageQuery,
        response: { 200: DeviceStandingPage },
      },
    },
    async request => {
      const { limit, cursor } = request.query
      const [after] = cursor === undefined ? [0] : decodeNumbers(LIST, cursor, 1)
      const devices = (await store.devices.list()).filter(device => device.id > (after ?? 0))
      const { rows, next_cursor } = pageFrom(LIST, devices, { limit, placeOf: device => [device.id] })
      return { data: await work.standings(rows), next_cursor }
    },
  )
  app.get(
    '/api/v1/devices/:id/standing',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getDeviceStanding',
        tags,
        summary: 'How one device stands, and why',
        params: IdParams,
        response: { 200: DeviceDetail },
      },
    },
    async request => await work.standing(request.params.id),
  )
}

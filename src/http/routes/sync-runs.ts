import { OfDeviceQuery, SyncRunPage } from '../api/runs.ts'
import type { Api } from '../app.ts'
import { decodeNumbers } from '../cursor.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'
import { syncRunJson } from '../views.ts'

const LIST = 'sync-runs'

export function addRunRoutes(app: Api, { store }: HttpParts): void {
  app.get(
    '/api/v1/sync-runs',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listSyncRuns',
        tags: ['runs'],
        summary: 'Reads of devices, the newest first',
        querystring: OfDeviceQuery,
        response: { 200: SyncRunPage },
      },
    },
    async request => {
      const { device_id: deviceId, limit, cursor } = request.query
      const runs = await store.punches.runs({
        limit: limit + 1,
        ...(deviceId === undefined ? {} : { deviceId }),
        ...(cursor === undefined ? {} : { before: decodeNumbers(LIST, cursor, 1)[0] as number }),
      })
      const { rows, next_cursor } = pageFrom(LIST, runs, { limit, placeOf: run => [run.id] })
      return { data: rows.map(syncRunJson), next_cursor }
    },
  )
}

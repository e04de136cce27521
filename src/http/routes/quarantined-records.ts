import { OfDeviceQuery, QuarantinedRecordPage } from '../api/runs.ts'
import type { Api } from '../app.ts'
import { decodeNumbers } from '../cursor.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'
import { quarantinedRecordJson } from '../views.ts'

const LIST = 'quarantined-records'

export function addQuarantineRoutes(app: Api, { store }: HttpParts): void {
  app.get(
    '/api/v1/quarantined-records',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listQuarantinedRecords',
        tags: ['runs'],
        summary: 'Records that cannot be punches, the newest first',
        querystring: OfDeviceQuery,
        response: { 200: QuarantinedRecordPage },
      },
    },
    async request => {
      const { device_id: deviceId, limit, cursor } = request.query
      const records = await store.punches.quarantine({
        limit: limit + 1,
        ...(deviceId === undefined ? {} : { deviceId }),
        ...(cursor === undefined ? {} : { before: decodeNumbers(LIST, cursor, 1)[0] as number }),
      })
      const { rows, next_cursor } = pageFrom(LIST, records, { limit, placeOf: record => [record.id] })
      return { data: rows.map(quarantinedRecordJson), next_cursor }
    },
  )
}

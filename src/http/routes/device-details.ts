import { IdParams } from '../api/common.ts'
import { ClockReadingPage, Coverage, PersonPage } from '../api/devices.ts'
import { PlainPageQuery } from '../api/runs.ts'
import type { Api } from '../app.ts'
import { decodeNumbers } from '../cursor.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'
import { clockReadingJson, personJson } from '../views.ts'

const PEOPLE = 'people'
const tags = ['devices']

export function addDeviceDetailRoutes(app: Api, { store, work }: HttpParts): void {
  app.get(
    '/api/v1/devices/:id/coverage',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getCoverage',
        tags,
        summary: 'For which time its log is proven complete, and the gaps',
        params: IdParams,
        response: { 200: Coverage },
      },
    },
    async request => await work.coverage(request.params.id),
  )
  app.get(
    '/api/v1/devices/:id/people',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listPeople',
        tags,
        summary: 'Who was seen on the device, and when, oldest first',
        params: IdParams,
        querystring: PlainPageQuery,
        response: { 200: PersonPage },
      },
    },
    async request => {
      const { limit, cursor } = request.query
      const { id } = await store.devices.get(request.params.id)
      // Spans are added at the end alone, so that their number is a place that stays.
      const [from] = cursor === undefined ? [0] : decodeNumbers(PEOPLE, cursor, 1)
      const start = Math.max(0, from ?? 0)
      const spans = (await store.people.spans(id)).slice(start, start + limit + 1)
      const { rows, next_cursor } = pageFrom(PEOPLE, spans, { limit, placeOf: () => [start + limit] })
      return { data: rows.map(personJson), next_cursor }
    },
  )
  app.get(
    '/api/v1/devices/:id/clock-readings',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listClockReadings',
        tags,
        summary: 'The newest looks at its clock, one page of them',
        params: IdParams,
        querystring: PlainPageQuery.omit({ cursor: true }),
        response: { 200: ClockReadingPage },
      },
    },
    async request => {
      const { id } = await store.devices.get(request.params.id)
      const readings = await store.clocks.series(id, { limit: request.query.limit })
      return { data: readings.map(clockReadingJson), next_cursor: null }
    },
  )
}

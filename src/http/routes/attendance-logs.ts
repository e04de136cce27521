import { AttendanceLogPage, AttendanceQuery, Explanation } from '../api/attendance.ts'
import { IdParams } from '../api/common.ts'
import type { Api } from '../app.ts'
import { decodeNumbers } from '../cursor.ts'
import { filterFrom } from '../log-filter.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'

const LIST = 'attendance-logs'
const tags = ['attendance']

export function addAttendanceRoutes(app: Api, { store, work, base }: HttpParts): void {
  app.get(
    '/api/v1/attendance-logs',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listAttendanceLogs',
        tags,
        summary: 'Attendance logs, the newest punch first',
        querystring: AttendanceQuery,
        response: { 200: AttendanceLogPage },
      },
    },
    async request => {
      const { limit, cursor } = request.query
      const filter = filterFrom(request.query, base.clock.now())
      const [punchedAtMs = 0, id = 0] = cursor === undefined ? [] : decodeNumbers(LIST, cursor, 2)
      const before = cursor === undefined ? {} : { before: { punchedAtMs, id } }
      const logs = await store.logs.page(filter, { limit: limit + 1, ...before })
      const { rows, next_cursor } = pageFrom(LIST, logs, { limit, placeOf: log => [Date.parse(log.punchedAt), log.id] })
      return { data: await work.viewLogs(rows), next_cursor }
    },
  )
  app.get(
    '/api/v1/attendance-logs/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'explainAttendanceLog',
        tags,
        summary: 'Explains one punch: its bytes, layout, fields, zone, drift, run and source',
        params: IdParams,
        response: { 200: Explanation },
      },
    },
    async request => await work.explain(request.params.id),
  )
}

import { Readable } from 'node:stream'
import { z } from 'zod'
import { EXPORT_TYPES, ExportQuery } from '../api/attendance.ts'
import type { Api } from '../app.ts'
import { filterFrom } from '../log-filter.ts'
import type { HttpParts } from '../parts.ts'

export function addExportRoutes(app: Api, { work, base }: HttpParts): void {
  app.get(
    '/api/v1/attendance-logs/export',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'exportAttendanceLogs',
        tags: ['attendance'],
        summary: 'The attendance logs that match, in the order in which they were stored, as a file',
        description: 'Streamed: one that was cut ends without its last chunk, which every client tells as an error.',
        querystring: ExportQuery,
        response: {
          200: {
            description: 'The file.',
            content: Object.fromEntries(Object.values(EXPORT_TYPES).map(type => [type, { schema: z.string() }])),
          },
        },
      },
    },
    async (request, reply) => {
      const { format } = request.query
      const filter = filterFrom(request.query, base.clock.now())
      // Pieces are made as the client takes them; one that goes away ends the reading of the database.
      const body = Readable.from(work.exportLogs(format, filter), { objectMode: false, highWaterMark: 1 })
      reply
        .header('content-type', EXPORT_TYPES[format])
        .header('content-disposition', `attachment; filename="attendance-logs.${format}"`)
      return reply.send(body as never)
    },
  )
}

import { whoAsks } from '../access.ts'
import { JobPage, JobQuery, JobRetry, JobsRetried } from '../api/runs.ts'
import type { Api } from '../app.ts'
import { decodeText } from '../cursor.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'
import { jobJson } from '../views.ts'

const tags = ['queue']

export function addJobRoutes(app: Api, { queue, audit }: HttpParts): void {
  app.get(
    '/api/v1/jobs',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listJobs',
        tags,
        summary: 'Sync jobs of the queue in one state, the newest first',
        querystring: JobQuery,
        response: { 200: JobPage },
      },
    },
    async request => {
      const { state, limit, cursor } = request.query
      const list = `jobs:${state}`
      const after = cursor === undefined ? {} : { after: decodeText(list, cursor) }
      const jobs = await queue.list(state, { limit: limit + 1, ...after })
      const { rows, next_cursor } = pageFrom(list, jobs, { limit, placeOf: job => [job.id] })
      return { data: rows.map(jobJson), next_cursor }
    },
  )
  app.post(
    '/api/v1/jobs/retry',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'retryJobs',
        tags,
        summary: 'Puts failed jobs back, with all their tries',
        body: JobRetry,
        response: { 200: JobsRetried },
      },
    },
    async request => {
      const { body } = request
      const retried = await queue.retry('ids' in body ? body.ids : 'all')
      await audit.record({
        who: whoAsks(request),
        action: 'jobs.retried',
        subject: null,
        details: { ...body, retried },
      })
      return { retried }
    },
  )
}

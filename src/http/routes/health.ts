import { Health } from '../api/common.ts'
import type { Api } from '../app.ts'
import type { HttpParts } from '../parts.ts'

export function addHealthRoutes(app: Api, { store, version }: Pick<HttpParts, 'store' | 'version'>): void {
  app.get(
    '/api/v1/health',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getHealth',
        tags: ['server'],
        summary: 'Whether the process reaches its database; 503 where it does not',
        response: { 200: Health },
      },
    },
    async (_request, reply) => {
      await store.ping()
      reply.header('cache-control', 'no-store')
      return { status: 'ok' as const, version }
    },
  )
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Log } from '../base/log.ts'
import { whoAsks } from './access.ts'

/**
 * One line for each answer: changes and refusals for everybody, reads for whoever looks closely. Paths come without their query,
 * and headers not at all: filters hold user ids, and headers hold tokens.
 */
export function logRequests(app: FastifyInstance, log: Log): void {
  app.addHook('onResponse', async (request, reply) => {
    const status = reply.statusCode
    const line = `${request.method} ${pathOf(request)} ${status}`
    const fields = {
      request_id: request.id,
      ip: request.ip,
      who: whoAsks(request),
      duration_ms: Math.round(reply.elapsedTime),
    }
    if (status >= 500) log.warn(line, fields)
    else if (status >= 400 || request.method !== 'GET') log.info(line, fields)
    else log.debug(line, fields)
  })
}

/** A path that no route has can be anything, and as long as a header may be. */
const PATH_CHARACTERS = 200

function pathOf(request: FastifyRequest): string {
  return (request.url.split('?')[0] ?? '').slice(0, PATH_CHARACTERS)
}

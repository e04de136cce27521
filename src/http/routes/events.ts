import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Api } from '../app.ts'
import { EventStream } from '../event-stream.ts'
import type { EventSource } from '../events.ts'
import { PageBytes } from '../page-bytes.ts'
import type { HttpParts } from '../parts.ts'
import type { OpenStreams } from '../streams.ts'

/** Events that are asked for at once: a page of them is the most that waits for one client. */
const EVENTS_AT_ONCE = 100
const RETRY_MS = 1_000
/** A position is two numbers at most. */
const POSITION = /^\d{1,15}(?:\.\d{1,9})?$/

export function addEventRoutes(app: Api, parts: HttpParts, streams: OpenStreams): void {
  const pages = new PageBytes()
  app.get(
    '/api/v1/events',
    {
      config: { access: 'viewer' },
      // An answer without a body would never begin.
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        tags: ['events'],
        summary: 'What happens, as Server-Sent Events',
        description:
          'attendance.created, attendance.bulk, device.status and sync.finished, and sync.progress without an id. Goes on after `Last-Event-ID` without a gap; `reset` says that what came since is not known any more, so that everything is to be read anew.',
        querystring: z.strictObject({
          last_event_id: z.string().max(40).optional().describe('As the header, for clients that cannot set it.'),
        }),
        response: {
          200: { description: 'A stream without end.', content: { 'text/event-stream': { schema: z.string() } } },
        },
      },
    },
    async (request, reply) => {
      const header = request.headers['last-event-id']
      const last = typeof header === 'string' && header !== '' ? header : request.query.last_event_id
      // Asked before the stream begins, so that a database that is away is told as a problem.
      const newest = await parts.events.newest()
      const stream = openStream(request, reply, { parts, streams })
      if (stream.gone.aborted) return reply
      stream.retryIn(RETRY_MS)
      // Or a link that breaks before the first event would come back without one, and miss what happened meanwhile.
      if (last === undefined) stream.standAt(newest)
      else if (!POSITION.test(last)) stream.send('reset', '{}', newest)
      const position = last !== undefined && POSITION.test(last) ? last : newest
      const told = parts.progress.watch(data => stream.sendIfCalm('sync.progress', data))
      stream.gone.addEventListener('abort', () => told[Symbol.dispose](), { once: true })
      void pump(stream, { events: parts.events, pages }, position).catch((error: unknown) => {
        parts.base.log.warn(`A stream of events was ended: ${error instanceof Error ? error.message : String(error)}`)
        stream[Symbol.dispose]()
      })
      return reply
    },
  )
}

function openStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { parts, streams }: { parts: HttpParts; streams: OpenStreams },
): EventStream {
  const { clock } = parts.base
  return new EventStream(reply, {
    clock,
    streams,
    // A session that has ended, or a token that was revoked, must not go on to listen.
    mayGoOn: async () => (await parts.accounts.principalOf(request)) !== null,
  })
}

/** Writes what comes, from a position on, for as long as the client listens. */
async function pump(
  stream: EventStream,
  { events, pages }: { events: EventSource; pages: PageBytes },
  from: string,
): Promise<void> {
  let position = from
  let wake = () => {}
  let isNews = true
  using _watch = events.watch(() => {
    isNews = true
    wake()
  })
  stream.gone.addEventListener('abort', () => wake(), { once: true })
  while (!stream.gone.aborted) {
    isNews = false
    const page = await events.after(position, EVENTS_AT_ONCE)
    if (page === null) {
      position = await events.newest()
      stream.send('reset', '{}', position)
      isNews = true
      continue
    }
    if (page.events.length > 0) stream.sendBytes(pages.of(page.events))
    const isMore = page.next !== position
    position = page.next
    await stream.room()
    if (isMore || isNews || stream.gone.aborted) continue
    await new Promise<void>(resolve => {
      wake = resolve
    })
  }
}

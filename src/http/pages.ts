import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './app.ts'
import { RequestProblem } from './problems.ts'
import { contentPolicyWithNonce } from './security-headers.ts'

/** Where index.html has the nonce of its answer: in `<meta name="csp-nonce" content="…">`. */
const NONCE_MARK = '__CSP_NONCE__'
const NONCE_BYTES = 18
/** Their names change with their contents. */
const FOR_EVER = 'public, max-age=31536000, immutable'
/** Files as the build names them: no empty part, none that begins with a dot, nothing that is written as an escape. */
const ASSET_PATH = /^\/assets(?:\/[\w~-][\w.~-]*)+$/
/** What is no page, whatever a browser would like to get. */
const RESERVED = /^\/(?:(?:api|docs|metrics|assets)(?:\/|$)|openapi\.json)/
/** What the build leaves beside the pages, and what is served in another way. */
const NOT_SERVED = ['assets/**', 'index.html', 'build.json', '**/*.br', '**/*.gz']

const NOT_BUILT = `The pages of Rollcall are not built on this server.

Build them once, in the folder of Rollcall, and start it again:

    npm ci && npm run build:ui

The API works without them; /docs describes it.
`

/**
 * Serves the pages that lie built in a folder; null where there are none, which is told at `/`. They hold no data, so that
 * everybody may have them. To be registered last: what no other route has may be an address of a page, which the client reads.
 */
export async function servePages(app: Api, folder: string | null): Promise<void> {
  const index = folder === null ? null : await readFile(join(folder, 'index.html'), 'utf8')
  await app.register(async pages => {
    pages.addHook('onRoute', route => {
      route.config = { ...route.config, access: 'public' }
    })
    const hidden = { schema: { hide: true } }
    if (folder === null || index === null) {
      pages.get('/', hidden, async (_request, reply) =>
        reply.header('content-type', 'text/plain; charset=utf-8').header('cache-control', 'no-cache').send(NOT_BUILT),
      )
      return
    }
    await serveFiles(pages, folder)
    pages.get('/', hidden, async (_request, reply) => sendIndex(reply, index))
    pages.get('/*', hidden, async (request, reply) => {
      if (!isPage(request)) return reply.callNotFound()
      return sendIndex(reply.header('vary', 'accept'), index)
    })
  })
}

async function serveFiles(pages: FastifyInstance, folder: string): Promise<void> {
  // Compressed beside each file since it was built, so that no request pays for it.
  const common = { decorateReply: false, cacheControl: false, index: false, preCompressed: true } as const
  await pages.register(async assets => {
    assets.addHook('onRequest', async request => {
      if (!ASSET_PATH.test(pathOf(request))) throw new RequestProblem('NO_SUCH_ROUTE', 'there is no such file')
    })
    await assets.register(fastifyStatic, {
      ...common,
      root: join(folder, 'assets'),
      prefix: '/assets/',
      setHeaders: reply => void reply.header('cache-control', FOR_EVER),
    })
  })
  // A route for each of the few files that keep their names, such as the icon.
  await pages.register(fastifyStatic, {
    ...common,
    root: folder,
    wildcard: false,
    globIgnore: NOT_SERVED,
    setHeaders: reply => void reply.header('cache-control', 'no-cache'),
  })
}

/** Every answer has a nonce of its own, or whoever has seen one page could write styles into another. */
function sendIndex(reply: FastifyReply, index: string): FastifyReply {
  const nonce = randomBytes(NONCE_BYTES).toString('base64')
  return reply
    .header('content-security-policy', contentPolicyWithNonce(nonce))
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-cache')
    .send(index.replaceAll(NONCE_MARK, nonce))
}

/** Whether a person goes to an address that the client knows, and no program asks for a file or the API. */
function isPage(request: FastifyRequest): boolean {
  const path = pathOf(request)
  const isFile = path.slice(path.lastIndexOf('/')).includes('.')
  return !RESERVED.test(path) && !isFile && /\btext\/html\b/i.test(request.headers.accept ?? '')
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? ''
}

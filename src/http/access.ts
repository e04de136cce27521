import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Principal } from '../model/accounts.ts'
import type { Access, Authenticator } from './authenticator.ts'
import { RequestProblem } from './problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. One without is refused at the start. */
    access?: Access
  }
  interface FastifyRequest {
    /** Who asks; null for somebody unknown at a public route. */
    principal: Principal | null
  }
}

/** One route as it was registered, for documents and for the test that walks all of them. */
export interface RegisteredRoute {
  readonly method: string
  readonly url: string
  readonly access: Access
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Makes every route say who may call it, and holds it to that. To be installed before the first route, and after the limit of
 * requests, so that guesses at tokens are limited as well.
 *
 * @returns the routes, complete once the server is ready.
 */
export function guardRoutes(app: FastifyInstance, authenticator: Authenticator): readonly RegisteredRoute[] {
  const routes: RegisteredRoute[] = []
  const registered: RouteOptions[] = []
  app.decorateRequest('principal', null)
  app.addHook('onRoute', route => {
    registered.push(route)
  })
  // Not while routes are added: a plugin's own routes are given their access by whoever registers it.
  app.addHook('onReady', async () => {
    for (const { method, url, config } of registered) {
      const access = config?.access
      if (access === undefined) throw new Error(`the route ${String(method)} ${url} does not say who may call it`)
      for (const one of [method].flat()) routes.push({ method: one, url, access })
    }
  })
  app.addHook('onRequest', async (request, reply) => await admit(request, reply, authenticator))
  return routes
}

async function admit(request: FastifyRequest, reply: FastifyReply, authenticator: Authenticator): Promise<void> {
  const { access } = request.routeOptions.config
  if (request.is404 || access === undefined) return
  const isChange = !SAFE_METHODS.has(request.method)
  if (access === 'public') {
    // Signing in is done without a session, and must not be done by another page either.
    if (isChange && request.headers.origin !== undefined) requireOwnOrigin(request)
    return
  }
  const principal = await authenticator.principalOf(request)
  reply.header('cache-control', 'no-store')
  if (principal === null) {
    reply.header('www-authenticate', 'Bearer')
    throw new RequestProblem('NOT_SIGNED_IN', 'this needs a session or a token, and what came is neither')
  }
  request.principal = principal
  // A browser sends the cookie along whichever page asks; nothing but a program sends a token.
  if (isChange && principal.kind === 'account') requireOwnOrigin(request)
  if (access === 'admin' && principal.role !== 'admin') {
    throw new RequestProblem('NOT_ALLOWED', `${principal.name} has the role ${principal.role}`)
  }
}

function requireOwnOrigin(request: FastifyRequest): void {
  const { origin } = request.headers
  if (origin === `${request.protocol}://${request.host}`) return
  const detail =
    origin === undefined ? 'the header Origin is missing' : 'the header Origin names another place than this server'
  throw new RequestProblem('FOREIGN_ORIGIN', detail)
}

/** `account ada@example.org`, `token payroll`: as the audit log has it. */
export function whoAsks(request: FastifyRequest): string {
  const { principal } = request
  return principal ? `${principal.kind} ${principal.name}` : 'nobody'
}

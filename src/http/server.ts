import type { AddressInfo, Socket } from 'node:net'
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify'
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { ConfigError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { guardRoutes, type RegisteredRoute } from './access.ts'
import type { Api } from './app.ts'
import { limitRequests } from './limits.ts'
import { measureServer } from './metrics.ts'
import { documentRoutes, serveDocuments } from './openapi.ts'
import { servePages } from './pages.ts'
import type { HttpConfig, HttpParts } from './parts.ts'
import { problemFrom, requestProblem, sendProblem } from './problems.ts'
import { logRequests } from './request-log.ts'
import { addAttendanceRoutes } from './routes/attendance-logs.ts'
import { addConnectionTestRoutes } from './routes/connection-tests.ts'
import { addDeviceActionRoute } from './routes/device-actions.ts'
import { addDeviceDetailRoutes } from './routes/device-details.ts'
import { addDeviceStandingRoutes } from './routes/device-standings.ts'
import { addDeviceRoutes } from './routes/devices.ts'
import { addEventRoutes } from './routes/events.ts'
import { addExportRoutes } from './routes/export.ts'
import { addHealthRoutes } from './routes/health.ts'
import { addJobRoutes } from './routes/jobs.ts'
import { addOverviewRoute } from './routes/overview.ts'
import { addQuarantineRoutes } from './routes/quarantined-records.ts'
import { addRunRoutes } from './routes/sync-runs.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { OpenStreams } from './streams.ts'

/** No request has a body larger than a thousand ids. */
const BODY_BYTES_MAX = 256 * 1024
/** Slow senders of headers and bodies are cut off. */
const REQUEST_MS = 30_000
/** Requests in hand get so long when the server ends; five seconds are promised for everything. */
const GRACE_MS = 3_000

/** Addresses that stand for all of a machine's can be listened on, and not be gone to. */
const LOOPBACK_OF_ALL: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

export interface HttpServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8370`: an address that works on this machine. */
  readonly url: string
  /** Whether it listens on every other address of this machine as well. */
  readonly isOnAllAddresses: boolean
  readonly routes: readonly RegisteredRoute[]
}

/**
 * Opens the web server. Closing it ends open streams at once, so that they reconnect elsewhere, and gives requests in hand a moment.
 *
 * @throws ConfigError `CONFIG_INVALID` where the address cannot be taken; the reason of `signal`.
 */
export async function listenHttp(config: HttpConfig, parts: HttpParts, signal?: AbortSignal): Promise<HttpServer> {
  signal?.throwIfAborted()
  const { app, routes } = await buildApp(config, parts)
  try {
    await app.listen({ host: config.host, port: config.port })
  } catch (error) {
    await app.close()
    throw addressError(error, config)
  }
  const { port } = app.server.address() as AddressInfo
  const host = LOOPBACK_OF_ALL[config.host] ?? config.host
  let closing: Promise<void> | null = null
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    isOnAllAddresses: host !== config.host,
    routes,
    [Symbol.asyncDispose]: () => {
      closing ??= close(app, parts)
      return closing
    },
  }
}

async function close(app: Api, { base }: HttpParts): Promise<void> {
  using _net = base.clock.after(GRACE_MS, () => app.server.closeAllConnections())
  await app.close()
}

async function buildApp(
  config: HttpConfig,
  parts: HttpParts,
): Promise<{ app: Api; routes: readonly RegisteredRoute[] }> {
  const streams = new OpenStreams()
  const onError = errorHandler(parts.base.log)
  const app: Api = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: (error, socket) => answerNoHttp(error, socket, parts.base.clock),
    frameworkErrors: (error, request, reply) => void onError(error, request, reply as FastifyReply),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  // What handlers send is held to the schemas by its type; to judge each answer again would cost more than the answer.
  app.setSerializerCompiler(() => JSON.stringify)
  app.setErrorHandler(onError)
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, requestProblem('NO_SUCH_ROUTE', `there is no ${request.method} at this path`)),
  )
  app.removeContentTypeParser('text/plain')
  app.addHook('preClose', async () => streams.end())
  const metrics = measureServer(app, parts, streams)
  logRequests(app, parts.base.log)
  await addSecurityHeaders(app)
  await limitRequests(app, config)
  const routes = guardRoutes(app, parts.accounts)
  await documentRoutes(app, parts.version)
  refuseUnknownParameters(app)
  addHealthRoutes(app, parts)
  addOverviewRoute(app, parts)
  addDeviceRoutes(app, parts)
  addDeviceActionRoute(app, parts)
  addDeviceDetailRoutes(app, parts)
  addDeviceStandingRoutes(app, parts)
  addConnectionTestRoutes(app, parts, streams)
  addAttendanceRoutes(app, parts)
  addExportRoutes(app, parts)
  addRunRoutes(app, parts)
  addQuarantineRoutes(app, parts, streams)
  addJobRoutes(app, parts)
  addEventRoutes(app, parts, streams)
  metrics.addRoute()
  await parts.accounts.register(app)
  await serveDocuments(app)
  await servePages(app, parts.pages)
  await app.ready()
  return { app, routes }
}

function errorHandler(log: Log) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemFrom(error)
    const line = `${request.method} ${request.routeOptions?.url ?? '(no route)'}: ${error.message}`
    if (problem.status === 500) log.error(line, { request_id: request.id, stack: error.stack })
    // Whoever closes a page in the middle of a test has done nothing wrong.
    if (problem.code === 'CLIENT_GONE') log.debug(line, { request_id: request.id })
    if (problem.status === 503) reply.header('retry-after', '5')
    sendProblem(reply, problem)
  }
}

/** Health alone takes any: what watches a server may add a number that no cache knows. */
const HEALTH = '/api/v1/health'

/** A route of the API that names no parameters has none: one that is taken and not followed, such as a dry run, is worse than an error. */
function refuseUnknownParameters(app: Api): void {
  const none = z.strictObject({})
  app.addHook('onRoute', route => {
    if (!route.url.startsWith('/api/v1/') || route.url === HEALTH || route.schema === undefined) return
    route.schema = { querystring: none, ...route.schema }
  })
}

const NO_HTTP: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'its headers are longer than 16 KB',
  ERR_HTTP_REQUEST_TIMEOUT: `it did not come whole within ${REQUEST_MS / 1000} s`,
}

/** What is no request at all comes to no route. */
function answerNoHttp(error: Error & { code?: string }, socket: Socket, clock: Pick<Clock, 'after'>): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error)
  const problem = requestProblem('MALFORMED_REQUEST', NO_HTTP[error.code ?? ''] ?? 'this is no HTTP that can be read')
  const body = JSON.stringify(problem)
  // Whoever does not read it, or goes on sending, is not waited for.
  const patience = clock.after(GRACE_MS, () => socket.destroy())
  socket.once('close', () => patience[Symbol.dispose]())
  socket.resume()
  socket.end(
    `HTTP/1.1 ${problem.status} Bad Request\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function addressError(error: unknown, { host, port }: HttpConfig): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const refused = (message: string) => new ConfigError('CONFIG_INVALID', message, { cause: error })
  switch (code) {
    case 'EADDRINUSE':
      return refused(`Port ${port} of ${host} is in use by another program; set ROLLCALL_PORT to a free one.`)
    case 'EACCES':
      return refused(`Port ${port} needs rights that this process lacks; set ROLLCALL_PORT to 1024 or more.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refused(`${host} is no address of this machine; set ROLLCALL_HOST to one, or to 0.0.0.0 for all.`)
    default:
      return error
  }
}

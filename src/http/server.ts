import type { AddressInfo } from 'node:net'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify'
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { ConfigError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { guardRoutes, type RegisteredRoute } from './access.ts'
import type { Api } from './app.ts'
import { limitRequests } from './limits.ts'
import { measureServer } from './metrics.ts'
import { documentRoutes, serveDocuments } from './openapi.ts'
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
import { OpenStreams } from './streams.ts'

/** No request has a body larger than a thousand ids. */
const BODY_BYTES_MAX = 256 * 1024
/** Slow senders of headers and bodies are cut off. */
const REQUEST_MS = 30_000
/** Requests in hand get so long when the server ends; five seconds are promised for everything. */
const GRACE_MS = 3_000

export interface HttpServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8370`. */
  readonly url: string
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
  let closing: Promise<void> | null = null
  return {
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
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
  await app.register(helmet, SECURITY_HEADERS)
  await limitRequests(app, config)
  const routes = guardRoutes(app, parts.accounts)
  await documentRoutes(app, parts.version)
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
  addQuarantineRoutes(app, parts)
  addJobRoutes(app, parts)
  addEventRoutes(app, parts, streams)
  metrics.addRoute()
  await parts.accounts.register(app)
  await serveDocuments(app)
  await app.ready()
  return { app, routes }
}

/** Nothing from elsewhere, no inline code, in nobody's frame. */
const SECURITY_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // Libraries of components, that of /docs too, set the place of an element by its style attribute.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // Whether a host is reached by TLS alone is for the proxy to say, which has the certificate.
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
} as const

function errorHandler(log: Log) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemFrom(error)
    if (problem.status === 500) {
      log.error(`${request.method} ${request.routeOptions?.url ?? '(no route)'}: ${error.message}`, {
        request_id: request.id,
        stack: error.stack,
      })
    }
    if (problem.status === 503) reply.header('retry-after', '5')
    sendProblem(reply, problem)
  }
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

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { Problem } from './api/common.ts'
import type { Api } from './app.ts'
import { REQUEST_PROBLEMS } from './problems.ts'

const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'rollcall_session',
    description: 'The session of the web pages, over plain http. A change needs the header Origin besides.',
  },
  sessionOverTls: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-rollcall_session',
    description: 'The same over https: a browser takes a cookie of this name from this server alone.',
  },
} as const

/** Every tag that a route has; a test sees to it that none is missing. */
const TAGS = [
  { name: 'overview', description: 'The fleet at a glance.' },
  { name: 'devices', description: 'Devices, their settings, and the test of a connection.' },
  { name: 'attendance', description: 'Attendance logs: punches, once stored.' },
  { name: 'runs', description: 'Reads of devices.' },
  { name: 'quarantine', description: 'Records that cannot be punches.' },
  { name: 'queue', description: 'Jobs of workers.' },
  { name: 'events', description: 'What happens, as it happens.' },
  { name: 'accounts', description: 'Accounts, and the session of one.' },
  { name: 'tokens', description: 'API tokens, for programs.' },
  { name: 'audit log', description: 'Who changed what.' },
  { name: 'server', description: 'How this server is.' },
] as const

/** Collects the schemas of all routes that come after. */
export async function documentRoutes(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rollcall',
        version,
        description:
          'Attendance logs of biometric devices: every punch, exactly once. Lists page by cursor; errors are problem documents (RFC 9457).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'The server that gave this document.' }],
      tags: [...TAGS],
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    transform: jsonSchemaTransform,
    transformObject: input => withoutUnused(withOptionalBodies(jsonSchemaTransformObject(input))),
  })
  app.addHook('onRoute', route => {
    if (!route.schema || route.schema.hide) return
    const access = route.config?.access
    route.schema = {
      ...route.schema,
      security: access === 'public' ? [] : Object.keys(SECURITY_SCHEMES).map(name => ({ [name]: [] })),
      description: [route.schema.description, `Access: ${access}.`].filter(Boolean).join(' '),
      response: { ...(route.schema.response as object), ...refusals(route.schema, access) },
    }
  })
}

/** How a route can refuse. `default` stands for what is rarer, such as a database that is away. */
function refusals(schema: FastifySchema, access: string | undefined): object {
  const content = { 'application/problem+json': { schema: Problem } }
  const { body, querystring, params } = schema
  const codes = {
    401: access === 'public' ? null : REQUEST_PROBLEMS.NOT_SIGNED_IN.title,
    403: access === 'admin' ? REQUEST_PROBLEMS.NOT_ALLOWED.title : null,
    404: params ? 'there is nothing of this id' : null,
    422: body || querystring || params ? REQUEST_PROBLEMS.INVALID_REQUEST.title : null,
    429: REQUEST_PROBLEMS.TOO_MANY_REQUESTS.title,
    default: 'what else went wrong',
  }
  const told = Object.entries(codes).filter(([, title]) => title !== null)
  return Object.fromEntries(told.map(([code, title]) => [code, { description: `A problem: ${title}.`, content }]))
}

/** The document, and a page that shows it. Neither tells anything of this installation. */
export async function serveDocuments(app: Api): Promise<void> {
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger())
  await app.register(async docs => {
    docs.addHook('onRoute', route => {
      route.config = { ...route.config, access: 'public' }
    })
    // Under the policy of all pages it works whole; what it loses is the colour of its logo, an inline style.
    await docs.register(swaggerUi, { routePrefix: '/docs', uiConfig: { validatorUrl: null } })
  })
}

interface WithPaths {
  readonly paths?: Record<string, Record<string, { requestBody?: RequestBody } | undefined>>
}

interface RequestBody {
  required?: boolean
  content?: Record<string, { schema?: { anyOf?: ReadonlyArray<{ type?: string }> } }>
}

/** A body that may be missing is null to a validator; in the document it is a body that is not required. */
function withOptionalBodies<Document extends object>(document: Document): Document {
  for (const methods of Object.values((document as WithPaths).paths ?? {})) {
    for (const operation of Object.values(methods)) {
      const body = operation?.requestBody
      const json = body?.content?.['application/json']
      const wanted = json?.schema?.anyOf?.filter(({ type }) => type !== 'null')
      if (!body || !json || wanted?.length !== 1 || wanted.length === json.schema?.anyOf?.length) continue
      body.required = false
      json.schema = wanted[0] as object
    }
  }
  return document
}

/** Each schema comes in a form for requests and one for answers; most are used in one of them. */
function withoutUnused<Document extends object>(document: Document): Document {
  const { components, ...rest } = document as { components?: { schemas?: Record<string, unknown> } }
  const schemas = components?.schemas ?? {}
  const used = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      visit(schemas[name] ?? null)
    }
  }
  visit(rest)
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return { ...document, components: { ...components, schemas: kept } }
}

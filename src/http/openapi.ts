import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { Problem } from './api/common.ts'
import type { Api } from './app.ts'

const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
  session: { type: 'apiKey', in: 'cookie', name: 'rollcall_session', description: 'The session of the web pages.' },
} as const

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
      servers: [{ url: '/' }],
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    transform: jsonSchemaTransform,
    transformObject: input => withoutUnused(jsonSchemaTransformObject(input)),
  })
  app.addHook('onRoute', route => {
    if (!route.schema || route.schema.hide) return
    const access = route.config?.access
    route.schema = {
      ...route.schema,
      security: access === 'public' ? [] : [{ token: [] }, { session: [] }],
      description: [route.schema.description, `Access: ${access}.`].filter(Boolean).join(' '),
      response: {
        ...(route.schema.response as object),
        default: {
          description: 'What went wrong.',
          content: { 'application/problem+json': { schema: Problem } },
        },
      },
    }
  })
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

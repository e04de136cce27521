import helmet from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'

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

/** Gives every answer the headers by which a browser protects its user, refusals and paths without a route included. */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  const headers = await headersOfLibrary()
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
}

/**
 * The library writes each of a dozen headers anew for each answer, at a tenth of the cost of a page of logs. Ours are always the same, so
 * that it is asked once, by a server that never listens: what has the headers of one answer more than that of one without.
 */
async function headersOfLibrary(): Promise<Readonly<Record<string, string>>> {
  const [plain, secured] = await Promise.all([answerOf(Fastify()), answerOf(await securedApp())])
  const added = Object.entries(secured).filter(([name]) => !Object.hasOwn(plain, name))
  return Object.fromEntries(added.map(([name, value]) => [name, String(value)]))
}

async function securedApp(): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(helmet, SECURITY_HEADERS)
  return app
}

async function answerOf(app: FastifyInstance) {
  app.get('/', async () => '')
  const { headers } = await app.inject('/')
  await app.close()
  return headers
}

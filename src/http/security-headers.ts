import helmet from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'

/** Nothing from elsewhere, no inline code and no inline styles, in nobody's frame. */
const CONTENT_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}

const SECURITY_HEADERS = {
  contentSecurityPolicy: { useDefaults: false, directives: CONTENT_POLICY },
  // For browsers that do not know frame-ancestors, and to the same effect.
  xFrameOptions: { action: 'deny' },
  // Whether a host is reached by TLS alone is for the proxy to say, which has the certificate.
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
} as const

/** What a page of attendance has no use for, and a script that got into it might have. */
const PERMISSIONS_POLICY = 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()'

/** Gives every answer the headers by which a browser protects its user, refusals and paths without a route included. */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  const headers = { ...(await headersOfLibrary()), 'permissions-policy': PERMISSIONS_POLICY }
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
}

/** The policy of a page whose `<style>` elements carry this nonce. */
export function contentPolicyWithNonce(nonce: string): string {
  return Object.entries({ ...CONTENT_POLICY, styleSrc: ["'self'", `'nonce-${nonce}'`] })
    .map(([name, sources]) => `${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`)
    .join(';')
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

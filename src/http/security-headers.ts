import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

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

/** Puts the headers that tell browsers what to refuse on every answer. */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, SECURITY_HEADERS)
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', PERMISSIONS_POLICY)
  })
}

/** The policy of a page whose `<style>` elements carry this nonce. */
export function contentPolicyWithNonce(nonce: string): string {
  return Object.entries({ ...CONTENT_POLICY, styleSrc: ["'self'", `'nonce-${nonce}'`] })
    .map(([name, sources]) => `${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`)
    .join(';')
}

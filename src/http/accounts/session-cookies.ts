import type { FastifyRequest } from 'fastify'

/** A token, a point and a signature, as the cookie carries them. Anything else is not looked at any further. */
const COOKIE_FORM = /^[\w.%~+/=-]{1,300}$/

/** A browser takes the name that begins with `__Host-` over https alone, and from no other host than this. */
export const SESSION_COOKIES = { plain: 'rollcall_session', secure: '__Host-rollcall_session' } as const

export function wayOf(request: FastifyRequest): keyof typeof SESSION_COOKIES {
  return request.protocol === 'https' ? 'secure' : 'plain'
}

/** The cookie of a session, as a header has it; null where none came that can be one. */
export function sessionCookieOf(request: FastifyRequest): string | null {
  const name = SESSION_COOKIES[wayOf(request)]
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value = ''] = part.trim().split(/=(.*)/s)
    if (key === name) return COOKIE_FORM.test(value) ? `${name}=${value}` : null
  }
  return null
}

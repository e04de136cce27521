import { isIPv4 } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import type { HttpConfig } from './parts.ts'
import { RequestProblem } from './problems.ts'

/** Far more than a person with many pages open asks, and little enough that tokens cannot be guessed. */
export const REQUESTS_PER_MINUTE = 6_000
/** Addresses that are counted at the same time; the one not seen for longest is forgotten. */
const ADDRESSES_MAX = 10_000

/** Limits what one address may ask, whatever it asks for and whoever it says to be. */
export async function limitRequests(app: FastifyInstance, config: HttpConfig): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max: config.requestsPerMinute ?? REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    cache: ADDRESSES_MAX,
    keyGenerator: request => addressKey(request.ip),
    errorResponseBuilder: (_request, { after }) =>
      new RequestProblem('TOO_MANY_REQUESTS', `more than one address may ask in a minute; again in ${after}`),
  })
  app.addHook('onRequest', app.rateLimit())
}

/** Whoever has IPv6 has 2^64 addresses of their own, and an IPv4 address may come in the clothes of IPv6. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIPv4(address) || !address.includes(':')) return address
  const [front = '', back] = (address.split('%')[0] ?? '').split('::')
  const groups = front === '' ? [] : front.split(':')
  const behind = back === undefined || back === '' ? [] : back.split(':')
  const zeros = back === undefined ? [] : Array.from({ length: 8 - groups.length - behind.length }, () => '0')
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':')
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../model/accounts.ts'
import { sessionCookieOf } from './session-cookies.ts'
import type { SessionParts, Sessions } from './sessions.ts'

/** Sessions, as routes use them. */
export type SessionKeeper = Pick<Sessions, 'open' | 'read' | 'prolong' | 'close'>

/**
 * {@link Sessions}, loaded once somebody signs in or comes with a cookie: its library takes some 25 MB, and a server that programs
 * alone ask never needs it.
 */
export class LateSessions implements SessionKeeper {
  readonly #parts: SessionParts
  #sessions: Promise<Sessions> | null = null

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  async open(
    request: FastifyRequest,
    reply: FastifyReply,
    body: { email: string; password: string },
  ): Promise<Principal | null> {
    return (await this.#load()).open(request, reply, body)
  }

  async read(request: FastifyRequest): Promise<Principal | null> {
    return sessionCookieOf(request) === null ? null : (await this.#load()).read(request)
  }

  async prolong(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (sessionCookieOf(request) !== null) await (await this.#load()).prolong(request, reply)
  }

  async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await (await this.#load()).close(request, reply)
  }

  #load(): Promise<Sessions> {
    this.#sessions ??= import('./sessions.ts').then(loaded => new loaded.Sessions(this.#parts))
    return this.#sessions
  }
}

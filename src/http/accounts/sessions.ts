import { AsyncLocalStorage } from 'node:async_hooks'
import { isAPIError } from 'better-auth/api'
import { betterAuth } from 'better-auth/minimal'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RollcallError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type AccountStore, type Principal, ROLES, type Role } from '../../model/accounts.ts'
import { hashPassword, verifyPassword } from './password-hash.ts'
import { PASSWORD_CHARACTERS } from './passwords.ts'
import { sessionAdapter, TOKEN_COLUMN } from './session-adapter.ts'
import { SESSION_COOKIES, sessionCookieOf, wayOf } from './session-cookies.ts'

const SESSION_S = 7 * 86_400
/** A session that is used goes on: the page asks who has signed in when it is opened. */
const PROLONGED_EVERY_S = 86_400
/** Set by us on headers that hold nothing of the request but what is named below, so that nobody can send it. */
const IP_HEADER = 'x-rollcall-client-ip'
const USER_AGENT_CHARACTERS_MAX = 300

export interface SessionParts {
  readonly accounts: AccountStore
  /** Signs cookies, so that whoever reads the database or guesses can make none. */
  readonly secret: string
  readonly log: Pick<Log, 'error'>
}

type Auth = ReturnType<typeof authOf>

/** Sessions in cookies, by better-auth. Nothing of it is reachable over HTTP but what the routes here call. */
export class Sessions {
  /** One for each name of the cookie. */
  readonly #auths: Readonly<Record<ReturnType<typeof wayOf>, Auth>>

  constructor(parts: SessionParts) {
    this.#auths = {
      plain: authOf(parts, { cookie: SESSION_COOKIES.plain, secure: false }),
      secure: authOf(parts, { cookie: SESSION_COOKIES.secure, secure: true }),
    }
  }

  /** Opens a session, and gives its cookie to the reply; null where the address and the password open none. */
  async open(
    request: FastifyRequest,
    reply: FastifyReply,
    body: { email: string; password: string },
  ): Promise<Principal | null> {
    const auth = this.#authOf(request)
    try {
      const { headers, response } = await proven.run({ hash: null }, () =>
        auth.api.signInEmail({ body, headers: headersFor(request, null), returnHeaders: true }),
      )
      handOver(headers, reply)
      return await this.#principalFrom(response.user.id)
    } catch (error) {
      const cause = underlying(error)
      if (isRefusal(error) || (cause instanceof RollcallError && cause.code === 'SIGN_IN_REFUSED')) return null
      throw cause
    }
  }

  /** Who has signed in; null: nobody, or nobody any more. */
  async read(request: FastifyRequest): Promise<Principal | null> {
    const found = await this.#find(request, { prolong: null })
    return found === null ? null : principalOf(found.user)
  }

  /** Lets a session that is in use go on. */
  async prolong(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.#find(request, { prolong: reply })
  }

  async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const auth = this.#authOf(request)
    const found = await this.#find(request, { prolong: null })
    // Before, and by ourselves: the library tells nobody when the database refuses it.
    if (found !== null) await (await auth.$context).internalAdapter.deleteSession(found.session.token)
    const { headers } = await auth.api.signOut({
      headers: headersFor(request, sessionCookieOf(request)),
      returnHeaders: true,
    })
    handOver(headers, reply)
  }

  async #find(request: FastifyRequest, { prolong }: { prolong: FastifyReply | null }) {
    const auth = this.#authOf(request)
    const sent = sessionCookieOf(request)
    if (sent === null) return null
    try {
      const { headers, response } = await auth.api.getSession({
        headers: headersFor(request, sent),
        query: { disableRefresh: prolong === null },
        returnHeaders: true,
      })
      if (prolong !== null) handOver(headers, prolong)
      return response === null || response.user.isDisabled ? null : response
    } catch (error) {
      if (isRefusal(error)) return null
      throw underlying(error)
    }
  }

  async #principalFrom(id: string): Promise<Principal | null> {
    const user = await (await this.#auths.plain.$context).internalAdapter.findUserById(id)
    return user === null ? null : principalOf(user as unknown as User)
  }

  #authOf(request: FastifyRequest): Auth {
    return this.#auths[wayOf(request)]
  }
}

interface User {
  readonly id: string
  readonly email: string
  readonly role: string
}

function principalOf(user: User): Principal {
  const role: Role | undefined = ROLES.find(known => known === user.role)
  if (!role) throw new RollcallError('DEFECT', `the account ${user.id} has the role ${user.role}`)
  return { kind: 'account', id: user.id, name: user.email, role }
}

function authOf({ accounts, secret, log }: SessionParts, { cookie, secure }: { cookie: string; secure: boolean }) {
  const times = { createdAt: 'created_at', updatedAt: 'updated_at' }
  return betterAuth({
    // It names nothing that anybody calls: there are no links by e-mail and no callbacks.
    baseURL: 'http://rollcall.invalid',
    secret,
    // Told as well, since otherwise an environment variable of the library would come before ours.
    secrets: [{ version: 1, value: secret }],
    database: sessionAdapter(accounts.signIn, () => proven.getStore()?.hash ?? null),
    telemetry: { enabled: false },
    logger: { level: 'error', log: (_, message) => log.error(`Sessions: ${message}`) },
    // Tries are counted by us, for the address and the account together.
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_CHARACTERS.min,
      maxPasswordLength: PASSWORD_CHARACTERS.max,
      password: { hash: hashPassword, verify: prove },
    },
    user: {
      modelName: 'accounts',
      fields: times,
      additionalFields: {
        role: { type: 'string', input: false, required: true },
        isDisabled: { type: 'boolean', fieldName: 'is_disabled', input: false, required: true },
      },
    },
    account: {
      modelName: 'account_logins',
      fields: {
        ...times,
        userId: 'account_id',
        providerId: 'provider',
        accountId: 'subject',
        password: 'password_hash',
      },
    },
    session: {
      modelName: 'account_sessions',
      fields: {
        ...times,
        userId: 'account_id',
        token: TOKEN_COLUMN,
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
      },
      expiresIn: SESSION_S,
      updateAge: PROLONGED_EVERY_S,
    },
    advanced: {
      database: { generateId: 'serial' },
      useSecureCookies: false,
      cookies: {
        session_token: { name: cookie, attributes: { httpOnly: true, sameSite: 'lax', path: '/', secure } },
      },
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
    },
  })
}

/** What a sign-in has proven, on its way from the check of the password to the row of the session: it must still be so there. */
const proven = new AsyncLocalStorage<{ hash: string | null }>()

async function prove(given: { hash: string; password: string }): Promise<boolean> {
  const isGood = await verifyPassword(given)
  const proof = proven.getStore()
  if (isGood && proof) proof.hash = given.hash
  return isGood
}

function headersFor(request: FastifyRequest, cookie: string | null): Headers {
  const headers = new Headers({ [IP_HEADER]: request.ip })
  const agent = (request.headers['user-agent'] ?? '').replace(/[^\x20-\x7e]/g, '?')
  headers.set('user-agent', agent.slice(0, USER_AGENT_CHARACTERS_MAX))
  if (cookie !== null) headers.set('cookie', cookie)
  return headers
}

function handOver(headers: Headers, reply: FastifyReply): void {
  for (const cookie of headers.getSetCookie()) reply.header('set-cookie', cookie)
}

function isRefusal(error: unknown): boolean {
  return isAPIError(error) && (error.status === 'UNAUTHORIZED' || error.status === 'BAD_REQUEST')
}

/** The library wraps what our own store has said. */
function underlying(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof RollcallError) return cause
  return error
}

import type { FastifyRequest } from 'fastify'
import type { Base } from '../../base/base.ts'
import type { Principal } from '../../model/accounts.ts'
import type { Store } from '../../model/store.ts'
import type { Accounts } from '../authenticator.ts'
import { keptAudit } from '../kept-audit.ts'
import { addAdminRoutes } from './admin-routes.ts'
import { removeExpiredSessions } from './expired-sessions.ts'
import { KnownTokens } from './known-tokens.ts'
import { LateSessions } from './late-sessions.ts'
import { hashOfToken, makeLinkSecret, secretHash } from './making.ts'
import type { AccountParts } from './parts.ts'
import { addSessionRoutes } from './session-routes.ts'

/** Long enough to walk from the console to a browser; a start of Rollcall prints a new one. */
const LINK_MS = 24 * 3_600_000

export interface AccountsOptions {
  readonly store: Pick<Store, 'accounts' | 'tokens' | 'audit'>
  readonly base: Pick<Base, 'clock' | 'log'>
  /** Signs the cookies of sessions; who changes it ends all of them. */
  readonly secret: string
}

export function openAccounts({ store, base, secret }: AccountsOptions): Accounts {
  const sessions = new LateSessions({ accounts: store.accounts, secret, log: base.log })
  const knownTokens = new KnownTokens(base.clock)
  // The hook of the server asks, and then the route does. A stream asks again later, and is to hear what is so then.
  const asked = new WeakMap<FastifyRequest, Promise<Principal | null>>()
  const principalOf = (request: FastifyRequest): Promise<Principal | null> => {
    const found = find(request)
    asked.set(request, found)
    return found
  }
  async function find(request: FastifyRequest): Promise<Principal | null> {
    const bearer = /^bearer(?: +(.*))?$/is.exec(request.headers.authorization ?? '')
    // Another scheme is not for us: a proxy in front may ask for a password of its own.
    if (!bearer) return sessions.read(request)
    const hash = hashOfToken((bearer[1] ?? '').trim())
    const token = hash && (await knownTokens.find(hash, one => store.tokens.use(one)))
    return token && { kind: 'token', id: String(token.id), name: token.name, role: token.role }
  }
  const { accounts, tokens, audit } = store
  const { record } = keptAudit(audit, base.log)
  const parts: AccountParts = {
    store: { accounts, tokens, audit: { record, list: page => audit.list(page) } },
    base,
    sessions,
    knownTokens,
    principalOf: request => asked.get(request) ?? principalOf(request),
  }
  return {
    principalOf,
    async register(app) {
      await removeExpiredSessions(store.accounts, base.clock)
      addSessionRoutes(app, parts)
      addAdminRoutes(app, parts)
    },
    async firstAdminLink(origin) {
      const link = makeLinkSecret()
      const expiresAt = new Date(base.clock.now() + LINK_MS)
      const isOffered = await store.accounts.offerFirstAdmin({ hash: secretHash(link), expiresAt })
      // Behind the #, which no browser sends to a server, and no server writes into a log.
      return isOffered ? `${origin}/first-admin#${link}` : null
    },
    // What it holds belongs to the store.
    async [Symbol.asyncDispose]() {},
  }
}

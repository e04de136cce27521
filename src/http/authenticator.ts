import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal, Role } from '../model/accounts.ts'

/** Who may call a route: anybody, whoever has signed in, or an admin alone. Every route says so, and none is without. */
export type Access = 'public' | Role

/** Knows people by the cookie of their session, and programs by `Authorization: Bearer TOKEN`. */
export interface Authenticator {
  /** Who asks; null: nobody that is known. A token that is wrong is nobody, also beside a good cookie. */
  principalOf(request: FastifyRequest): Promise<Principal | null>
}

/** Accounts, sessions, tokens and the audit log, as the server takes them in. */
export interface Accounts extends Authenticator, AsyncDisposable {
  /** Adds the routes of signing in and out, of accounts, tokens and the audit log, each with its access. */
  register(app: FastifyInstance): Promise<void>
  /**
   * A link that makes the first admin, for the console, while there is no account; null afterwards. It works once, and a new one
   * takes the place of the old.
   */
  firstAdminLink(origin: string): Promise<string | null>
}

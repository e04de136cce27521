import type { FastifyRequest } from 'fastify'
import type { Base } from '../../base/base.ts'
import { RollcallError } from '../../base/errors.ts'
import type { Principal } from '../../model/accounts.ts'
import type { Store } from '../../model/store.ts'
import type { Access, Authenticator } from '../authenticator.ts'
import type { KnownTokens } from './known-tokens.ts'
import type { SessionKeeper } from './late-sessions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
}

/** What the routes of accounts work with. */
export interface AccountParts extends Authenticator {
  readonly store: Pick<Store, 'accounts' | 'tokens' | 'audit'>
  readonly base: Pick<Base, 'clock' | 'log'>
  readonly sessions: SessionKeeper
  readonly knownTokens: Pick<KnownTokens, 'forget'>
}

/** The words of the audit log for who asks. */
export function nameOf(principal: Principal): string {
  return `${principal.kind} ${principal.name}`
}

/** Who asks, in a route that is not public: the hook of the server lets nobody else come here. */
export async function whoAsks(parts: Authenticator, request: FastifyRequest): Promise<Principal> {
  const principal = await parts.principalOf(request)
  if (principal === null)
    throw new RollcallError('DEFECT', `${request.method} ${request.routeOptions.url} knows nobody`)
  return principal
}

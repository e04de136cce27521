import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { RollcallError } from '../../base/errors.ts'
import type { AccountStore } from '../../model/accounts.ts'
import { removeExpiredSessions } from './expired-sessions.ts'
import { recordCreated, secretHash } from './making.ts'
import { type AccountParts, nameOf, whoAsks } from './parts.ts'
import { verifyPassword } from './password-hash.ts'
import { hashOfNew } from './passwords.ts'
import { firstAdminBody, passwordBody, principalJson, signInBody } from './schemas.ts'
import { countSignInTry, countTryFrom, forgetSignInTries, TooManyTries } from './tries.ts'

const TAGS = ['accounts']
const NOTHING = z.null().describe('Nothing.')

/** Signing in and out, one's own password, and the first admin. */
export function addSessionRoutes(app: FastifyInstance, parts: AccountParts): void {
  const { store, sessions, base } = parts
  const routes = app.withTypeProvider<ZodTypeProvider>()

  routes.post(
    '/api/v1/session',
    {
      config: { access: 'public' },
      schema: {
        tags: TAGS,
        operationId: 'signIn',
        summary: 'Sign in',
        body: signInBody,
        response: { 200: principalJson },
      },
    },
    async (request, reply) => {
      const attempt = { ip: request.ip, email: request.body.email }
      await counted(reply, countSignInTry(store.accounts, attempt))
      const principal = await sessions.open(request, reply, request.body)
      if (principal === null) {
        // Not the address: people type their password there.
        base.log.warn(`Sign-in refused, from ${request.ip}`)
        throw new RollcallError('SIGN_IN_REFUSED', 'no account opens with this e-mail address and this password')
      }
      await forgetSignInTries(store.accounts, attempt)
      await removeExpiredSessions(store.accounts, base.clock)
      base.log.info(`Account ${principal.id} signed in, from ${request.ip}`)
      return principal
    },
  )

  routes.get(
    '/api/v1/session',
    {
      config: { access: 'viewer' },
      schema: { tags: TAGS, operationId: 'whoAmI', summary: 'Who am I', response: { 200: principalJson } },
    },
    async (request, reply) => {
      const principal = await whoAsks(parts, request)
      if (principal.kind === 'account') await sessions.prolong(request, reply)
      return principal
    },
  )

  routes.delete(
    '/api/v1/session',
    // Whoever is signed out already wants nothing else.
    {
      config: { access: 'public' },
      schema: { tags: TAGS, operationId: 'signOut', summary: 'Sign out', response: { 204: NOTHING } },
    },
    async (request, reply) => {
      await sessions.close(request, reply)
      return reply.code(204).send(null)
    },
  )

  routes.post(
    '/api/v1/session/password',
    {
      config: { access: 'viewer' },
      schema: {
        tags: TAGS,
        operationId: 'changeMyPassword',
        summary: 'Change my password',
        description: 'Ends every other session of the account, and begins this one anew.',
        body: passwordBody,
        response: { 200: principalJson },
      },
    },
    async (request, reply) => {
      const principal = await whoAsks(parts, request)
      if (principal.kind !== 'account') throw new RollcallError('PASSWORD_REFUSED', 'a token has no password to change')
      const { current_password: current, new_password: wanted } = request.body
      const attempt = { ip: request.ip, email: principal.name }
      await counted(reply, countSignInTry(store.accounts, attempt))
      const passwordHash = await hashOfNew(wanted)
      if (!(await isPasswordOf(store.accounts, principal.id, current)))
        throw new RollcallError('PASSWORD_REFUSED', 'the present password is another one')
      await store.accounts.edit(Number(principal.id), { passwordHash })
      const subject = `account ${principal.id}`
      await store.audit.record({ who: nameOf(principal), action: 'account.password_changed', subject, details: {} })
      await forgetSignInTries(store.accounts, attempt)
      return (await sessions.open(request, reply, { email: principal.name, password: wanted })) ?? principal
    },
  )

  routes.post(
    '/api/v1/first-admin',
    {
      config: { access: 'public' },
      schema: {
        tags: TAGS,
        operationId: 'makeFirstAdmin',
        summary: 'Make the first admin',
        description: 'With the link that the console shows, while there is no account. Signs in as well.',
        body: firstAdminBody,
        response: { 201: principalJson },
      },
    },
    async (request, reply) => {
      const { token, email, password } = request.body
      await counted(reply, countTryFrom(store.accounts, request.ip))
      const passwordHash = await hashOfNew(password)
      const account = await store.accounts.addFirstAdmin(secretHash(token), { email, passwordHash })
      await recordCreated(store, 'first-admin link', account)
      const principal = await sessions.open(request, reply, { email, password })
      if (principal === null) throw new RollcallError('DEFECT', `the account ${account.id} was made and does not open`)
      return reply.code(201).send(principal)
    },
  )
}

/** Says when it is over, too. */
async function counted(reply: FastifyReply, count: Promise<void>): Promise<void> {
  await count.catch((error: unknown) => {
    if (error instanceof TooManyTries) reply.header('retry-after', error.retryAfterS)
    throw error
  })
}

async function isPasswordOf(accounts: AccountStore, id: string, password: string): Promise<boolean> {
  const [login] = await accounts.signIn.select('account_logins', [
    { column: 'account_id', is: '=', value: Number(id) },
    { column: 'provider', is: '=', value: 'credential' },
  ])
  return typeof login?.password_hash === 'string' && verifyPassword({ hash: login.password_hash, password })
}

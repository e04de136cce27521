import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { makeAccount, makeToken, revokeToken } from './making.ts'
import { type AccountParts, nameOf, whoAsks } from './parts.ts'
import { hashOfNew } from './passwords.ts'
import {
  accountChanges,
  accountJson,
  auditPageJson,
  auditQuery,
  idParams,
  madeAccountJson,
  madeTokenJson,
  newAccountBody,
  newTokenBody,
  tokenJson,
} from './schemas.ts'
import { accountView, auditView, tokenView } from './views.ts'

const ADMIN = { access: 'admin' } as const
const NOTHING = z.null().describe('Nothing.')

/** Accounts, tokens and the audit log, for admins alone. */
export function addAdminRoutes(app: FastifyInstance, parts: AccountParts): void {
  addAccountRoutes(app, parts)
  addTokenRoutes(app, parts)
  addAuditRoute(app, parts)
}

function addAccountRoutes(app: FastifyInstance, parts: AccountParts): void {
  const { store } = parts
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const tags = ['accounts']

  routes.get(
    '/api/v1/accounts',
    {
      config: ADMIN,
      schema: {
        tags,
        operationId: 'listAccounts',
        summary: 'All accounts',
        response: { 200: z.object({ data: z.array(accountJson) }) },
      },
    },
    async () => ({ data: (await store.accounts.list()).map(accountView) }),
  )

  routes.post(
    '/api/v1/accounts',
    {
      config: ADMIN,
      schema: {
        tags,
        operationId: 'addAccount',
        summary: 'Make an account',
        body: newAccountBody,
        response: { 201: madeAccountJson },
      },
    },
    async (request, reply) => {
      const who = nameOf(await whoAsks(parts, request))
      const { account, generatedPassword } = await makeAccount(store, who, request.body)
      return reply.code(201).send({ ...accountView(account), password: generatedPassword })
    },
  )

  routes.patch(
    '/api/v1/accounts/:id',
    {
      config: ADMIN,
      schema: {
        tags,
        operationId: 'editAccount',
        summary: 'Change an account',
        description: 'A disabled account, and one with another password, has no session any more.',
        params: idParams,
        body: accountChanges,
        response: { 200: accountJson },
      },
    },
    async request => {
      const who = nameOf(await whoAsks(parts, request))
      const { id } = request.params
      const { role, is_disabled: isDisabled, password } = request.body
      const changes = {
        ...(role === undefined ? {} : { role }),
        ...(isDisabled === undefined ? {} : { isDisabled }),
        ...(password === undefined ? {} : { passwordHash: await hashOfNew(password) }),
      }
      const account = await store.accounts.edit(id, changes)
      const { password: _, ...told } = request.body
      const details = { email: account.email, ...told, ...(password === undefined ? {} : { password: 'changed' }) }
      await store.audit.record({ who, action: 'account.edited', subject: `account ${id}`, details })
      return accountView(account)
    },
  )

  routes.delete(
    '/api/v1/accounts/:id',
    {
      config: ADMIN,
      schema: {
        tags,
        operationId: 'removeAccount',
        summary: 'Remove an account',
        params: idParams,
        response: { 204: NOTHING },
      },
    },
    async (request, reply) => {
      const who = nameOf(await whoAsks(parts, request))
      const { id } = request.params
      const { email } = await store.accounts.remove(id)
      await store.audit.record({ who, action: 'account.removed', subject: `account ${id}`, details: { email } })
      return reply.code(204).send(null)
    },
  )
}

function addTokenRoutes(app: FastifyInstance, parts: AccountParts): void {
  const { store, knownTokens } = parts
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const tags = ['tokens']

  routes.get(
    '/api/v1/tokens',
    {
      config: ADMIN,
      schema: {
        tags,
        operationId: 'listTokens',
        summary: 'All tokens, the newest first',
        response: { 200: z.object({ data: z.array(tokenJson) }) },
      },
    },
    async () => ({ data: (await store.tokens.list()).map(tokenView) }),
  )

  routes.post(
    '/api/v1/tokens',
    {
      config: ADMIN,
      schema: {
        tags,
        operationId: 'addToken',
        summary: 'Make a token',
        body: newTokenBody,
        response: { 201: madeTokenJson },
      },
    },
    async (request, reply) => {
      const who = nameOf(await whoAsks(parts, request))
      const { token, secret } = await makeToken(store, who, request.body)
      return reply.code(201).send({ ...tokenView(token), token: secret })
    },
  )

  routes.delete(
    '/api/v1/tokens/:id',
    {
      config: ADMIN,
      schema: {
        tags,
        operationId: 'revokeToken',
        summary: 'Revoke a token',
        params: idParams,
        response: { 204: NOTHING },
      },
    },
    async (request, reply) => {
      try {
        await revokeToken(store, nameOf(await whoAsks(parts, request)), request.params.id)
      } finally {
        // Also where the answer of the database was lost: it may have been done.
        knownTokens.forget()
      }
      return reply.code(204).send(null)
    },
  )
}

function addAuditRoute(app: FastifyInstance, { store }: AccountParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/audit-log',
    {
      config: ADMIN,
      schema: {
        tags: ['audit log'],
        operationId: 'listAuditEntries',
        summary: 'What was changed, the newest first',
        querystring: auditQuery,
        response: { 200: auditPageJson },
      },
    },
    async request => {
      const { limit, cursor } = request.query
      // One more than wanted tells whether there is another page.
      const entries = await store.audit.list({ limit: limit + 1, ...(cursor === undefined ? {} : { before: cursor }) })
      const data = entries.slice(0, limit).map(auditView)
      return { data, next_cursor: entries.length > limit ? String(data.at(-1)?.id) : null }
    },
  )
}

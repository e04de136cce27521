import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { type ErrorCode, RollcallError } from '../../src/base/errors.ts'
import type { Log } from '../../src/base/log.ts'
import { makeAccount, makeToken } from '../../src/http/accounts/making.ts'
import { openAccounts } from '../../src/http/accounts/open-accounts.ts'
import type { Accounts } from '../../src/http/authenticator.ts'
import type { Account, Role } from '../../src/model/accounts.ts'
import type { Store } from '../../src/model/store.ts'
import type { StandingClock } from '../contract/store/fixture.ts'

const STATUS: Partial<Record<ErrorCode, number>> = {
  SIGN_IN_REFUSED: 401,
  TOO_MANY_TRIES: 429,
  LINK_REFUSED: 403,
  ACCOUNT_EXISTS: 409,
  LAST_ADMIN: 409,
  PASSWORD_REFUSED: 422,
  NOT_FOUND: 404,
}

export const PASSWORD = 'correct horse battery'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly cookies: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: any JSON can come, and a test that takes it for another fails.
  readonly body: any
  readonly text: string
}

export interface Asking {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** `name=value`. */
  readonly cookie?: string
  readonly token?: string
  /** As a proxy on this machine tells it. */
  readonly ip?: string
  readonly protocol?: 'https'
}

/** The routes of accounts on a real port, with the rules of the real server: who may call what, and the Origin of changes by cookie. */
export class AccountServer {
  readonly store: Store
  readonly accounts: Accounts
  /** Every line of the log and every answer. */
  readonly told: string[] = []
  readonly #app: FastifyInstance
  readonly #secret: string
  #port = 0

  constructor(store: Store, clock: StandingClock, secret = randomBytes(32).toString('base64url')) {
    this.store = store
    this.#secret = secret
    const tell = (message: string) => void this.told.push(message)
    const log: Log = { debug: tell, info: tell, warn: tell, error: tell }
    const base = { log, clock: { ...timeless, now: () => clock.now(), monotonicMs: () => clock.now() } }
    this.accounts = openAccounts({ store, base, secret })
    this.#app = fastify({ trustProxy: '127.0.0.1' })
    this.#app.setValidatorCompiler(validatorCompiler)
    this.#app.setSerializerCompiler(serializerCompiler)
    this.#app.setErrorHandler((error, _request, reply) => {
      const status = error instanceof RollcallError ? (STATUS[error.code] ?? 500) : (statusOf(error) ?? 500)
      const code = error instanceof RollcallError ? error.code : null
      if (status >= 500) this.told.push(String(error instanceof Error ? error.stack : error))
      return reply.code(status).send({ code, detail: error instanceof Error ? error.message : '' })
    })
  }

  get secret(): string {
    return this.#secret
  }

  get port(): number {
    return this.#port
  }

  async listen(): Promise<this> {
    const app = this.#app
    app.addHook('onRequest', async (request, reply) => {
      const { access } = request.routeOptions.config
      if (access === undefined) return reply.code(404).send({ code: 'NO_SUCH_ROUTE' })
      const isChange = !['GET', 'HEAD', 'OPTIONS'].includes(request.method)
      const isByCookie = request.headers.cookie !== undefined && request.headers.authorization === undefined
      if (isChange && isByCookie && request.headers.origin !== `${request.protocol}://${request.host}`)
        return reply.code(403).send({ code: 'FOREIGN_ORIGIN' })
      if (access === 'public') return
      const principal = await this.accounts.principalOf(request)
      if (principal === null) return reply.code(401).send({ code: 'NOT_SIGNED_IN' })
      if (access === 'admin' && principal.role !== 'admin') return reply.code(403).send({ code: 'NOT_ALLOWED' })
    })
    await this.accounts.register(app)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const address = app.server.address()
    assert(address !== null && typeof address === 'object')
    this.#port = address.port
    return this
  }

  async ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const { body, cookie, token, ip, protocol, headers } = asking
    const text = body === undefined ? undefined : JSON.stringify(body)
    const sent = {
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...(cookie === undefined ? {} : { cookie, origin: `${protocol ?? 'http'}://127.0.0.1:${this.#port}` }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(ip === undefined ? {} : { 'x-forwarded-for': ip }),
      ...(protocol === undefined ? {} : { 'x-forwarded-proto': protocol }),
      ...headers,
    }
    const answer = await this.#send({ method, path: `/api/v1${path}`, headers: sent }, text)
    this.told.push(answer.status === 201 ? '' : answer.text)
    return answer
  }

  #send(
    options: { method: string; path: string; headers: Record<string, string | string[]> },
    sent: string | undefined,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: this.#port, agent: false, ...options }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', part => (text += part))
        response.on('error', reject).on('end', () => {
          const cookies = response.headers['set-cookie'] ?? []
          const json = response.headers['content-type']?.includes('json') ? JSON.parse(text) : null
          resolve({ status: response.statusCode ?? 0, headers: response.headers, cookies, body: json, text })
        })
      })
      request.on('error', reject)
      request.end(sent)
    })
  }

  async account(email: string, role: Role = 'viewer'): Promise<Account> {
    return (await makeAccount(this.store, 'test', { email, role, password: PASSWORD })).account
  }

  async token(role: Role, name: string = role): Promise<{ id: number; secret: string }> {
    const { token, secret } = await makeToken(this.store, 'test', { name, role })
    return { id: token.id, secret }
  }

  signIn(email: string, asking: Asking & { password?: string } = {}): Promise<Answer> {
    const { password = PASSWORD, ...rest } = asking
    return this.ask('POST', '/session', { body: { email, password }, ...rest })
  }

  /** The cookie of a new session. */
  async cookieOf(email: string, asking: Asking & { password?: string } = {}): Promise<string> {
    const answer = await this.signIn(email, asking)
    assert.equal(answer.status, 200, answer.text)
    return sessionCookie(answer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close()
    await this.accounts[Symbol.asyncDispose]()
  }
}

export function sessionCookie(answer: Answer): string {
  const [cookie] = answer.cookies
  assert(cookie !== undefined && answer.cookies.length === 1, answer.cookies.join('\n'))
  return cookie.split(';')[0] ?? ''
}

const timeless = {
  sleep: async () => {},
  after: () => ({ [Symbol.dispose]() {} }),
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined
}

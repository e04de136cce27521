import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { FastifyRequest } from 'fastify'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { TOKEN_KNOWN_MS } from '../../src/http/accounts/known-tokens.ts'
import type { Store } from '../../src/model/store.ts'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { StandingClock, turningBox } from '../contract/store/fixture.ts'
import { AccountServer, PASSWORD, sessionCookie } from './server.ts'

const ADA = 'ada@example.org'
const BEN = 'ben@example.org'
const RUNS = 100

describe('accounts, from outside', () => {
  let folder: string
  let clock: StandingClock
  let store: Store
  let server: AccountServer
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-outside-'))
    clock = new StandingClock()
    store = await openSqliteStore({ path: join(folder, 'rollcall.db'), clock, secrets: turningBox })
    server = await new AccountServer(store, clock).listen()
  })
  afterEach(async () => {
    await server[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const bytesOfDatabase = () =>
    readdirSync(folder)
      .map(name => readFileSync(join(folder, name), 'latin1'))
      .join('')

  test('the cookie cannot be read by a page, goes to no foreign one, and over https to this host alone', async () => {
    await server.account(ADA)
    const [plain] = (await server.signIn(ADA)).cookies
    assert.match(plain ?? '', /^rollcall_session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/)
    const [secure] = (await server.signIn(ADA, { protocol: 'https' })).cookies
    assert.match(
      secure ?? '',
      /^__Host-rollcall_session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  test('over https a cookie without the name that binds it to this host opens nothing', async () => {
    await server.account(ADA)
    const cookie = await server.cookieOf(ADA)
    const asking = { protocol: 'https', cookie } as const
    assert.equal((await server.ask('GET', '/session', asking)).status, 401)
    const bound = await server.cookieOf(ADA, { protocol: 'https' })
    assert.equal((await server.ask('GET', '/session', { ...asking, cookie: bound })).status, 200)
    assert.equal((await server.ask('GET', '/session', { cookie: bound })).status, 401)
  })

  test('a wrong password, an unknown address and a disabled account are answered alike, after the same work', async () => {
    await server.account(ADA)
    const ben = await server.account(BEN)
    await store.accounts.edit(ben.id, { isDisabled: true })
    let hashes = 0
    const hook = createHook({
      init(_id, type) {
        if (type === 'ARGON2REQUEST') hashes++
      },
    }).enable()
    try {
      const refused = []
      for (const [email, password] of [
        [ADA, 'not this one'],
        ['nobody@example.org', 'not this one'],
        [BEN, PASSWORD],
      ] as const) {
        hashes = 0
        const { status, text, cookies } = await server.signIn(email, { password })
        refused.push({ status, text, cookies, hashes })
      }
      assert.deepEqual([refused[0]?.status, refused[0]?.hashes], [401, 1])
      assert.deepEqual(refused.slice(1), [refused[0], refused[0]])
    } finally {
      hook.disable()
    }
  })

  test('no token, password, session or link is in the files of the database', async () => {
    const link = (await server.accounts.firstAdminLink('http://x'))?.split('#')[1] ?? ''
    const body = { token: link, email: ADA, password: PASSWORD }
    const cookie = sessionCookie(await server.ask('POST', '/first-admin', { body }))
    const made = await server.ask('POST', '/tokens', { cookie, body: { name: 'payroll', role: 'admin' } })
    await server.ask('GET', '/tokens', { token: made.body.token })
    const account = await server.ask('POST', '/accounts', { cookie, body: { email: BEN } })
    const [session = ''] = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')
    assert(session.length >= 32)
    const files = bytesOfDatabase()
    assert(files.includes('payroll') && files.includes('$argon2id$'))
    const token: string = made.body.token
    for (const secret of [link, PASSWORD, session, token, token.slice(3), account.body.password])
      assert(secret.length > 0 && !files.includes(secret), secret)
  })

  test('a token that is wrong is nobody, also beside a good cookie', async () => {
    await server.account(ADA, 'admin')
    const cookie = await server.cookieOf(ADA)
    const { id, secret } = await server.token('admin')
    const asking = (authorization: string) => server.ask('GET', '/accounts', { cookie, headers: { authorization } })
    for (const wrong of ['Bearer', 'Bearer ', 'bearer x', `Bearer ${secret}x`, `Bearer ${secret.slice(0, -1)}`])
      assert.equal((await asking(wrong)).status, 401, wrong)
    assert.equal((await asking(`Bearer ${secret}`)).status, 200)
    assert.equal((await asking(`bEARER  ${secret} `)).status, 200)
    await store.tokens.revoke(id)
    clock.ms += TOKEN_KNOWN_MS
    assert.equal((await asking(`Bearer ${secret}`)).status, 401)
    // That of a proxy in front, which is none of ours.
    assert.equal((await asking('Basic YTpi')).status, 200)
  })

  test('a token that was revoked ends here at once, also for a request that was let in, and elsewhere within a second', async () => {
    const admin = (await server.token('admin')).secret
    const { id, secret } = await server.token('viewer')
    await using other = await new AccountServer(store, clock).listen()
    const status = async (at: AccountServer) => (await at.ask('GET', '/session', { token: secret })).status
    // As a stream of events does, which asks again for as long as it is open.
    const request = { headers: { authorization: `Bearer ${secret}` } } as FastifyRequest
    assert.equal((await server.accounts.principalOf(request))?.name, 'viewer')
    assert.deepEqual([await status(server), await status(other)], [200, 200])
    assert.equal((await server.ask('DELETE', `/tokens/${id}`, { token: admin })).status, 204)
    assert.equal(await status(server), 401)
    assert.equal(await server.accounts.principalOf(request), null)
    clock.ms += TOKEN_KNOWN_MS
    assert.equal(await status(other), 401)
  })

  test('a cookie is worth nothing without our signature, and none of another installation is', async () => {
    await server.account(ADA)
    const cookie = await server.cookieOf(ADA)
    const [name, value = ''] = cookie.split('=')
    const [token, signature = ''] = decodeURIComponent(value).split('.')
    const other = await new AccountServer(store, clock).listen()
    try {
      assert.equal((await other.ask('GET', '/session', { cookie })).status, 401)
      const same = await new AccountServer(store, clock, server.secret).listen()
      assert.equal((await same.ask('GET', '/session', { cookie })).status, 200)
      await same[Symbol.asyncDispose]()
    } finally {
      await other[Symbol.asyncDispose]()
    }
    for (const forged of [`${token}`, `${token}.`, `${token}.${signature.toLowerCase()}`, `.${signature}`])
      assert.equal(
        (await server.ask('GET', '/session', { cookie: `${name}=${encodeURIComponent(forged)}` })).status,
        401,
      )
    const [row] = await store.accounts.signIn.select('account_sessions', [])
    assert.equal((await server.ask('GET', '/session', { cookie: `${name}=${row?.token_sha256}.x` })).status, 401)
  })

  test('a change by cookie from another page, or from none, is refused', async () => {
    await server.account(ADA, 'admin')
    const cookie = await server.cookieOf(ADA)
    for (const origin of ['http://evil.example', 'null', ''])
      for (const [method, path] of [
        ['DELETE', '/session'],
        ['POST', '/accounts'],
        ['POST', '/session/password'],
      ] as const)
        assert.equal((await server.ask(method, path, { cookie, headers: { origin }, body: {} })).status, 403, path)
    assert.equal((await server.ask('GET', '/session', { cookie })).status, 200)
  })

  test('a database that is gone is told, and signs nobody out', async () => {
    await server.account(ADA)
    const cookie = await server.cookieOf(ADA)
    await store[Symbol.asyncDispose]()
    for (const [method, path] of [
      ['GET', '/session'],
      ['DELETE', '/session'],
    ] as const) {
      const answer = await server.ask(method, path, { cookie })
      assert.deepEqual([answer.status, answer.body.code, answer.cookies], [500, 'STORE_UNAVAILABLE', []])
    }
    assert.equal((await server.signIn(ADA)).body.code, 'STORE_UNAVAILABLE')
  })

  test('who may call what', async () => {
    await server.account(ADA, 'admin')
    await server.account(BEN)
    const callers = {
      nobody: {},
      viewer: { cookie: await server.cookieOf(BEN) },
      'viewer token': { token: (await server.token('viewer')).secret },
      admin: { cookie: await server.cookieOf(ADA) },
      'admin token': { token: (await server.token('admin')).secret },
    }
    const routes = [
      ['GET', '/accounts'],
      ['POST', '/accounts'],
      ['PATCH', '/accounts/99'],
      ['DELETE', '/accounts/99'],
      ['GET', '/tokens'],
      ['POST', '/tokens'],
      ['DELETE', '/tokens/99'],
      ['GET', '/audit-log'],
    ] as const
    for (const [who, caller] of Object.entries(callers)) {
      for (const [method, path] of routes) {
        const body = method === 'POST' || method === 'PATCH' ? { body: { x: 1 } } : {}
        const { status } = await server.ask(method, path, { ...caller, ...body })
        const told = `${who}: ${method} ${path}: ${status}`
        if (who === 'nobody') assert.equal(status, 401, told)
        else if (who.startsWith('viewer')) assert.equal(status, 403, told)
        else assert(![401, 403].includes(status) && status < 500, told)
      }
      assert.equal((await server.ask('GET', '/session', caller)).status, who === 'nobody' ? 401 : 200, who)
    }
    const change = { current_password: PASSWORD, new_password: 'another password' }
    const byToken = await server.ask('POST', '/session/password', { ...callers['admin token'], body: change })
    assert.deepEqual([byToken.status, byToken.body.code], [422, 'PASSWORD_REFUSED'])
  })

  test('one address tries sixty times at whatever accounts, and others go on', async () => {
    await server.account(ADA)
    const tries = []
    for (let i = 0; i < 62; i++)
      tries.push((await server.signIn(`p${i}@example.org`, { ip: `2001:db8:0:7::${i.toString(16)}` })).status)
    assert.deepEqual(tries, [...Array.from({ length: 60 }, () => 401), 429, 429])
    assert.equal((await server.signIn(ADA, { ip: '2001:db8:0:7::1' })).status, 429)
    assert.equal((await server.signIn(ADA, { ip: '2001:db8:0:8::1' })).status, 200)
  })

  test('whatever stands in the headers of a request, it is no fault of ours', async () => {
    await server.account(ADA, 'admin')
    const cookie = await server.cookieOf(ADA)
    const line = fc.array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 200 }).map(bytes => Buffer.from(bytes))
    const piece = fc.oneof(
      line,
      fc.constantFrom(
        ...[cookie, 'rollcall_session=', '; ', '%', '%00', '=', '.', '__Host-rollcall_session=', 'Bearer ', 'rc_'].map(
          text => Buffer.from(text),
        ),
      ),
    )
    const value = fc.array(piece, { maxLength: 5 }).map(pieces => Buffer.concat(pieces))
    const paths = fc.constantFrom('GET /api/v1/session', 'DELETE /api/v1/session', 'GET /api/v1/accounts')
    await fc.assert(
      fc.asyncProperty(paths, value, value, value, async (path, authorization, cookies, agent) => {
        const status = await rawStatus(server.port, path, { authorization, cookie: cookies, 'user-agent': agent })
        assert(status >= 200 && status < 500, `${status}`)
      }),
      { numRuns: RUNS },
    )
    assert(!server.told.some(line => line.includes('Error')), server.told.join('\n'))
  })

  test('whatever stands in the body of a sign-in, it is no fault of ours', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('a@b.example', '\0', '\ud800', "'--"),
    )
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({ email: text, password: text }),
      fc.record({ email: fc.constant(ADA), password: text }),
      fc.record({ token: text, email: fc.constant(ADA), password: text }),
    )
    const paths = fc.constantFrom('/session', '/first-admin')
    let i = 0
    await fc.assert(
      fc.asyncProperty(paths, body, async (path, sent) => {
        const { status } = await server.ask('POST', path, { body: sent, ip: `10.0.${i >> 8}.${i++ & 255}` })
        assert(status >= 400 && status < 500, `${status}`)
      }),
      { numRuns: RUNS },
    )
  })
})

/** The status of a request whose headers hold any bytes, which no client library would send. */
function rawStatus(port: number, line: string, headers: Record<string, Buffer>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', part => (answer += part))
    socket.on('error', reject).on('end', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])))
    const lines = Object.entries(headers).map(([name, value]) =>
      Buffer.concat([Buffer.from(`${name}: `), value, Buffer.from('\r\n')]),
    )
    const origin = `origin: http://127.0.0.1:${port}\r\n`
    const head = `${line} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n${origin}`
    socket.write(Buffer.concat([Buffer.from(head), ...lines, Buffer.from('\r\n')]))
  })
}

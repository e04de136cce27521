import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { REMOVED_AT_ONCE } from '../../src/http/accounts/expired-sessions.ts'
import type { Store } from '../../src/model/store.ts'
import { StandingClock } from '../contract/store/fixture.ts'
import { AccountServer, PASSWORD, sessionCookie } from './server.ts'

const ADA = 'ada@example.org'
const BEN = 'ben@example.org'

/** What accounts, sessions and tokens must do over HTTP, on whichever engine. */
export function accountsOverHttp(name: string, open: (clock: StandingClock) => Promise<Store>): void {
  describe(`accounts over HTTP: ${name}`, () => {
    let clock: StandingClock
    let store: Store
    let server: AccountServer
    beforeEach(async () => {
      clock = new StandingClock()
      store = await open(clock)
      server = await new AccountServer(store, clock).listen()
    })
    afterEach(async () => {
      await server[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    })
    const me = async (cookie: string) => (await server.ask('GET', '/session', { cookie })).status

    test('a person signs in, is known by the cookie, and signs out', async () => {
      const account = await server.account(ADA, 'admin')
      const answer = await server.signIn('Ada@Example.org')
      const principal = { kind: 'account', id: String(account.id), name: ADA, role: 'admin' }
      assert.deepEqual([answer.status, answer.body], [200, principal])
      const cookie = sessionCookie(answer)
      assert.deepEqual((await server.ask('GET', '/session', { cookie })).body, principal)
      const out = await server.ask('DELETE', '/session', { cookie })
      assert.equal(out.status, 204)
      assert.match(out.cookies.join(), /^rollcall_session=;.*Max-Age=0/i)
      assert.equal(await me(cookie), 401)
      assert.equal((await server.ask('DELETE', '/session', { cookie })).status, 204)
    })

    test('signing out ends one session, not the others', async () => {
      await server.account(ADA)
      const [one, two] = [await server.cookieOf(ADA), await server.cookieOf(ADA)]
      await server.ask('DELETE', '/session', { cookie: one })
      assert.deepEqual([await me(one), await me(two)], [401, 200])
    })

    test('sessions that have expired are removed when somebody signs in, and when a server starts', async () => {
      const { id } = await server.account(ADA)
      const addExpired = async (count: number) => {
        const ended = new Date(clock.ms - 1).toISOString()
        const row = { account_id: id, expires_at: ended, created_at: ended, updated_at: ended }
        for (let i = 0; i < count; i++)
          await store.accounts.signIn.insert('account_sessions', { ...row, token_sha256: `${count}-${i}` })
      }
      const left = async () => (await store.accounts.signIn.select('account_sessions', [])).length
      await addExpired(REMOVED_AT_ONCE + 1)
      const cookie = await server.cookieOf(ADA)
      assert.equal(await left(), 2, 'one is over the bound, and one is new')
      await addExpired(2)
      await using _other = await new AccountServer(store, clock, server.secret).listen()
      assert.equal(await left(), 1)
      assert.equal(await me(cookie), 200)
    })

    test('a session that has expired opens nothing, and one in use is prolonged', async () => {
      await server.account(ADA)
      const cookie = await server.cookieOf(ADA)
      const all = [{ column: 'id', is: '>', value: 0 }] as const
      const setExpiry = async (ms: number) => {
        const expiresAt = new Date(Date.now() + ms).toISOString()
        assert.equal(await store.accounts.signIn.update('account_sessions', all, { expires_at: expiresAt }), 1)
      }
      await setExpiry(3_600_000)
      const answer = await server.ask('GET', '/session', { cookie })
      assert.equal(sessionCookie(answer), cookie)
      const [session] = await store.accounts.signIn.select('account_sessions', all)
      assert(Date.parse(String(session?.expires_at)) > Date.now() + 6 * 86_400_000)
      await setExpiry(-1)
      assert.equal(await me(cookie), 401)
    })

    test('sign-ins under way when the password becomes another open no session that outlives it', async () => {
      const admin = await server.account(ADA, 'admin').then(() => server.cookieOf(ADA))
      const { id } = await server.account(BEN)
      const signIns = Array.from({ length: 6 }, () => server.signIn(BEN))
      await new Promise(resolve => setTimeout(resolve, 20))
      const body = { password: 'another long pass phrase' }
      assert.equal((await server.ask('PATCH', `/accounts/${id}`, { cookie: admin, body })).status, 200)
      for (const answer of await Promise.all(signIns))
        if (answer.status === 200) assert.equal(await me(sessionCookie(answer)), 401)
    })

    test('a disabled account has no session any more, and opens none', async () => {
      const [, ben] = [await server.account(ADA, 'admin'), await server.account(BEN)]
      const [admin, cookie] = [await server.cookieOf(ADA), await server.cookieOf(BEN)]
      const path = `/accounts/${ben.id}`
      const disabled = await server.ask('PATCH', path, { cookie: admin, body: { is_disabled: true } })
      assert.deepEqual([disabled.status, disabled.body.is_disabled], [200, true])
      assert.deepEqual([await me(cookie), await me(admin)], [401, 200])
      const refused = await server.signIn(BEN)
      assert.deepEqual([refused.status, refused.body.code], [401, 'SIGN_IN_REFUSED'])
      assert.deepEqual(refused.body, (await server.signIn('nobody@example.org')).body)
      await server.ask('PATCH', path, { cookie: admin, body: { is_disabled: false } })
      assert.equal(await me(cookie), 401)
      assert.equal((await server.signIn(BEN)).status, 200)
    })

    test('a changed password ends the other sessions, and goes on here', async () => {
      await server.account(ADA)
      const [here, there] = [await server.cookieOf(ADA), await server.cookieOf(ADA)]
      const change = (current: string, wanted: string) =>
        server.ask('POST', '/session/password', {
          cookie: here,
          body: { current_password: current, new_password: wanted },
        })
      assert.equal((await change('not this one', 'another password')).body.code, 'PASSWORD_REFUSED')
      assert.equal((await change(PASSWORD, 'short')).body.code, 'PASSWORD_REFUSED')
      assert.deepEqual([await me(here), await me(there)], [200, 200])
      const changed = await change(PASSWORD, 'another password')
      assert.equal(changed.status, 200, changed.text)
      assert.deepEqual([await me(here), await me(there), await me(sessionCookie(changed))], [401, 401, 200])
      assert.equal((await server.signIn(ADA)).status, 401)
      assert.equal((await server.signIn(ADA, { password: 'another password' })).status, 200)
    })

    test('an admin who sets a password ends every session of that account', async () => {
      const [, ben] = [await server.account(ADA, 'admin'), await server.account(BEN)]
      const [admin, cookie] = [await server.cookieOf(ADA), await server.cookieOf(BEN)]
      const body = { password: 'set by the admin' }
      assert.equal((await server.ask('PATCH', `/accounts/${ben.id}`, { cookie: admin, body })).status, 200)
      assert.equal(await me(cookie), 401)
      assert.equal((await server.signIn(BEN, { password: body.password })).status, 200)
    })

    test('accounts are made, listed and removed, and the last admin stays', async () => {
      const ada = await server.account(ADA, 'admin')
      const cookie = await server.cookieOf(ADA)
      const made = await server.ask('POST', '/accounts', { cookie, body: { email: 'Ben@Example.org' } })
      assert.deepEqual([made.status, made.body.email, made.body.role], [201, BEN, 'viewer'])
      const bens = await server.cookieOf(BEN, { password: made.body.password })
      const again = await server.ask('POST', '/accounts', { cookie, body: { email: BEN } })
      assert.deepEqual([again.status, again.body.code], [409, 'ACCOUNT_EXISTS'])
      const { data } = (await server.ask('GET', '/accounts', { cookie })).body
      assert.deepEqual(
        data.map((one: { email: string }) => one.email),
        [ADA, BEN],
      )
      assert(!JSON.stringify(data).includes('assword'))
      const itself = `/accounts/${ada.id}`
      for (const body of [{ role: 'viewer' }, { is_disabled: true }])
        assert.equal((await server.ask('PATCH', itself, { cookie, body })).body.code, 'LAST_ADMIN')
      assert.equal((await server.ask('DELETE', itself, { cookie })).body.code, 'LAST_ADMIN')
      assert.equal((await server.ask('DELETE', `/accounts/${made.body.id}`, { cookie })).status, 204)
      assert.equal(await me(bens), 401)
      assert.equal((await server.ask('DELETE', `/accounts/${made.body.id}`, { cookie })).status, 404)
    })

    test('a role that changes counts from the next request on', async () => {
      const [, ben] = [await server.account(ADA, 'admin'), await server.account(BEN)]
      const [admin, cookie] = [await server.cookieOf(ADA), await server.cookieOf(BEN)]
      const seen = async () => (await server.ask('GET', '/accounts', { cookie })).status
      assert.equal(await seen(), 403)
      for (const [role, status] of [
        ['admin', 200],
        ['viewer', 403],
      ] as const) {
        await server.ask('PATCH', `/accounts/${ben.id}`, { cookie: admin, body: { role } })
        assert.equal(await seen(), status)
      }
    })

    test('a token opens what its role may, until it is revoked', async () => {
      await server.account(ADA, 'admin')
      const cookie = await server.cookieOf(ADA)
      const made = await server.ask('POST', '/tokens', { cookie, body: { name: ' payroll ' } })
      assert.equal(made.status, 201, made.text)
      assert.match(made.body.token, /^rc_[\w-]{43}$/)
      assert(made.body.token.startsWith(made.body.prefix) && made.body.prefix.length === 7)
      const { token, ...rest } = made.body
      const who = await server.ask('GET', '/session', { token })
      assert.deepEqual(who.body, { kind: 'token', id: String(rest.id), name: 'payroll', role: 'viewer' })
      assert.equal((await server.ask('GET', '/tokens', { token })).status, 403)
      const { data } = (await server.ask('GET', '/tokens', { cookie })).body
      assert.deepEqual(data, [{ ...rest, last_used_at: new Date(clock.ms).toISOString() }])
      assert.equal((await server.ask('DELETE', `/tokens/${rest.id}`, { cookie })).status, 204)
      assert.equal((await server.ask('GET', '/session', { token })).status, 401)
      assert.equal((await server.ask('DELETE', '/tokens/99', { cookie })).status, 404)
      const admin = (await server.token('admin')).secret
      assert.equal((await server.ask('GET', '/tokens', { token: admin })).status, 200)
    })

    test('ten wrong passwords close the account to that address for a while, and to no other', async () => {
      await server.account(ADA)
      await server.account(BEN)
      const guess = (email: string, ip: string) => server.signIn(email, { ip, password: 'a wrong password' })
      const guesses = await Promise.all(Array.from({ length: 14 }, () => guess(ADA, '203.0.113.1')))
      assert.deepEqual(
        [401, 429].map(status => guesses.filter(one => one.status === status).length),
        [10, 4],
      )
      const closed = await server.signIn(ADA, { ip: '203.0.113.1' })
      assert.deepEqual([closed.status, closed.body.code, closed.headers['retry-after']], [429, 'TOO_MANY_TRIES', '900'])
      assert.equal((await server.signIn(BEN, { ip: '203.0.113.1' })).status, 200)
      assert.equal((await server.signIn(ADA, { ip: '203.0.113.2' })).status, 200)
      clock.ms += 15 * 60_000
      assert.equal((await server.signIn(ADA, { ip: '203.0.113.1' })).status, 200)
    })

    test('the first admin is made by a link: once, in time, the newest, and while there is no account', async () => {
      const body = { email: ADA, password: PASSWORD }
      const link = async () => {
        const url = new URL((await server.accounts.firstAdminLink('http://x.example')) ?? '')
        assert.equal(`${url.origin}${url.pathname}`, 'http://x.example/first-admin')
        return url.hash.slice(1)
      }
      const use = (token: string) => server.ask('POST', '/first-admin', { body: { ...body, token } })
      const [first, second] = [await link(), await link()]
      assert.equal((await use(first)).body.code, 'LINK_REFUSED')
      assert.equal((await use('x')).body.code, 'LINK_REFUSED')
      clock.ms += 24 * 3_600_000
      assert.equal((await use(second)).body.code, 'LINK_REFUSED')
      const third = await link()
      const made = await use(third)
      assert.deepEqual([made.status, made.body.role], [201, 'admin'])
      assert.equal(await me(sessionCookie(made)), 200)
      assert.equal((await use(third)).body.code, 'LINK_REFUSED')
      assert.equal(await server.accounts.firstAdminLink('http://x.example'), null)
    })

    test('each change is in the audit log with who made it, page by page, and no secret is', async () => {
      const ada = await server.account(ADA, 'admin')
      const cookie = await server.cookieOf(ADA)
      const made = await server.ask('POST', '/accounts', { cookie, body: { email: BEN, role: 'admin' } })
      const path = `/accounts/${made.body.id}`
      await server.ask('PATCH', path, { cookie, body: { role: 'viewer', password: 'set by the admin' } })
      const token = await server.ask('POST', '/tokens', { cookie, body: { name: 'payroll', role: 'admin' } })
      await server.ask('DELETE', path, { token: token.body.token })
      await server.ask('DELETE', `/tokens/${token.body.id}`, { cookie })
      const change = { current_password: PASSWORD, new_password: 'another password' }
      const changed = await server.ask('POST', '/session/password', { cookie, body: change })
      const entries = []
      for (let cursor = ''; ; ) {
        const page = await server.ask('GET', `/audit-log?limit=3${cursor}`, { cookie: sessionCookie(changed) })
        entries.push(...page.body.data)
        if (page.body.next_cursor === null) break
        cursor = `&cursor=${page.body.next_cursor}`
      }
      const who = `account ${ADA}`
      assert.deepEqual(
        entries.map(({ who, action, subject }) => [who, action, subject]),
        [
          [who, 'account.password_changed', `account ${ada.id}`],
          [who, 'token.revoked', `token ${token.body.id}`],
          ['token payroll', 'account.removed', `account ${made.body.id}`],
          [who, 'token.created', `token ${token.body.id}`],
          [who, 'account.edited', `account ${made.body.id}`],
          [who, 'account.created', `account ${made.body.id}`],
          ['test', 'account.created', `account ${ada.id}`],
        ],
      )
      const all = JSON.stringify([entries, server.told])
      const secrets = [PASSWORD, 'set by the admin', 'another password', made.body.password, token.body.token]
      for (const secret of secrets) assert(!all.includes(secret), secret)
    })
  })
}

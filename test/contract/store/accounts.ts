import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Account } from '../../../src/model/accounts.ts'
import { freshStores, type OpenStore } from './fixture.ts'

const hashOf = (byte: number) => new Uint8Array(32).fill(byte)
const ada = { email: 'ada@example.org', role: 'admin', passwordHash: 'h1' } as const
const ben = { email: 'ben@example.org', role: 'viewer', passwordHash: 'h2' } as const

export function accountsContract(open: OpenStore): void {
  describe('accounts', () => {
    const under = freshStores(open)
    const accounts = () => under.store.accounts

    async function addSession(account: Account, token: string): Promise<void> {
      const now = new Date(under.clock.ms).toISOString()
      await accounts().signIn.insert('account_sessions', {
        account_id: account.id,
        token_sha256: token,
        expires_at: now,
        created_at: now,
        updated_at: now,
      })
    }
    async function sessionsOf(account: Account): Promise<unknown[]> {
      const where = [{ column: 'account_id', is: '=', value: account.id }] as const
      return (await accounts().signIn.select('account_sessions', where)).map(row => row.token_sha256)
    }

    test('an account comes back as it was, and its address is taken', async () => {
      const added = await accounts().add(ada)
      const { id, ...rest } = added
      assert.deepEqual(rest, {
        email: ada.email,
        role: 'admin',
        isDisabled: false,
        createdAt: new Date(under.clock.ms),
      })
      assert.deepEqual(await (await under.reopen()).accounts.list(), [added])
      await assert.rejects(accounts().add(ada), { code: 'ACCOUNT_EXISTS' })
      const logins = await accounts().signIn.select('account_logins', [{ column: 'account_id', is: '=', value: id }])
      assert.deepEqual(
        logins.map(({ provider, subject, password_hash }) => ({ provider, subject, password_hash })),
        [{ provider: 'credential', subject: String(id), password_hash: 'h1' }],
      )
    })

    test('of several that add one address at once, one does', async () => {
      const other = await under.reopen()
      const tries = [under.store, other, under.store, other].map(store => store.accounts.add(ada))
      const ended = await Promise.allSettled(tries)
      assert.equal(ended.filter(one => one.status === 'fulfilled').length, 1)
      for (const one of ended) if (one.status === 'rejected') assert.equal(one.reason.code, 'ACCOUNT_EXISTS')
    })

    test('a session is opened while the account may sign in and has the password that was proven', async () => {
      const { id } = await accounts().add(ada)
      const now = new Date(under.clock.ms).toISOString()
      const row = (token: string) => ({
        account_id: id,
        token_sha256: token,
        expires_at: now,
        created_at: now,
        updated_at: now,
      })
      const open = async (token: string, hash: string) =>
        (await accounts().signIn.insertSession(row(token), hash)) !== null
      await accounts().add(ben)
      assert.deepEqual([await open('1', 'h1'), await open('2', 'h2')], [true, false])
      await accounts().edit(id, { passwordHash: 'h3' })
      assert.deepEqual([await open('3', 'h1'), await open('4', 'h3')], [false, true])
    })

    test('of sessions that are opened while the password becomes another, none outlives it', async () => {
      const { id } = await accounts().add(ada)
      await accounts().add(ben)
      const other = await under.reopen()
      const now = new Date(under.clock.ms).toISOString()
      const row = { account_id: id, expires_at: now, created_at: now, updated_at: now }
      const opened = Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? under.store : other).accounts.signIn.insertSession({ ...row, token_sha256: String(i) }, 'h1'),
      )
      await Promise.all([...opened, accounts().edit(id, { passwordHash: 'h3' })])
      const left = await accounts().signIn.select('account_sessions', [{ column: 'account_id', is: '=', value: id }])
      assert.deepEqual(left, [])
    })

    test('disabling, another password and removal end the sessions of that account alone', async () => {
      const [a, b] = [await accounts().add(ada), await accounts().add(ben)]
      await addSession(a, 'a')
      for (const change of [{ isDisabled: true }, { isDisabled: false, passwordHash: 'h3' }]) {
        await addSession(b, 'b')
        const edited = await accounts().edit(b.id, change)
        assert.equal(edited.isDisabled, change.isDisabled)
        assert.deepEqual([await sessionsOf(a), await sessionsOf(b)], [['a'], []])
      }
      await addSession(b, 'b')
      await accounts().edit(b.id, { role: 'admin' })
      assert.deepEqual(await sessionsOf(b), ['b'])
      assert.equal((await accounts().remove(b.id)).email, ben.email)
      assert.deepEqual([await sessionsOf(a), await sessionsOf(b)], [['a'], []])
      await assert.rejects(accounts().remove(b.id), { code: 'NOT_FOUND' })
      await assert.rejects(accounts().edit(b.id, {}), { code: 'NOT_FOUND' })
    })

    test('the last admin that may sign in stays one', async () => {
      const [a, b] = [await accounts().add(ada), await accounts().add(ben)]
      for (const change of [{ role: 'viewer' }, { isDisabled: true }] as const)
        await assert.rejects(accounts().edit(a.id, change), { code: 'LAST_ADMIN' })
      await assert.rejects(accounts().remove(a.id), { code: 'LAST_ADMIN' })
      await accounts().edit(b.id, { role: 'admin', isDisabled: true })
      await assert.rejects(accounts().remove(a.id), { code: 'LAST_ADMIN' })
      await accounts().edit(b.id, { isDisabled: false })
      await accounts().remove(a.id)
      assert.deepEqual(
        (await accounts().list()).map(one => one.email),
        [ben.email],
      )
    })

    test('two admins that demote each other at once leave one', async () => {
      const [a, b] = [await accounts().add(ada), await accounts().add({ ...ben, role: 'admin' })]
      const other = await under.reopen()
      const ended = await Promise.allSettled([
        accounts().edit(a.id, { role: 'viewer' }),
        other.accounts.edit(b.id, { role: 'viewer' }),
      ])
      assert.equal(ended.filter(one => one.status === 'fulfilled').length, 1)
      assert.equal((await accounts().list()).filter(one => one.role === 'admin').length, 1)
    })

    test('a link makes the first admin once, in time, and while it is the newest', async () => {
      const expiresAt = new Date(under.clock.ms + 1000)
      const first = { email: ada.email, passwordHash: 'h' }
      assert(await accounts().offerFirstAdmin({ hash: hashOf(1), expiresAt }))
      assert(await accounts().offerFirstAdmin({ hash: hashOf(2), expiresAt }))
      await assert.rejects(accounts().addFirstAdmin(hashOf(1), first), { code: 'LINK_REFUSED' })
      under.clock.ms += 1000
      await assert.rejects(accounts().addFirstAdmin(hashOf(2), first), { code: 'LINK_REFUSED' })
      under.clock.ms -= 1
      const other = await under.reopen()
      const ended = await Promise.allSettled(
        [under.store, other].map((store, i) => store.accounts.addFirstAdmin(hashOf(2), { ...first, email: `${i}` })),
      )
      assert.equal(ended.filter(one => one.status === 'fulfilled').length, 1)
      assert.deepEqual(
        (await accounts().list()).map(one => one.role),
        ['admin'],
      )
      assert.equal(await accounts().offerFirstAdmin({ hash: hashOf(3), expiresAt }), false)
      await assert.rejects(accounts().addFirstAdmin(hashOf(3), first), { code: 'LINK_REFUSED' })
    })

    test('a link that was printed is worth nothing once an account was made otherwise', async () => {
      await accounts().offerFirstAdmin({ hash: hashOf(1), expiresAt: new Date(under.clock.ms + 1000) })
      await accounts().add(ben)
      const first = accounts().addFirstAdmin(hashOf(1), { email: ada.email, passwordHash: 'h' })
      await assert.rejects(first, { code: 'LINK_REFUSED' })
    })

    test('several that offer a link at once leave one', async () => {
      const other = await under.reopen()
      const expiresAt = new Date(under.clock.ms + 1000)
      const offers = [1, 2, 3, 4].map(byte =>
        (byte % 2 ? other : under.store).accounts.offerFirstAdmin({ hash: hashOf(byte), expiresAt }),
      )
      assert.deepEqual(await Promise.all(offers), [true, true, true, true])
    })

    test('tries are counted for each key, together over processes, and begin anew', async () => {
      const limit = (byte: number) => ({ hash: hashOf(byte), tries: 5, withinMs: 60_000 })
      const other = await under.reopen()
      const counted = await Promise.all(
        Array.from({ length: 12 }, (_, i) => (i % 2 ? other : under.store).accounts.countTry([limit(1)])),
      )
      assert.equal(counted.filter(one => one === null).length, 5)
      assert.deepEqual(
        counted.find(one => one !== null),
        { waitMs: 60_000 },
      )
      assert.equal(await accounts().countTry([limit(2)]), null)
      under.clock.ms += 59_999
      assert.deepEqual(await accounts().countTry([limit(3), limit(1)]), { waitMs: 1 })
      await accounts().forgetTries([limit(1)])
      assert.equal(await accounts().countTry([limit(1)]), null)
      under.clock.ms += 60_000
      for (let i = 0; i < 5; i++) assert.equal(await accounts().countTry([limit(1)]), null)
      assert.deepEqual(await accounts().countTry([limit(1)]), { waitMs: 60_000 })
    })

    test('rows of signing in are chosen by conditions, and never all changed by mistake', async () => {
      const a = await accounts().add(ada)
      for (const token of ['x', 'y', 'z']) await addSession(a, token)
      const { signIn } = accounts()
      const tokens = async (...where: Parameters<typeof signIn.select>[1]) =>
        (await signIn.select('account_sessions', where)).map(row => row.token_sha256)
      assert.deepEqual(await tokens({ column: 'token_sha256', is: 'in', value: ['x', 'z'] }), ['x', 'z'])
      assert.deepEqual(await tokens({ column: 'token_sha256', is: 'not in', value: ['x'] }), ['y', 'z'])
      assert.deepEqual(await tokens({ column: 'ip_address', is: '!=', value: null }), [])
      const now = new Date(under.clock.ms).toISOString()
      assert.deepEqual(await tokens({ column: 'expires_at', is: '<', value: now }), [])
      const page = { limit: 1, offset: 1, order: { column: 'token_sha256', direction: 'desc' } } as const
      const [row] = await signIn.select('account_sessions', [{ column: 'ip_address', is: '=', value: null }], page)
      assert.equal(row?.token_sha256, 'y')
      assert.equal(row?.expires_at, now)
      const x = [{ column: 'token_sha256', is: '=', value: 'x' }] as const
      assert.equal(await signIn.update('account_sessions', x, { ip_address: '::1' }), 1)
      assert.equal(await signIn.remove('account_sessions', x), 1)
      assert.equal(await signIn.remove('account_sessions', x), 0)
      await assert.rejects(signIn.remove('account_sessions', []))
      await assert.rejects(signIn.update('account_sessions', [], { ip_address: '::1' }))
      assert.deepEqual(await tokens(), ['y', 'z'])
    })
  })
}

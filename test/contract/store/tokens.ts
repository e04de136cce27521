import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { freshStores, type OpenStore } from './fixture.ts'

const hashOf = (byte: number) => new Uint8Array(32).fill(byte)

export function tokensContract(open: OpenStore): void {
  describe('tokens', () => {
    const under = freshStores(open)
    const add = (byte: number, name = 'payroll') =>
      under.store.tokens.add({ name, role: 'viewer', prefix: 'rc_abcd', hash: hashOf(byte) })

    test('a token is found by its hash, by another process too, and by no other hash', async () => {
      const added = await add(1)
      const kept = { ...added, lastUsedAt: new Date(under.clock.ms) }
      assert.deepEqual(await (await under.reopen()).tokens.use(hashOf(1)), kept)
      assert.equal(await under.store.tokens.use(hashOf(2)), null)
      assert.equal(await under.store.tokens.use(new Uint8Array()), null)
      assert.deepEqual(await under.store.tokens.list(), [kept])
    })

    test('its use is noted once a minute', async () => {
      await add(1)
      const first = new Date(under.clock.ms)
      await under.store.tokens.use(hashOf(1))
      under.clock.ms += 59_999
      assert.deepEqual((await under.store.tokens.use(hashOf(1)))?.lastUsedAt, first)
      under.clock.ms += 1
      assert.deepEqual((await under.store.tokens.use(hashOf(1)))?.lastUsedAt, new Date(under.clock.ms))
    })

    test('a revoked token opens nothing, and stays in the list with its time', async () => {
      const [a, b] = [await add(1), await add(2, 'wall')]
      const revokedAt = new Date(under.clock.ms)
      await under.store.tokens.revoke(a.id)
      under.clock.ms += 1000
      await under.store.tokens.revoke(a.id)
      assert.equal(await under.store.tokens.use(hashOf(1)), null)
      assert.deepEqual(await under.store.tokens.list(), [b, { ...a, revokedAt }])
      await assert.rejects(under.store.tokens.revoke(77), { code: 'NOT_FOUND' })
    })
  })

  describe('audit log', () => {
    const under = freshStores(open)

    test('entries come back as they were, the newest first, page by page', async () => {
      const details = { name: 'Süd 門', is_active: false, tags: ['a'], nothing: null }
      for (let i = 0; i < 5; i++) {
        under.clock.ms += 1000
        await under.store.audit.record({
          who: 'command line',
          action: `a.${i}`,
          subject: i ? 'device 3' : null,
          details,
        })
      }
      const [newest, second] = await under.store.audit.list({ limit: 2 })
      assert(newest && second)
      const { id, ...rest } = newest
      assert(id > second.id)
      assert.deepEqual(rest, {
        at: new Date(under.clock.ms),
        who: 'command line',
        action: 'a.4',
        subject: 'device 3',
        details,
      })
      const others = await under.store.audit.list({ limit: 9, before: second.id })
      assert.deepEqual(
        others.map(entry => entry.action),
        ['a.2', 'a.1', 'a.0'],
      )
      assert.equal(others.at(-1)?.subject, null)
    })
  })
}

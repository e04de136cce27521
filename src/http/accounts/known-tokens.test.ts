import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { ApiToken } from '../../model/accounts.ts'
import { KnownTokens, TOKEN_KNOWN_MS, TOKENS_KNOWN_MAX } from './known-tokens.ts'

/** Tokens of a database that counts how often it is asked. */
class Scene {
  ms = 0
  asked = 0
  isRevoked = false
  readonly known = new KnownTokens({ monotonicMs: () => this.ms })

  readonly lookUp = async (hash: Uint8Array): Promise<ApiToken | null> => {
    this.asked++
    return this.isRevoked ? null : ({ id: hash[0] } as ApiToken)
  }

  find(...hash: number[]) {
    return this.known.find(Uint8Array.from(hash), this.lookUp)
  }
}

describe('tokens that are known', () => {
  test('are looked up once in their time, however often they are used', async () => {
    const scene = new Scene()
    for (; scene.ms < TOKEN_KNOWN_MS; scene.ms += 100) assert.equal((await scene.find(1))?.id, 1)
    assert.equal(scene.asked, 1)
    assert.equal((await scene.find(2))?.id, 2)
    assert.equal((await scene.find(1))?.id, 1)
    assert.equal(scene.asked, 3)
  })

  test('one that was revoked elsewhere is none after that time, and use does not lengthen it', async () => {
    const scene = new Scene()
    await scene.find(1)
    scene.isRevoked = true
    scene.ms = TOKEN_KNOWN_MS - 1
    assert.equal((await scene.find(1))?.id, 1)
    scene.ms = TOKEN_KNOWN_MS
    assert.equal(await scene.find(1), null)
  })

  test('one that is forgotten is looked up at once, and so is one whose look-up was overtaken', async () => {
    const scene = new Scene()
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const slow = scene.known.find(Uint8Array.of(1), async hash => {
      const found = await scene.lookUp(hash)
      await held
      return found
    })
    scene.isRevoked = true
    scene.known.forget()
    letGo()
    await slow
    assert.equal(await scene.find(1), null)
  })

  test('one that is none is asked for each time, and takes no place', async () => {
    const scene = new Scene()
    scene.isRevoked = true
    assert.equal(await scene.find(1), null)
    scene.isRevoked = false
    assert.equal((await scene.find(1))?.id, 1)
  })

  test('they are not more than their number', async () => {
    const scene = new Scene()
    for (let i = 0; i <= TOKENS_KNOWN_MAX; i++) await scene.find(i >> 8, i & 255)
    scene.asked = 0
    await scene.find(TOKENS_KNOWN_MAX >> 8, TOKENS_KNOWN_MAX & 255)
    assert.equal(scene.asked, 0)
    await scene.find(0, 0)
    assert.equal(scene.asked, 1)
  })
})

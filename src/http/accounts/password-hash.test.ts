import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { hashPassword, verifyPassword } from './password-hash.ts'
import { generatePassword, hashOfNew } from './passwords.ts'

describe('hashes of passwords', () => {
  test('open with the password alone, and are never twice the same', async () => {
    const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse')]
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    assert.notEqual(one, two)
    assert(await verifyPassword({ hash: one, password: 'correct horse' }))
    for (const password of ['correct horse ', 'Correct horse', ''])
      assert.equal(await verifyPassword({ hash: one, password }), false)
  })

  test('do not care in which way a keyboard writes a letter', async () => {
    const hash = await hashPassword('Gr\u00fc\u00dfe aus K\u00f6ln')
    assert(await verifyPassword({ hash, password: 'Gru\u0308\u00dfe aus Ko\u0308ln' }))
  })

  test('whatever is in the row in place of a hash opens nothing, and costs nothing', async () => {
    const good = await hashPassword('correct horse')
    const damaged = [
      '',
      'correct horse',
      good.replace('argon2id', 'argon2i'),
      good.replace('m=19456', 'm=9999999'),
      good.replace('t=2', 't=99'),
      good.replace('t=2', 't=0'),
      good.replace('p=1', 'p=0'),
      good.slice(0, -30),
    ]
    for (const hash of damaged) assert.equal(await verifyPassword({ hash, password: 'correct horse' }), false, hash)
    await fc.assert(
      fc.asyncProperty(fc.string(), async hash => {
        assert.equal(await verifyPassword({ hash, password: 'x' }), false)
      }),
    )
  })

  test('carry their settings: the same bytes under others are another hash', async () => {
    const hash = await hashPassword('correct horse')
    const other = hash.replace('m=19456,t=2', 'm=64,t=3')
    assert.equal(await verifyPassword({ hash: other, password: 'correct horse' }), false)
  })
})

describe('new passwords', () => {
  test('have ten characters at least, and 128 at most', async () => {
    for (const password of ['', 'ninechars', 'x'.repeat(129)])
      await assert.rejects(hashOfNew(password), { code: 'PASSWORD_REFUSED' })
    for (const password of ['ten chars!', 'x'.repeat(128)]) assert((await hashOfNew(password)).length > 0)
  })

  test('that are made have eighteen characters of which none is taken for another', () => {
    const made = new Set(Array.from({ length: 500 }, generatePassword))
    assert.equal(made.size, 500)
    for (const password of made) assert.match(password, /^[a-km-zA-HJ-NP-Z2-9]{18}$/)
  })
})

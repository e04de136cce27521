import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { bytesOf, fromHex, toHex, vectors } from '../../../test/vectors/vectors.ts'
import { encodeU32 } from './integers.ts'
import { decodeText } from './text.ts'
import {
  decodeUserBlock,
  decodeUserRecord,
  encodeUserRecord,
  newUserRecord,
  type UserLayout,
  type UserRecord,
} from './user-record.ts'

interface UserValues {
  readonly uid: number
  readonly privilege: number
  readonly password: string
  readonly name: string
  readonly userId: string
  readonly card?: number
  readonly cardBytes?: string
  readonly group: number
}
interface UsersValues {
  readonly layout?: UserLayout
  readonly at: number
  readonly users?: readonly UserValues[]
  readonly count?: number
  readonly first?: UserValues
  readonly last?: UserValues
}

function block(users: readonly UserRecord[]): Uint8Array {
  const records = Buffer.concat(users.map(encodeUserRecord))
  return new Uint8Array(Buffer.concat([encodeU32(records.length), records]))
}

function assertUser(user: UserRecord, expected: UserValues): void {
  const { uid, privilege, name, userId, group } = user
  const { password, card, cardBytes, ...rest } = expected
  assert.deepEqual({ uid, privilege, name, userId, group }, rest)
  assert.equal(decodeText(user.password), password)
  if (card !== undefined) assert.equal(user.card, card)
  if (cardBytes) assert.equal(user.card, Buffer.from(cardBytes, 'hex').readUInt32LE())
}

describe('vectors', () => {
  for (const { id, bytes, values } of vectors('users')) {
    const { layout, at, users, count, first, last } = (values ?? {}) as UsersValues
    if (!layout) continue
    const wire = fromHex(bytes as string)
    test(`${id}: ${users?.length ?? count} users of ${layout} bytes`, () => {
      users?.forEach((expected, index) => {
        const record = wire.subarray(at + index * layout, at + (index + 1) * layout)
        assertUser(decodeUserRecord(record, layout), expected)
        assert.equal(toHex(encodeUserRecord(decodeUserRecord(record, layout))), toHex(record))
      })
      if (count && first && last) {
        const all = decodeUserBlock(wire, { userCount: count })
        assert.equal(all.length, count)
        assertUser(all[0] as UserRecord, first)
        assertUser(all.at(-1) as UserRecord, last)
        assert.deepEqual(block(all), wire)
      }
    })
  }
})

describe('a list of users', () => {
  const seventy = bytesOf('usr-buf-assembled')
  for (const userCount of [70, null, 0, 69]) {
    test(`70 users are found with a count of ${userCount}`, () => {
      assert.equal(decodeUserBlock(seventy, { userCount }).length, 70)
    })
  }

  const some = (layout: UserLayout, count: number) =>
    Array.from({ length: count }, (_, index) =>
      newUserRecord({ layout, uid: index + 1, userId: String(1000 + index), name: `N${index}`, card: index * 77 }),
    )

  for (const [layout, count] of [
    [28, 18],
    [72, 7],
    [28, 36],
    [72, 14],
  ] as const) {
    test(`${count} users of ${layout} bytes, which both sizes divide, are told apart without a count`, () => {
      const users = some(layout, count)
      assert.deepEqual(
        decodeUserBlock(block(users), { userCount: null }).map(user => user.userId),
        users.map(user => user.userId),
      )
    })
  }

  test('nobody', () => {
    assert.deepEqual(decodeUserBlock(new Uint8Array(0), { userCount: 0 }), [])
    assert.deepEqual(decodeUserBlock(encodeU32(0), { userCount: null }), [])
  })

  const wrong: ReadonlyArray<readonly [string, string]> = [
    ['three bytes', '000000'],
    ['fewer bytes than announced', '4800000000'],
    ['more bytes than announced', '0000000000'],
    ['a length that neither size divides', `1e000000${'00'.repeat(30)}`],
  ]
  for (const [name, hex] of wrong) {
    test(`${name}: refused`, () => {
      assert.throws(() => decodeUserBlock(fromHex(hex), { userCount: null }), { code: 'REPLY_DATA' })
    })
  }
})

describe('a user', () => {
  for (const layout of [28, 72] as const) {
    test(`decode, then encode, is identity for any ${layout} bytes`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: layout, maxLength: layout }), bytes => {
          assert.deepEqual(encodeUserRecord(decodeUserRecord(bytes, layout)), bytes)
        }),
      )
    })

    test(`what is written to ${layout} bytes is read back`, () => {
      const user = newUserRecord({
        layout,
        uid: 65_534,
        userId: '4294967295',
        name: 'Zoë',
        privilege: 14,
        password: '12345',
        card: 0xffff_ffff,
        group: 2,
      })
      const { uid, userId, name, privilege, card, group } = decodeUserRecord(encodeUserRecord(user), layout)
      assert.deepEqual([uid, userId, name, privilege, card, group], [65_534, '4294967295', 'Zoë', 14, 0xffff_ffff, 2])
      assert.equal(decodeText(user.password), '12345')
    })

    test(`a user has exactly ${layout} bytes`, () => {
      assert.throws(() => decodeUserRecord(new Uint8Array(layout - 1), layout), { code: 'RECORD_LENGTH' })
      assert.throws(() => decodeUserRecord(new Uint8Array(layout + 1), layout), { code: 'RECORD_LENGTH' })
    })
  }

  test('a changed name loses the leftovers of the old one, and nothing else', () => {
    const user = decodeUserRecord(bytesOf('usr-entry-ned'), 72)
    const renamed = decodeUserRecord(encodeUserRecord({ ...user, name: 'Al' }), 72)
    assert.equal(renamed.name, 'Al')
    assert.deepEqual(renamed.password, user.password)
    assert.equal(toHex(renamed.raw.subarray(13, 35)), '00'.repeat(22))
  })

  const tooLong: ReadonlyArray<readonly [string, Partial<Parameters<typeof newUserRecord>[0]>]> = [
    ['a name of nine bytes', { name: 'Bartolome' }],
    ['a password of six', { password: '123456' }],
    ['an id with letters', { userId: 'A1' }],
    ['an id with a leading zero', { userId: '007' }],
    ['an id above 32 bits', { userId: '4294967296' }],
    ['a uid above 16 bits', { uid: 65_536 }],
    ['a negative group', { group: -1 }],
  ]
  for (const [name, fields] of tooLong) {
    test(`${name} has no form in 28 bytes`, () => {
      assert.throws(() => newUserRecord({ layout: 28, uid: 1, userId: '1', name: '', ...fields }), {
        code: 'FIELD_TOO_LONG',
      })
    })
  }
})

import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { decodeText, encodeTextField, userIdFault } from './text.ts'

describe('text', () => {
  test('ends at the first NUL, or with the field', () => {
    assert.equal(decodeText(Buffer.from('Ana\0leftover')), 'Ana')
    assert.equal(decodeText(Buffer.from('Bartolom')), 'Bartolom')
    assert.equal(decodeText(Buffer.from('\0leftover')), '')
  })

  test('is UTF-8 where it is valid', () => assert.equal(decodeText(Buffer.from('Zoë 李\0')), 'Zoë 李'))

  test('is one character a byte where it is not, so that nothing is lost', () => {
    const gbk = Uint8Array.of(0xd5, 0xc5, 0xce, 0xb0, 0)
    assert.deepEqual(Buffer.from(decodeText(gbk), 'latin1'), Buffer.from(gbk.subarray(0, 4)))
    assert.equal(decodeText(Uint8Array.of(0x80, 0x9f)), '\u0080\u009f')
  })

  test('a character cut in half by its field is not guessed', () => {
    assert.equal(decodeText(Buffer.from('Zoë').subarray(0, 3)), 'ZoÃ')
  })

  test('encode, then decode, is identity', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter(each => !each.includes('\0'))
    fc.assert(
      fc.property(text, each => {
        assert.equal(decodeText(encodeTextField({ name: 'name', text: each, widthBytes: 300 })), each)
      }),
    )
  })

  test('what does not fit is refused, not cut', () => {
    assert.equal(encodeTextField({ name: 'name', text: 'ë'.repeat(4), widthBytes: 8 }).length, 8)
    assert.throws(() => encodeTextField({ name: 'name', text: 'ë'.repeat(5), widthBytes: 8 }), {
      code: 'FIELD_TOO_LONG',
      message: /name .* 8 bytes .* 10/,
    })
    assert.throws(() => encodeTextField({ name: 'name', text: 'a\0b', widthBytes: 8 }), { code: 'FIELD_TOO_LONG' })
  })
})

describe('user ids', () => {
  const ids: ReadonlyArray<readonly [string, string | null]> = [
    ['1', null],
    ['000042\0\0', null],
    ['EMP-0300', null],
    ['NB 24', null],
    ['张伟', null],
    ['7\0\u0001\u0002', null],
    ['', 'EMPTY_USER_ID'],
    ['\0leftover', 'EMPTY_USER_ID'],
    ['   \0', 'EMPTY_USER_ID'],
    ['12\u0003', 'UNREADABLE_USER_ID'],
    ['12\u007f', 'UNREADABLE_USER_ID'],
  ]
  for (const [text, fault] of ids) {
    test(`${JSON.stringify(text)}: ${fault ?? 'fine'}`, () => assert.equal(userIdFault(Buffer.from(text)), fault))
  }

  test('bytes that are no UTF-8 are unreadable', () => {
    assert.equal(userIdFault(Uint8Array.of(0x31, 0xff)), 'UNREADABLE_USER_ID')
  })
})

import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex, vectors } from '../../../test/vectors/vectors.ts'
import { decodeOption, decodeOptionRequest, encodeOption, encodeOptionRequest } from './options.ts'

/** Text without a NUL, and, for keys, without "=". */
const value = fc.string({ unit: 'binary' }).map(text => text.replaceAll('\0', ''))
const key = value.map(text => text.replaceAll('=', ''))

describe('options', () => {
  const known = vectors().filter(each => (each.values as { option?: unknown } | undefined)?.option)
  for (const { id, bytes, values } of known) {
    const { option } = values as { option: { key: string; text: string } }
    test(`${id}: ${option.key}=${option.text}`, () => {
      const data = fromHex(bytes as string).subarray(16)
      const decoded = decodeOption(data)
      assert.deepEqual({ key: decoded.key, text: decoded.text }, option)
      const encoded = new Uint8Array(encodeOption({ key: decoded.key, value: decoded.value }))
      // One capture lacks the NUL, which is always written.
      assert.deepEqual(encoded.subarray(0, data.length), data)
      assert.equal(encoded.at(-1), 0)
    })
  }

  test('a request is the key and a NUL, and is read with and without it', () => {
    const request = vectors('options').find(each => each.id === 'opt-plat-req')
    const data = fromHex(request?.bytes as string).subarray(16)
    assert.deepEqual(new Uint8Array(encodeOptionRequest('~Platform')), data)
    assert.equal(decodeOptionRequest(data), '~Platform')
    assert.equal(decodeOptionRequest(data.subarray(0, -1)), '~Platform')
  })

  test('encode, then decode, is identity', () => {
    fc.assert(
      fc.property(key, value, (name, text) => {
        const { key: back, text: backText } = decodeOption(encodeOption({ key: name, value: text }))
        assert.deepEqual([back, backText], [Buffer.from(name).toString(), Buffer.from(text).toString()])
      }),
    )
  })

  test('a value may hold "=", and ends at the first NUL', () => {
    const { key: name, text } = decodeOption(Buffer.from('Path=a=b\0leftover=1'))
    assert.deepEqual([name, text], ['Path', 'a=b'])
  })

  test('an empty value is a value', () => assert.equal(decodeOption(Buffer.from('~DeviceName=\0')).text, ''))

  for (const text of ['', '\0', 'no equals sign', '\0a=b']) {
    test(`${JSON.stringify(text)} is no option`, () => {
      assert.throws(() => decodeOption(Buffer.from(text)), { code: 'REPLY_DATA' })
    })
  }
})

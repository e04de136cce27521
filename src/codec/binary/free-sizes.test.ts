import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex, vector, vectors } from '../../../test/vectors/vectors.ts'
import { decodeFreeSizes, encodeFreeSizes, type FreeSizes, newFreeSizes } from './free-sizes.ts'

describe('sizes', () => {
  const known = vectors('sizes').filter(
    each => each.bytes && !each.wrong && (each.values as { sizes?: unknown } | undefined)?.sizes,
  )
  for (const { id, bytes, header, values } of known) {
    test(id, () => {
      const data = fromHex(bytes as string).subarray(header ? 16 : 0)
      const sizes = decodeFreeSizes(data)
      const expected = (values as { sizes: Partial<FreeSizes> }).sizes
      for (const [name, count] of Object.entries(expected)) assert.equal(sizes[name as keyof FreeSizes], count, name)
      assert.deepEqual(encodeFreeSizes(sizes), data)
    })
  }

  test('80 bytes say nothing of faces', () => {
    const { faces, faceCapacity } = decodeFreeSizes(fromHex(vector('siz-80-k20').bytes as string).subarray(16))
    assert.deepEqual({ faces, faceCapacity }, { faces: null, faceCapacity: null })
  })

  test('the words of an access-control device: no attendance records', () => {
    const { words } = vector('siz-h5l-words').values as { words: number[] }
    const { users, attendanceRecords, attendanceCapacity } = decodeFreeSizes(encodeFreeSizes({ words }))
    assert.deepEqual([users, attendanceRecords, attendanceCapacity], [567, 0, 200_000])
  })

  test('four bytes are one word without a meaning of its own', () => {
    const sizes = decodeFreeSizes(fromHex(vector('siz-d2-payload').bytes as string))
    assert.deepEqual(sizes.words, [0])
    assert.equal(sizes.attendanceRecords, null)
  })

  test('a negative count is no count', () => {
    const words = newFreeSizes({ attendanceRecords: 5 }, 80).words.with(8, 0xffff_ffff)
    assert.equal(decodeFreeSizes(encodeFreeSizes({ words })).attendanceRecords, null)
  })

  test('decode, then encode, is identity for every length that decodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 80, maxLength: 200 }), data => {
        assert.deepEqual(encodeFreeSizes(decodeFreeSizes(data)), data)
      }),
    )
  })

  for (const length of [0, 1, 3, 5, 8, 79, 5000]) {
    test(`${length} bytes are no sizes`, () => {
      assert.throws(() => decodeFreeSizes(new Uint8Array(length)), { code: 'REPLY_DATA' })
    })
  }

  for (const length of [80, 92, 112] as const) {
    test(`a device that answers with ${length} bytes`, () => {
      const sizes = newFreeSizes({ users: 3, attendanceRecords: 7, faces: 2 }, length)
      assert.equal(encodeFreeSizes(sizes).length, length)
      assert.deepEqual([sizes.users, sizes.attendanceRecords, sizes.faces], [3, 7, length === 80 ? null : 2])
    })
  }
})

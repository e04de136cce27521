import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { partsOf } from './parts.ts'

test('parts hold everything in its order, and none is empty or too large', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(100)),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 200 }),
      (all, rows, bytes) => {
        const parts = [...partsOf(all, { rows, bytes, sizeOf: size => size })]
        assert.deepEqual(parts.flat(), all)
        for (const part of parts) {
          assert(part.length > 0 && part.length <= rows)
          assert(part.length === 1 || part.reduce((sum, size) => sum + size, 0) <= bytes)
        }
      },
    ),
  )
})

test('without a limit of bytes, all parts but the last are full', () => {
  assert.deepEqual([...partsOf([1, 2, 3, 4, 5], { rows: 2 })], [[1, 2], [3, 4], [5]])
  assert.deepEqual([...partsOf([], { rows: 2 })], [])
})

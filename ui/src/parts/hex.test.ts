import assert from 'node:assert/strict'
import { test } from 'vitest'
import { hexGroups } from './hex.ts'

for (const [hex, shown] of [
  ['', ''],
  ['0a', '0a'],
  ['0102030405060708', '01020304 05060708'],
  ['010203040506', '01020304 0506'],
] as const)
  test(`hex in groups: ${hex === '' ? 'none' : hex}`, () => {
    assert.equal(hexGroups(hex), shown)
  })

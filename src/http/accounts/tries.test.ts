import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { addressCounted } from './tries.ts'

describe('the address that tries are counted for', () => {
  for (const [ip, counted] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0DB8:0001::9', '2001:db8:1:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['no address', 'no address'],
  ] as const)
    test(`${ip}: ${counted}`, () => {
      assert.equal(addressCounted(ip), counted)
    })
})

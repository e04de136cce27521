import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex, vector, vectors } from '../../../test/vectors/vectors.ts'
import { checksumHolds, packetChecksum } from './checksum.ts'

/** The rule as the notes word it, slow and plain. */
function plainChecksum(payload: Uint8Array): number {
  let sum = 0
  payload.forEach((byte, at) => {
    if (at !== 2 && at !== 3) sum += at % 2 === 0 ? byte : byte * 256
    if (sum > 0xffff) sum -= 0xffff
  })
  return 0xffff - sum
}

describe('checksum', () => {
  for (const { id, bytes, transport } of vectors('checksum').filter(each => each.bytes)) {
    test(`${id}: holds, and is what stands there`, () => {
      const payload = fromHex(bytes as string).subarray(transport === 'tcp' ? 8 : 0)
      assert(checksumHolds(payload))
      assert.equal(packetChecksum(payload), (payload[2] as number) | ((payload[3] as number) << 8))
    })
  }

  test('is the plain sum, for any bytes, whatever stands in the field', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), payload => {
        assert.equal(packetChecksum(payload), plainChecksum(payload))
      }),
    )
  })

  for (const length of [65_535, 65_536, 65_537, 65_540, 131_075, 16 * 1024 * 1024]) {
    test(`${length} bytes of 0xff neither overflow nor lose a carry`, () => {
      const payload = new Uint8Array(length).fill(0xff)
      payload.set([0xdd, 0x05, 0, 0])
      assert.equal(packetChecksum(payload), plainChecksum(payload))
    })
  }

  test('clients that keep the previous reply id and subtract one more put the same checksum on the wire', () => {
    for (const { id, values } of vectors('checksum').filter(each => each.id.startsWith('ck-js-'))) {
      const { payloadWithPreviousReplyId, checksumOnTheWire } = values as Record<string, string>
      const payload = fromHex(payloadWithPreviousReplyId as string)
      const previous = (payload[6] as number) | ((payload[7] as number) << 8)
      const next = (previous + 1) % 65_535
      payload.set([next & 0xff, next >> 8], 6)
      assert.equal(packetChecksum(payload), Number(checksumOnTheWire), id)
    }
  })

  test('zero is a checksum like any other', () => {
    assert.equal(packetChecksum(fromHex(vector('ck-zero').bytes as string)), 0)
  })
})

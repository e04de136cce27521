import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex, toHex, type Vector, vector, vectors } from '../../../test/vectors/vectors.ts'
import {
  decodeBufferReady,
  decodePrepareBuffer,
  decodePrepareData,
  decodeReadBuffer,
  encodeBufferReady,
  encodePrepareBuffer,
  encodePrepareData,
  encodeReadBuffer,
} from './bulk.ts'

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })

interface BulkValues {
  readonly prepared?: { size: number; packetBytes: number }
  readonly buffered?: { size: number; hash: number }
  readonly bufferRequest?: { command: number; argument1: number; argument2: number }
}

function dataOf({ bytes, transport }: Vector): Uint8Array {
  return fromHex(bytes as string).subarray(transport === 'tcp' ? 16 : 8)
}

describe('vectors', () => {
  for (const each of vectors().filter(({ bytes, values }) => bytes && values)) {
    const { prepared, buffered, bufferRequest } = each.values as BulkValues
    if (prepared) {
      test(`${each.id}: ${prepared.size} bytes are announced`, () => {
        assert.deepEqual(decodePrepareData(dataOf(each)), prepared)
        assert.deepEqual(encodePrepareData(prepared), dataOf(each))
      })
    }
    if (buffered) {
      test(`${each.id}: ${buffered.size} bytes are buffered`, () => {
        assert.deepEqual(decodeBufferReady(dataOf(each)), buffered)
        assert.deepEqual(encodeBufferReady(buffered), dataOf(each))
      })
    }
    if (bufferRequest) {
      test(`${each.id}: command ${bufferRequest.command} is asked for`, () => {
        assert.deepEqual(decodePrepareBuffer(dataOf(each)), bufferRequest)
        assert.deepEqual(encodePrepareBuffer(bufferRequest), dataOf(each))
      })
    }
  }

  test('the request for the attendance log, and for users', () => {
    assert.equal(toHex(encodePrepareBuffer({ command: 13 })), '010d000000000000000000')
    assert.deepEqual(encodePrepareBuffer({ command: 13 }), dataOf(vector('syn-buf-req')))
    assert.deepEqual(encodePrepareBuffer({ command: 9, argument1: 5 }), dataOf(vector('usr-req-45cf')))
  })

  test('the request for a slice', () => {
    assert.deepEqual(decodeReadBuffer(dataOf(vector('syn-tail-req'))), { offset: 2204, length: 200 })
  })
})

test('encode, then decode, is identity', () => {
  fc.assert(
    fc.property(u32, u32, fc.integer({ min: 0, max: 0xffff }), (a, b, command) => {
      assert.deepEqual(decodeReadBuffer(encodeReadBuffer({ offset: a, length: b })), { offset: a, length: b })
      assert.deepEqual(decodePrepareData(encodePrepareData({ size: a, packetBytes: b })), { size: a, packetBytes: b })
      assert.deepEqual(decodeBufferReady(encodeBufferReady({ size: a, hash: b })), { size: a, hash: b })
      const request = { command, argument1: a, argument2: b }
      assert.deepEqual(decodePrepareBuffer(encodePrepareBuffer(request)), request)
    }),
  )
})

test('an announcement may lack the packet size, and a buffered size its hash', () => {
  assert.deepEqual(decodePrepareData(fromHex('94010000')), { size: 404, packetBytes: null })
  assert.deepEqual(decodeBufferReady(fromHex('0094010000')), { size: 404, hash: 0 })
})

const tooShort: ReadonlyArray<readonly [string, (data: Uint8Array) => unknown, number]> = [
  ['announcement', decodePrepareData, 3],
  ['buffered size', decodeBufferReady, 4],
  ['slice', decodeReadBuffer, 7],
  ['buffer request', decodePrepareBuffer, 10],
]
for (const [name, decode, length] of tooShort) {
  test(`${length} bytes are no ${name}`, () => {
    assert.throws(() => decode(new Uint8Array(length)), { code: 'REPLY_DATA' })
  })
}

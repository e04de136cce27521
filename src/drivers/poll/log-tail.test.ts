import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { continuityOf, firstIndexOf, goesOnFrom, tailOf } from './log-tail.ts'

const SIZE = 8

/** Records that differ from each other. */
function recordsFrom(first: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * SIZE)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) view.setUint32(i * SIZE, first + i + 1, true)
  return bytes
}

const tailFor = (records: Uint8Array) => {
  const tail = tailOf(records, { recordCount: records.length / SIZE, layout: '8A', recordBytes: SIZE })
  assert(tail)
  return tail
}

test('a log that grew goes on from its known end, wherever it was cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 60 }), (known, added) => {
      const tail = tailFor(recordsFrom(0, known))
      const now = recordsFrom(0, known + added)
      const from = firstIndexOf(tail, SIZE)
      assert.equal(from, Math.max(0, known - 20))
      assert(goesOnFrom(now.subarray(from * SIZE), tail))
      assert.equal(continuityOf(now, tail, SIZE), 'intact')
      // Another log of the same length, and this log read one record off, do not.
      assert(!goesOnFrom(recordsFrom(1_000, known + added).subarray(from * SIZE), tail))
      assert(!goesOnFrom(now.subarray((from + 1) * SIZE), tail))
    }),
  )
})

test('a log whose oldest records went has moved, as long as its last known record is there', () => {
  const tail = tailFor(recordsFrom(0, 50))
  assert.equal(continuityOf(recordsFrom(10, 60), tail, SIZE), 'moved')
  assert.equal(continuityOf(recordsFrom(45, 30), tail, SIZE), 'moved')
  assert.equal(continuityOf(recordsFrom(49, 30), tail, SIZE), 'moved')
  assert.equal(continuityOf(recordsFrom(50, 30), tail, SIZE), 'lost')
})

test('a log that was cleared has lost its end, also where as many records came again', () => {
  const tail = tailFor(recordsFrom(0, 50))
  assert.equal(continuityOf(recordsFrom(500, 50), tail, SIZE), 'lost')
  assert.equal(continuityOf(recordsFrom(500, 2), tail, SIZE), 'lost')
  assert.equal(continuityOf(new Uint8Array(0), tail, SIZE), 'lost')
  assert.equal(continuityOf(recordsFrom(0, 5), null, SIZE), null)
})

test('an end of records of another size is lost', () => {
  const tail = { recordCount: 3, layout: '40', records: new Uint8Array(44) }
  assert.equal(continuityOf(recordsFrom(0, 50), tail, SIZE), 'lost')
})

test('an empty log has no end', () => {
  assert.equal(tailOf(new Uint8Array(0), { recordCount: 0, layout: '8A', recordBytes: SIZE }), null)
})

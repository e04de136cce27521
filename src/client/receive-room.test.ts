import assert from 'node:assert/strict'
import { test } from 'vitest'
import { ReceiveRoom } from './receive-room.ts'

const SMALL = 4 * 1024
const LARGE = 128 * 1024

test('a connection that receives little keeps little room, and always the same', () => {
  const room = new ReceiveRoom()
  const first = room.bytes
  for (const length of [16, 44, SMALL - 1]) room.filled(length)
  assert.equal(room.bytes, first)
  assert.equal(first.length, SMALL)
})

test('a piece that fills the room makes it large', () => {
  const room = new ReceiveRoom()
  room.filled(SMALL)
  assert.equal(room.bytes.length, LARGE)
})

test('a room that is large stays so through the small pieces within a log', () => {
  const room = new ReceiveRoom()
  room.filled(SMALL)
  const large = room.bytes
  for (let slice = 0; slice < 5; slice++) for (const length of [16, 16, 65_488]) room.filled(length)
  assert.equal(room.bytes, large)
})

test('a room that is large becomes small again after the log', () => {
  const room = new ReceiveRoom()
  room.filled(SMALL)
  for (let piece = 0; piece < 4; piece++) room.filled(16)
  assert.equal(room.bytes.length, SMALL)
  room.filled(SMALL)
  assert.equal(room.bytes.length, LARGE)
})

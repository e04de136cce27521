import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { Command, commandName, Reply } from './commands.ts'
import { decodePacket, encodePacket } from './packet.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const anyPacket = fc.record(
  { command: u16, sessionId: u16, replyId: u16, data: fc.uint8Array({ maxLength: 300 }) },
  { noNullPrototype: true },
)

describe('packet', () => {
  test('encode, then decode, is identity', () => {
    fc.assert(
      fc.property(anyPacket, packet => {
        fc.pre(packet.command !== 0)
        assert.deepEqual(decodePacket(encodePacket(packet)), packet)
      }),
    )
  })

  test('one changed byte is noticed', () => {
    fc.assert(
      fc.property(anyPacket, fc.nat(), fc.integer({ min: 1, max: 255 }), (packet, place, change) => {
        const payload = encodePacket(packet)
        const at = place % payload.length
        payload[at] = (payload[at] as number) ^ change
        assert.throws(() => decodePacket(payload), { code: 'PACKET_CHECKSUM' })
      }),
    )
  })

  test('fewer than eight bytes are no packet', () => {
    for (let length = 0; length < 8; length++) {
      assert.throws(() => decodePacket(new Uint8Array(length)), { code: 'PACKET_LENGTH' })
    }
  })

  test('data are a view, not a copy', () => {
    const payload = encodePacket({ command: 1501, sessionId: 0, replyId: 1, data: Uint8Array.of(1, 2, 3) })
    assert.equal(decodePacket(payload).data.buffer, payload.buffer)
  })
})

test('every command and reply has a name, and others say their number', () => {
  for (const code of [...Object.values(Command), ...Object.values(Reply)]) assert.match(commandName(code), /^CMD_/)
  assert.equal(commandName(1000), 'CMD_CONNECT')
  assert.equal(commandName(2000), 'CMD_ACK_OK')
  assert.equal(commandName(12345), 'command 12345')
})

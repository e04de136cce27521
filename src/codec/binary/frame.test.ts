import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex } from '../../../test/vectors/vectors.ts'
import type { CodecError } from '../../base/errors.ts'
import { encodeFrame, FRAME_PREFIX_BYTES, MAX_PAYLOAD_BYTES, PacketReader } from './frame.ts'
import type { Packet } from './packet.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const packets = fc.array(
  fc.record(
    {
      command: fc.integer({ min: 1, max: 0xffff }),
      sessionId: u16,
      replyId: u16,
      data: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 900, maxLength: 3000 })),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 6 },
)
const cuts = fc.array(fc.nat(), { maxLength: 30 })

const OK: Packet = { command: 2000, sessionId: 7, replyId: 1, data: new Uint8Array(0) }

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function splitAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map(place => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
}

/** Everything a stream gives, until it faults. */
function readAll(reader: PacketReader, chunks: readonly Uint8Array[]): { packets: Packet[]; code: string | null } {
  const got: Packet[] = []
  try {
    for (const chunk of chunks)
      got.push(...reader.push(chunk).map(packet => ({ ...packet, data: packet.data.slice() })))
    reader.end()
    return { packets: got, code: null }
  } catch (error) {
    return { packets: got, code: (error as CodecError).code }
  }
}

describe('any cut of a stream gives the same packets', () => {
  test('of whole packets', () => {
    fc.assert(
      fc.property(packets, cuts, (sent, places) => {
        const stream = join(sent.map(encodeFrame))
        assert.deepEqual(readAll(new PacketReader(), splitAt(stream, places)), { packets: sent, code: null })
      }),
    )
  })

  test('of packets and then any bytes at all', () => {
    fc.assert(
      fc.property(packets, fc.uint8Array({ maxLength: 60 }), cuts, (sent, noise, places) => {
        const stream = join([...sent.map(encodeFrame), noise])
        const whole = readAll(new PacketReader(), [stream])
        assert.deepEqual(readAll(new PacketReader(), splitAt(stream, places)), whole)
        assert.deepEqual(whole.packets.slice(0, sent.length), sent)
      }),
    )
  })

  test('byte by byte, of a packet larger than what is first made room for', () => {
    const data = new Uint8Array(300_000).map((_, at) => at * 7)
    const sent = [OK, { ...OK, command: 1501, data }, OK]
    const stream = join(sent.map(encodeFrame))
    const chunks = Array.from(stream, (_, at) => stream.subarray(at, at + 1))
    assert.deepEqual(readAll(new PacketReader(), chunks), { packets: sent, code: null })
  })
})

describe('the room for packets that come in pieces', () => {
  const frame = encodeFrame({ ...OK, data: new Uint8Array(1_000) })
  const readSplit = (reader: PacketReader) => {
    reader.push(frame.subarray(0, 500))
    return reader.push(frame.subarray(500))[0]?.data.buffer
  }

  test('is used again for the next one', () => {
    const reader = new PacketReader()
    const first = readSplit(reader)
    assert.ok(first)
    assert.equal(readSplit(reader), first)
  })

  test('is let go of once small packets alone come', () => {
    const reader = new PacketReader()
    const first = readSplit(reader)
    for (let i = 0; i < 10; i++) reader.push(encodeFrame(OK))
    assert.notEqual(readSplit(reader), first)
  })
})

describe('faults', () => {
  const wrong: ReadonlyArray<readonly [string, string, string]> = [
    ['a web page', '485454502f312e31', 'PACKET_MAGIC'],
    ['the encrypted link', '5050837c10000000', 'PACKET_ENCRYPTED'],
    ['a length of 7', '5050827d07000000', 'PACKET_LENGTH'],
    ['a length of 0', '5050827d00000000', 'PACKET_LENGTH'],
    ['a length just above the limit', '5050827d01000001', 'PACKET_LENGTH'],
    ['a length of 4 GiB', '5050827dffffffff', 'PACKET_LENGTH'],
  ]
  for (const [name, hex, code] of wrong) {
    test(`${name}: ${code}, at once and from then on`, () => {
      const reader = new PacketReader()
      assert.throws(() => reader.push(fromHex(hex)), { code })
      assert.throws(() => reader.push(encodeFrame(OK)), { code })
      assert.throws(() => reader.end(), { code })
      assert.equal(reader.heldBytes, 0)
    })

    test(`${name}: packets before it in the same read are not lost`, () => {
      const reader = new PacketReader()
      assert.deepEqual(reader.push(join([encodeFrame(OK), fromHex(hex)])), [OK])
      assert.equal(reader.fault?.code, code)
      assert.throws(() => reader.push(new Uint8Array(0)), { code })
    })
  }

  test('a wrong magic is told before a length is waited for', () => {
    assert.throws(() => new PacketReader().push(fromHex('00000000')), { code: 'PACKET_MAGIC' })
  })

  test('a stream may end between packets, and nowhere else', () => {
    const frame = encodeFrame(OK)
    for (let end = 0; end <= frame.length; end++) {
      const reader = new PacketReader()
      reader.push(frame.subarray(0, end))
      if (end === 0 || end === frame.length) assert.doesNotThrow(() => reader.end())
      else assert.throws(() => reader.end(), { code: 'PACKET_LENGTH' })
    }
  })

  test('a wrong checksum costs its packet and no other', () => {
    const bad = encodeFrame({ ...OK, data: Uint8Array.of(1, 2) })
    bad[bad.length - 1] = 3
    const reader = new PacketReader()
    assert.deepEqual(reader.push(join([encodeFrame(OK), bad, encodeFrame(OK)])), [OK, OK])
    assert.equal(reader.badChecksums, 1)
  })
})

describe('memory', () => {
  test('an announcement alone costs little, and a packet never more than its announced size', () => {
    const reader = new PacketReader()
    const prefix = fromHex('5050827d00000001')
    reader.push(prefix)
    assert(reader.heldBytes <= 256 * 1024, `${reader.heldBytes} bytes held for 8`)
    const chunk = new Uint8Array(1024 * 1024)
    for (let sent = 0; sent < 15; sent++) reader.push(chunk)
    assert(reader.heldBytes <= MAX_PAYLOAD_BYTES + FRAME_PREFIX_BYTES)
  })

  test('whatever comes, what is held keeps to the limit', () => {
    const limit = 500
    const frames = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 600 }),
        fc.uint8Array({ maxLength: 700 }).map(data => encodeFrame({ ...OK, data })),
      ),
    )
    fc.assert(
      fc.property(frames, cuts, (parts, places) => {
        const reader = new PacketReader({ maxPayloadBytes: limit })
        try {
          for (const chunk of splitAt(join(parts), places)) {
            reader.push(chunk)
            assert(reader.heldBytes <= limit + FRAME_PREFIX_BYTES)
          }
        } catch (error) {
          assert.match((error as CodecError).code, /^PACKET_/)
        }
      }),
    )
  })

  test('a packet that lies in one read is a view on it', () => {
    const chunk = encodeFrame({ ...OK, data: Uint8Array.of(1, 2, 3) })
    assert.equal(new PacketReader().push(chunk)[0]?.data.buffer, chunk.buffer)
  })
})

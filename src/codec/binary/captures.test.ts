import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { exchange, exchanges, fromHex, toHex, type Vector, vector, vectors } from '../../../test/vectors/vectors.ts'
import type { CodecError } from '../../base/errors.ts'
import { encodeFrame, PacketReader } from './frame.ts'
import { decodePacket, encodePacket, type Packet } from './packet.ts'

/** Bytes that somebody edited so that they no longer verify, and how that shows. */
const BROKEN: Readonly<Record<string, { wrong: readonly string[]; reason: string }>> = {
  'att-js-prep': { wrong: ['checksum'], reason: 'the announced size was edited' },
  'rt-att12-altered': { wrong: ['length'], reason: 'the length of the frame was overwritten' },
  'rt-att32-altered': { wrong: ['length', 'checksum'], reason: 'data of one event behind the header of another' },
  'rt-glued-altered': { wrong: ['length', 'checksum'], reason: 'header of one packet in front of another' },
  'siz-92-trunc': { wrong: ['length'], reason: 'six bytes were lost at the end' },
}

const packets = vectors().filter(each => each.header && each.bytes)
const whole = packets.filter(each => !BROKEN[each.id] && each.kind !== 'fragment')

function readOne(bytes: Uint8Array): Packet {
  const reader = new PacketReader()
  const read = reader.push(bytes)
  reader.end()
  assert.equal(read.length, 1)
  return read[0] as Packet
}

describe('every whole packet decodes, and encodes to the same bytes', () => {
  for (const { id, kind, bytes, transport, header } of whole) {
    test(`${id} (${kind})`, () => {
      const wire = fromHex(bytes as string)
      const packet = transport === 'tcp' ? readOne(wire) : decodePacket(wire)
      const { command, sessionId, replyId, data } = packet
      assert.deepEqual({ command, sessionId, replyId, dataBytes: data.length }, header)
      assert.equal(toHex(transport === 'tcp' ? encodeFrame(packet) : encodePacket(packet)), bytes)
    })
  }
})

describe('what publishers altered is refused', () => {
  test('and these are all of them', () => {
    const altered = vectors().filter(each => each.wrong)
    assert.deepEqual(
      altered.map(({ id, wrong }) => [id, wrong]).sort(),
      Object.entries(BROKEN)
        .map(([id, { wrong }]) => [id, wrong])
        .sort(),
    )
  })

  test('att-js-prep: a wrong checksum; it holds for the size that was there before', () => {
    const bytes = fromHex(vector('att-js-prep').bytes as string)
    assert.throws(() => decodePacket(bytes), { code: 'PACKET_CHECKSUM' })
    new DataView(bytes.buffer).setUint32(8, 31_524, true)
    assert.equal(decodePacket(bytes).command, 1500)
  })

  for (const id of ['rt-att12-altered', 'rt-att32-altered', 'siz-92-trunc']) {
    test(`${id}: the stream ends inside the frame`, () => {
      const reader = new PacketReader()
      assert.deepEqual(reader.push(fromHex(vector(id).bytes as string)), [])
      assert.throws(() => reader.end(), { code: 'PACKET_LENGTH' })
    })
  }

  test('rt-glued-altered: a wrong checksum, then no frame', () => {
    const reader = new PacketReader()
    assert.throws(() => reader.push(fromHex(vector('rt-glued-altered').bytes as string)), { code: 'PACKET_MAGIC' })
    assert.equal(reader.badChecksums, 1)
  })
})

describe('streams', () => {
  const streams = vectors().filter((each): each is Vector & Required<Pick<Vector, 'reads' | 'yields'>> => !!each.reads)
  for (const { id, reads, yields, fault } of streams) {
    test(`${id}: ${fault ?? `${yields.length} packets`}`, () => {
      const reader = new PacketReader()
      const got: Packet[] = []
      let code: string | null = null
      try {
        for (const read of reads) got.push(...reader.push(fromHex(read)))
        reader.end()
      } catch (error) {
        code = (error as CodecError).code
      }
      assert.equal(code, fault ?? null)
      assert.deepEqual(
        got.map(packet => toHex(encodeFrame(packet))),
        yields.map(yielded => vector(yielded).bytes),
      )
    })
  }

  test('packets come alike however their bytes were read', () => {
    for (const { bytes, readSizes } of vectors().filter(each => each.readSizes)) {
      const wire = fromHex(bytes as string)
      const reader = new PacketReader()
      const got: Packet[] = []
      let at = 0
      for (const size of readSizes as number[]) {
        got.push(...reader.push(wire.subarray(at, at + size)).map(packet => ({ ...packet, data: packet.data.slice() })))
        at += size
      }
      assert.deepEqual(got, [readOne(wire)])
    }
  })
})

test('every exchange is made of packets, and replayable ones answer what was asked', () => {
  for (const { id, replayable } of exchanges()) {
    const asked = new Set<number>()
    for (const step of exchange(id)) {
      if (!replayable) continue
      const packet = step.transport === 'tcp' ? readOne(step.bytes) : decodePacket(step.bytes)
      const isEvent = packet.command === 500
      if (step.direction === 'client-to-device') asked.add(packet.replyId)
      else assert(isEvent || asked.has(packet.replyId), `${id}: ${step.id} answers nothing that was asked`)
    }
  }
})

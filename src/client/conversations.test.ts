import assert from 'node:assert/strict'
import { test } from 'vitest'
import { type ErrorCode, RollcallError } from '../base/errors.ts'
import { encodeFrame } from '../codec/binary/frame.ts'
import { decodePacket, type Packet } from '../codec/binary/packet.ts'
import type { Conversation, Request } from './conversation.ts'
import { connect, readCounters, readOption } from './conversations.ts'
import { prepareBuffer, readDirectly, readSlice } from './transfers.ts'

/** Runs a conversation over an array: what it sends, and what it ends with. */
function play<Result>(conversation: Conversation<Result>, replies: Packet[]): { sent: Request[]; result: Result } {
  const sent: Request[] = []
  let step = conversation.next()
  const rest = [...replies]
  while (!step.done) {
    if (!('listen' in step.value)) sent.push(step.value)
    const reply = rest.shift()
    assert(reply, 'the conversation wants more than the recording holds')
    step = conversation.next(reply)
  }
  assert.deepEqual(rest, [], 'the conversation ended before the recording')
  return { sent, result: step.value }
}

const fromTcp = (hex: string) => decodePacket(Uint8Array.fromHex(hex.slice(16)))
const fromUdp = (hex: string) => decodePacket(Uint8Array.fromHex(hex))
const reply = (command: number, data: Uint8Array = new Uint8Array(0), sessionId = 1): Packet => ({
  command,
  sessionId,
  replyId: 1,
  data,
})
const u32s = (...words: number[]) => new Uint8Array(new Uint32Array(words).buffer)
const isCode = (code: ErrorCode) => (error: unknown) => error instanceof RollcallError && error.code === code

// Recorded from a device with comm key 45 (test/vectors, exchange ex-auth-ok): 2005 with session 0x45cf, then 2000.
const CAPTURED_UNAUTHORIZED = '5050827d08000000d5075bb2cf450000'
const CAPTURED_ACCEPTED = '5050827d08000000d0075fb2cf450100'

test('a comm key is sent only when the device asks, scrambled with the session that the device gave', () => {
  const { sent } = play(connect({ commKey: 45, tick: 50 }), [
    fromTcp(CAPTURED_UNAUTHORIZED),
    fromTcp(CAPTURED_ACCEPTED),
  ])
  assert.deepEqual(
    sent.map(one => [one.command, one.data?.toHex() ?? '']),
    [
      [1000, ''],
      [1102, '61c9323c'],
    ],
  )
  assert.equal(play(connect({ commKey: 45, tick: 50 }), [reply(2000)]).sent.length, 1)
})

const REFUSALS: Array<{ name: string; replies: Packet[]; code: ErrorCode }> = [
  { name: 'a wrong comm key', replies: [reply(2005), reply(2005)], code: 'COMM_KEY_REFUSED' },
  { name: 'locked authentication', replies: [reply(2005), reply(2032)], code: 'COMM_KEY_LOCKED' },
  { name: 'an encrypted link', replies: [reply(6001)], code: 'ENCRYPTED_LINK' },
  { name: 'a busy device', replies: [reply(2003)], code: 'DEVICE_BUSY' },
  { name: 'a code that nobody knows', replies: [reply(4242)], code: 'UNEXPECTED_REPLY' },
]
for (const { name, replies, code } of REFUSALS) {
  test(`connect to ${name} ends with ${code}`, () => {
    assert.throws(() => play(connect({ commKey: 12, tick: 50 }), replies), isCode(code))
  })
}

test('the message of a refused comm key never holds the comm key', () => {
  assert.throws(
    () => play(connect({ commKey: 918273, tick: 1 }), [reply(2005), reply(2005)]),
    (error: Error) => !error.message.includes('918273'),
  )
})

test('an option that the firmware does not know is null, not an error', () => {
  assert.equal(play(readOption('~DeviceName'), [reply(2001)]).result, null)
  assert.equal(play(readOption('~DeviceName'), [reply(65535)]).result, null)
  assert.equal(play(readOption('x'), [reply(2000, new TextEncoder().encode('x=a=b\0'))]).result, 'a=b')
})

const COUNTERS: Array<{ name: string; replies: Packet[]; records: number | null; asks: string[] }> = [
  {
    name: '80 bytes',
    replies: [reply(2000, u32s(...Array.from({ length: 20 }, (_, i) => i)))],
    records: 8,
    asks: [''],
  },
  {
    name: 'one zero word, and a count when asked for it',
    replies: [reply(2000, u32s(0)), reply(2000, u32s(7))],
    records: 7,
    asks: ['', '08'],
  },
  {
    name: 'one zero word, and zero again',
    replies: [reply(2000, u32s(0)), reply(2000, u32s(0))],
    records: null,
    asks: ['', '08'],
  },
  { name: 'a refusal, twice', replies: [reply(65535), reply(65535)], records: null, asks: ['', '08'] },
  {
    name: 'a form that nobody knows',
    replies: [reply(2000, new Uint8Array(33)), reply(2001)],
    records: null,
    asks: ['', '08'],
  },
]
for (const { name, replies, records, asks } of COUNTERS) {
  test(`the counter of a device that answers ${name}: ${records}`, () => {
    const { sent, result } = play(readCounters(), replies)
    assert.equal(result.attendanceRecords, records)
    assert.deepEqual(
      sent.map(one => one.data?.toHex() ?? ''),
      asks,
    )
  })
}

test('the size of the buffer stands at offset 1 after 2000, and at offset 0 after 1500', () => {
  // Captured: 7,572 bytes buffered (test/vectors, blk-query-ack).
  const ready = reply(2000, Uint8Array.fromHex('00941d0000941d0000b400be00'))
  assert.deepEqual(play(prepareBuffer({ command: 13, argument: 0 }), [ready]).result, { kind: 'buffered', size: 7572 })
  const announced = reply(1500, u32s(7572, 65536))
  assert.deepEqual(play(prepareBuffer({ command: 13, argument: 0 }), [announced]).result, {
    kind: 'buffered',
    size: 7572,
  })
})

test('an announcement of two gigabytes is refused before a byte of it is read', () => {
  const ready = reply(2000, Uint8Array.of(0, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0))
  assert.throws(() => play(prepareBuffer({ command: 13, argument: 0 }), [ready]), isCode('LOG_TOO_LARGE'))
})

test('no attendance table has its own code', () => {
  assert.throws(() => play(prepareBuffer({ command: 13, argument: 0 }), [reply(4989)]), isCode('NO_ATTENDANCE_TABLE'))
})

test('a recorded direct read comes out whole; its trailing acknowledgement carries a byte count for a session', () => {
  const bytes = new Uint8Array(124).fill(7)
  const packets = [reply(1500, u32s(124, 1008)), reply(1501, bytes, 0), fromTcp('5050827d08000000d007b1f77c000200')]
  const { result } = play(
    readDirectly({ command: 13, data: new Uint8Array(0), order: 'kept', onProgress: () => {} }),
    packets,
  )
  assert.deepEqual(result, bytes)
})

test('an empty log, read directly, is null', () => {
  const empty = fromUdp('d1072cf800000200')
  assert.equal(
    play(readDirectly({ command: 13, data: new Uint8Array(0), order: 'any', onProgress: () => {} }), [empty]).result,
    null,
  )
})

interface SliceCase {
  name: string
  order: 'kept' | 'any'
  /** Index (the third header field) and the byte that fills each packet of four. */
  packets: Array<[index: number, fill: number]>
  form?: 'short'
  result: number[] | 'READ_INCOMPLETE'
}
const SLICES: SliceCase[] = [
  {
    name: 'in order',
    order: 'kept',
    packets: [
      [0, 1],
      [1, 2],
      [2, 3],
    ],
    result: [1, 2, 3],
  },
  { name: 'in one packet without announcement', order: 'kept', packets: [[9, 1]], form: 'short', result: [1] },
  {
    name: 'with the session id in every packet, over TCP',
    order: 'kept',
    packets: [
      [77, 1],
      [77, 2],
    ],
    result: [1, 2],
  },
  {
    name: 'with the session id in every packet, over UDP',
    order: 'any',
    packets: [
      [77, 1],
      [77, 2],
    ],
    result: 'READ_INCOMPLETE',
  },
  {
    name: 'counted from another number',
    order: 'any',
    packets: [
      [5, 1],
      [6, 2],
    ],
    result: [1, 2],
  },
  {
    name: 'overtaking each other',
    order: 'any',
    packets: [
      [1, 2],
      [0, 1],
      [2, 3],
    ],
    result: [1, 2, 3],
  },
  {
    name: 'doubled over UDP',
    order: 'any',
    packets: [
      [0, 1],
      [0, 1],
      [1, 2],
    ],
    result: [1, 2],
  },
  {
    name: 'one repeated for another over TCP',
    order: 'kept',
    packets: [
      [0, 1],
      [0, 1],
      [2, 3],
    ],
    result: 'READ_INCOMPLETE',
  },
]
for (const { name, order, packets, form, result } of SLICES) {
  test(`a slice that comes ${name}`, () => {
    const length = new Set(packets.map(packet => packet.join())).size * 4
    const asked = name.startsWith('one repeated') ? packets.length * 4 : length
    const data = packets.map(([index, fill]) => reply(1501, new Uint8Array(4).fill(fill), index))
    const replies = form === 'short' ? data : [reply(1500, u32s(asked, 4)), ...data, reply(2000)]
    const target = new Uint8Array(asked)
    const run = () => play(readSlice({ offset: 0, order, target }), replies)
    if (typeof result === 'string') return assert.throws(run, isCode(result))
    run()
    assert.deepEqual(target, Uint8Array.from(result.flatMap(fill => [fill, fill, fill, fill])))
  })
}

const SPOILT: Array<{ name: string; replies: Packet[] }> = [
  { name: 'more bytes than asked for', replies: [reply(1500, u32s(8, 8)), reply(1501, new Uint8Array(9), 0)] },
  { name: 'another announcement than asked for', replies: [reply(1500, u32s(9, 9))] },
  {
    name: 'an end before all bytes',
    replies: [reply(1500, u32s(8, 8)), reply(1501, new Uint8Array(4), 0), reply(2000)],
  },
]
for (const { name, replies } of SPOILT) {
  test(`a slice with ${name} is READ_INCOMPLETE`, () => {
    const run = () => play(readSlice({ offset: 0, order: 'kept', target: new Uint8Array(8) }), replies)
    assert.throws(run, isCode('READ_INCOMPLETE'))
  })
}

test('requests on the wire are the recorded ones', () => {
  const { sent } = play(prepareBuffer({ command: 13, argument: 0 }), [reply(65535)])
  assert.equal(sent[0]?.data?.toHex(), '010d000000000000000000')
  assert.equal(
    encodeFrame({ command: 1000, sessionId: 0, replyId: 0, data: new Uint8Array(0) }).toHex(),
    '5050827d08000000e80317fc00000000',
  )
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { encodeBufferReady, encodePrepareBuffer, encodePrepareData, encodeReadBuffer } from '../binary/bulk.ts'
import { scrambleCommKey } from '../binary/comm-key.ts'
import { Command, Reply } from '../binary/commands.ts'
import { encodeFrame, PacketReader } from '../binary/frame.ts'
import { encodeFreeSizes, newFreeSizes } from '../binary/free-sizes.ts'
import { encodeU32 } from '../binary/integers.ts'
import { encodeOption, encodeOptionRequest } from '../binary/options.ts'
import { decodePacket, encodePacket, type Packet } from '../binary/packet.ts'
import { decodeUserBlock, encodeUserRecord, newUserRecord, type UserLayout } from '../binary/user-record.ts'
import { ConversationMask } from './conversation-mask.ts'
import { type MaskedPiece, MaskedStream } from './masked-stream.ts'

type Transport = 'tcp' | 'udp'
type Said = readonly ['sent' | 'received', Packet]

const NO_DATA = new Uint8Array(0)
const SESSION = 0x5a17
const PASSWORD = 'pw'
const NAME = 'nm'
/** `C4 C4 C4 C4`: found nowhere else in these conversations. */
const CARD = 0xc4c4c4c4

/** What stands in the tables of the trace: bytes with their marks, joined. */
class Recorder {
  readonly pieces: Array<{ direction: 'sent' | 'received'; piece: MaskedPiece }> = []
  readonly #streams: Record<'sent' | 'received', MaskedStream>
  readonly #transport: Transport

  constructor(transport: Transport) {
    const mask = new ConversationMask(transport)
    this.#transport = transport
    this.#streams = {
      sent: new MaskedStream(transport, { mask: payload => mask.sent(payload), mayKeepRaw: () => false }),
      received: new MaskedStream(transport, {
        mask: payload => mask.received(payload),
        mayKeepRaw: () => !mask.mayHoldSecrets,
      }),
    }
  }

  /** Over TCP in pieces of the given lengths, again and again. */
  record(conversation: readonly Said[], cuts: readonly number[]): void {
    let at = 0
    for (const [direction, packet] of conversation) {
      let rest = this.#transport === 'tcp' ? encodeFrame(packet) : encodePacket(packet)
      while (rest.length > 0) {
        const cut =
          this.#transport === 'tcp' && direction === 'received' ? (cuts[at++ % cuts.length] ?? 1) : rest.length
        this.bytes(direction, rest.subarray(0, cut))
        rest = rest.subarray(cut)
      }
    }
  }

  bytes(direction: 'sent' | 'received', bytes: Uint8Array): void {
    const lent = new Uint8Array(bytes)
    this.pieces.push({ direction, piece: this.#streams[direction].push(lent) })
    lent.fill(0xdb)
  }

  end(): void {
    this.#streams.sent.end()
    this.#streams.received.end()
    assert(this.pieces.every(({ piece }) => piece.isDecided))
  }

  joined(direction: 'sent' | 'received'): Uint8Array {
    return Buffer.concat(this.pieces.filter(one => one.direction === direction).map(({ piece }) => piece.bytes))
  }

  packets(direction: 'sent' | 'received'): Packet[] {
    const pieces = this.pieces.filter(one => one.direction === direction).map(({ piece }) => piece.bytes)
    if (this.#transport === 'udp') return pieces.map(decodePacket)
    const reader = new PacketReader()
    const packets = pieces.flatMap(bytes => reader.push(bytes).map(one => ({ ...one, data: one.data.slice() })))
    assert.equal(reader.badChecksums, 0)
    return packets
  }
}

function ask(replyId: number, command: number, data: Uint8Array = NO_DATA): Said {
  return ['sent', { command, sessionId: replyId === 0 ? 0 : SESSION, replyId, data }]
}

function answer(replyId: number, command: number, data: Uint8Array = NO_DATA, sessionId = SESSION): Said {
  return ['received', { command, sessionId, replyId, data }]
}

function authentication(key: { commKey: number; tick: number }, sessionId = SESSION): Said[] {
  const data = scrambleCommKey({ ...key, sessionId })
  return [
    ask(0, Command.Connect),
    answer(0, Reply.Unauthorized, NO_DATA, sessionId),
    ['sent', { command: Command.Auth, sessionId, replyId: 1, data }],
    answer(1, Reply.Ok, NO_DATA, sessionId),
  ]
}

/** A list of people whose passwords, names and cards are told from everything else. */
function listOf(count: number, layout: UserLayout): Uint8Array {
  const records = Array.from({ length: count }, (_, index) =>
    encodeUserRecord(
      newUserRecord({
        layout,
        uid: index + 1,
        userId: String(7000 + index),
        name: NAME.repeat(layout === 28 ? 4 : 12),
        password: PASSWORD.repeat(layout === 28 ? 2 : 4),
        card: CARD,
      }),
    ),
  )
  return Buffer.concat([encodeU32(count * layout), ...records])
}

/** The counters, then the list by buffer, in slices and packets of the given sizes. */
function readingUsers(read: {
  list: Uint8Array
  userCount: number | null
  sliceBytes: number
  packetBytes: number
  disturb?: (packets: Said[]) => Said[]
}): Said[] {
  const { list, userCount, sliceBytes, packetBytes, disturb = packets => packets } = read
  const said: Said[] = [ask(2, Command.GetFreeSizes)]
  const sizes = newFreeSizes({ users: userCount }, 80)
  said.push(
    answer(2, userCount === null ? Reply.Error : Reply.Ok, userCount === null ? NO_DATA : encodeFreeSizes(sizes)),
  )
  said.push(ask(3, Command.PrepareBuffer, encodePrepareBuffer({ command: Command.UserTempRrq, argument1: 5 })))
  said.push(answer(3, Reply.Ok, encodeBufferReady({ size: list.length })))
  let replyId = 4
  for (let offset = 0; offset < list.length; offset += sliceBytes) {
    const slice = list.subarray(offset, offset + sliceBytes)
    said.push(ask(replyId, Command.ReadBuffer, encodeReadBuffer({ offset, length: slice.length })))
    said.push(answer(replyId, Command.PrepareData, encodePrepareData({ size: slice.length, packetBytes })))
    const packets: Said[] = []
    for (let at = 0; at < slice.length; at += packetBytes) {
      packets.push(answer(replyId, Command.Data, slice.subarray(at, at + packetBytes), packets.length))
    }
    said.push(...disturb(packets), answer(replyId, Reply.Ok))
    replyId++
  }
  return said
}

function assertHoldsNot(bytes: Uint8Array, secret: string | Uint8Array, what: string): void {
  assert(Buffer.from(bytes).indexOf(secret) === -1, `the trace holds ${what}`)
}

function assertNothingPrivate(recorder: Recorder): void {
  const bytes = recorder.joined('received')
  assertHoldsNot(bytes, PASSWORD, 'a part of a password')
  assertHoldsNot(bytes, NAME, 'a part of a name')
  assertHoldsNot(bytes, encodeU32(CARD), 'a card')
}

const transports = fc.constantFrom<Transport>('tcp', 'udp')
const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 })
const layouts = fc.constantFrom<UserLayout>(28, 72)

describe('what is recorded', () => {
  test('never holds a comm key, scrambled or in clear, whatever the key, the session, the tick and the cut', () => {
    // Keys and sessions whose bytes occur in no packet by chance.
    const byte = fc.integer({ min: 0x81, max: 0xfe })
    const key = fc.tuple(byte, byte, byte, byte).map(bytes => Buffer.from(bytes).readUInt32LE())
    const input = fc.tuple(transports, key, fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 0, max: 255 }), cuts)
    fc.assert(
      fc.property(input, ([transport, commKey, sessionId, tick, sizes]) => {
        const recorder = new Recorder(transport)
        recorder.record(authentication({ commKey, tick }, sessionId), sizes)
        recorder.end()
        const [, auth] = recorder.packets('sent')
        assert.equal(auth?.command, Command.Auth)
        assert.deepEqual([...(auth?.data ?? [])], [0, 0, 0, 0])
        const data = scrambleCommKey({ commKey, sessionId, tick })
        const isZero = data.every(one => one === 0)
        for (const direction of ['sent', 'received'] as const) {
          const bytes = recorder.joined(direction)
          if (!isZero) assertHoldsNot(bytes, data, 'the scrambled key')
          assertHoldsNot(bytes, encodeU32(commKey), 'the key')
          assertHoldsNot(bytes, String(commKey), 'the key in digits')
        }
      }),
    )
  })

  test('never holds a password, name or card, and keeps slots and user ids', () => {
    const input = fc.record({
      transport: transports,
      layout: layouts,
      count: fc.integer({ min: 1, max: 120 }),
      isCounted: fc.boolean(),
      sliceBytes: fc.integer({ min: 300, max: 9000 }),
      packetBytes: fc.integer({ min: 100, max: 2000 }),
      cuts,
    })
    fc.assert(
      fc.property(input, one => {
        const list = listOf(one.count, one.layout)
        const userCount = one.isCounted ? one.count : null
        const recorder = new Recorder(one.transport)
        recorder.record(authentication({ commKey: 5, tick: 50 }), one.cuts)
        recorder.record(readingUsers({ ...one, list, userCount }), one.cuts)
        recorder.end()
        assertNothingPrivate(recorder)
        const isAmbiguous = userCount === null && (list.length - 4) % 504 === 0
        if (isAmbiguous) return
        const data = recorder.packets('received').filter(packet => packet.command === Command.Data)
        const users = decodeUserBlock(Buffer.concat(data.map(packet => packet.data)), { userCount: one.count })
        assert.deepEqual(
          users.map(user => [user.uid, user.userId, user.name]),
          decodeUserBlock(list, { userCount: one.count }).map(user => [user.uid, user.userId, '']),
        )
      }),
    )
  })

  test.each<[string, Transport, (packets: Said[]) => Said[]]>([
    ['doubled', 'udp', packets => packets.flatMap(packet => [packet, packet])],
    ['doubled', 'tcp', packets => packets.flatMap(packet => [packet, packet])],
    ['late', 'udp', packets => packets.toReversed()],
    ['out of order', 'tcp', packets => packets.toSorted((a, b) => (a[1].sessionId % 3) - (b[1].sessionId % 3))],
    ['lost', 'udp', packets => packets.filter((_, index) => index % 3 !== 0)],
    ['lost', 'tcp', packets => packets.filter((_, index) => index % 3 !== 1)],
    [
      'without numbers',
      'udp',
      packets => packets.map(([way, packet]): Said => [way, { ...packet, sessionId: SESSION }]),
    ],
    [
      'with other reply ids',
      'tcp',
      packets => packets.map(([way, packet]): Said => [way, { ...packet, replyId: 999 }]),
    ],
  ])('nor when the packets of a list come %s over %s', (_, transport, disturb) => {
    for (const layout of [28, 72] as const) {
      const recorder = new Recorder(transport)
      const list = listOf(90, layout)
      recorder.record(readingUsers({ list, userCount: 90, sliceBytes: 3000, packetBytes: 331, disturb }), [700])
      recorder.end()
      assertNothingPrivate(recorder)
    }
  })

  test.each<[string, Said[]]>([
    [
      'a list in the answer itself',
      [ask(1, Command.PrepareBuffer, encodePrepareBuffer({ command: 9 })), answer(1, Command.Data, listOf(7, 72))],
    ],
    [
      'a list read directly',
      [
        ask(1, Command.UserTempRrq, Uint8Array.of(5)),
        answer(1, Command.PrepareData, encodePrepareData({ size: 2524, packetBytes: 1000 })),
        ...[0, 1, 2].map(n => answer(1, Command.Data, listOf(90, 28).subarray(n * 1000, n * 1000 + 1000), n)),
      ],
    ],
    [
      'a slice of an unknown buffer',
      [
        ask(1, Command.ReadBuffer, encodeReadBuffer({ offset: 0, length: 284 })),
        answer(1, Command.Data, listOf(10, 28)),
      ],
    ],
    [
      'a buffer of templates',
      [
        ask(1, Command.PrepareBuffer, encodePrepareBuffer({ command: Command.DbRrq })),
        answer(1, Command.Data, listOf(7, 72)),
      ],
    ],
    [
      'a list that divides by no size',
      [
        ask(1, Command.PrepareBuffer, encodePrepareBuffer({ command: 9 })),
        answer(1, Command.Data, listOf(7, 72).subarray(1)),
      ],
    ],
    ['an event that somebody was enrolled', [answer(0, Command.RegisterEvents, listOf(1, 72), 4)]],
    ['the write of a user', [ask(1, Command.UserWrq, listOf(1, 72))]],
    [
      'what is left of a list, in answer to a small question',
      [ask(1, Command.GetTime), answer(1, Command.Data, listOf(7, 72))],
    ],
    ['an answer to nobody', [answer(77, Command.Data, listOf(7, 72))]],
  ])('nor in %s', (_, said) => {
    for (const transport of ['tcp', 'udp'] as const) {
      const recorder = new Recorder(transport)
      recorder.record(said, [97])
      recorder.end()
      assertNothingPrivate(recorder)
      assertHoldsNot(recorder.joined('sent'), PASSWORD, 'a password')
    }
  })

  test('nor the comm key in an option, read or written', () => {
    const recorder = new Recorder('tcp')
    recorder.record(
      [
        ask(1, Command.OptionsRrq, encodeOptionRequest('COMKey')),
        answer(1, Reply.Ok, encodeOption({ key: 'COMKey', value: '918273' })),
        ask(2, Command.OptionsWrq, encodeOption({ key: 'COMKey', value: '918273' })),
        ask(3, Command.OptionsRrq, encodeOptionRequest('~SerialNumber')),
        answer(3, Reply.Ok, encodeOption({ key: '~SerialNumber', value: 'ABC' })),
      ],
      [13],
    )
    recorder.end()
    for (const direction of ['sent', 'received'] as const) {
      assertHoldsNot(recorder.joined(direction), '918273', 'the key')
    }
    assert.match(Buffer.from(recorder.joined('received')).toString('latin1'), /~SerialNumber=ABC/)
  })

  test('is cut as it came, marks what was masked, and keeps a wrong checksum wrong', () => {
    const recorder = new Recorder('udp')
    const damaged = encodePacket({ command: Reply.Ok, sessionId: 1, replyId: 1, data: Uint8Array.of(1, 2, 3) })
    damaged[9] = 0x55
    recorder.record(authentication({ commKey: 1, tick: 1 }), [1])
    recorder.bytes('received', damaged)
    recorder.end()
    const [auth, last] = [recorder.pieces[2]?.piece, recorder.pieces.at(-1)?.piece]
    assert.deepEqual([...(auth?.marks ?? [])], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    assert.deepEqual([...(last?.bytes.subarray(8) ?? [])], [0, 0, 0])
    assert.throws(() => decodePacket(last?.bytes ?? NO_DATA), /PACKET_CHECKSUM|checksum/)
    const pieces = new Recorder('tcp')
    pieces.record([answer(0, Reply.Ok)], [3, 5, 1])
    assert.deepEqual(
      pieces.pieces.map(({ piece }) => piece.bytes.length),
      [3, 5, 1, 3, 4],
    )
  })

  test('what is no packet is kept as it came until a secret may be in it', () => {
    const banner = Buffer.from('SSH-2.0-OpenSSH_9.6')
    const early = new Recorder('tcp')
    early.record([ask(0, Command.Connect)], [1])
    early.bytes('received', banner)
    early.end()
    assert.deepEqual(Buffer.from(early.joined('received')), banner)
    const late = new Recorder('tcp')
    late.record(authentication({ commKey: 1, tick: 1 }), [1000])
    const before = late.joined('received').length
    late.bytes('received', banner)
    late.end()
    assert.deepEqual([...late.joined('received').subarray(before)], Array(banner.length).fill(0))
  })

  test.each<[string, number, number]>([
    ['a packet of 16 MiB that never ends', 16 * 1024 * 1024 - 8, 50_000],
    ['a packet that trickles in byte by byte', 500_000, 1],
  ])('%s is not held', (_, lengthBytes, cutBytes) => {
    const recorder = new Recorder('tcp')
    const prefix = encodeFrame(answer(1, Command.Data)[1]).slice(0, 8)
    new DataView(prefix.buffer).setUint32(4, lengthBytes, true)
    recorder.record(authentication({ commKey: 1, tick: 1 }), [1000])
    recorder.bytes('received', prefix)
    for (let i = 0; i < 100_001; i++) {
      const trickle = recorder.pieces.at(-1)?.piece
      if (i > 0 && trickle?.isDecided) return
      recorder.bytes('received', new Uint8Array(cutBytes).fill(7))
    }
    assert(recorder.pieces.at(-1)?.piece.isDecided)
  })

  test('of a packet that never came whole, the command alone', () => {
    const recorder = new Recorder('tcp')
    recorder.record(authentication({ commKey: 1, tick: 1 }), [1000])
    const before = recorder.joined('received').length
    const frame = encodeFrame({ command: Command.Data, sessionId: 0, replyId: 4, data: listOf(5, 72) })
    recorder.bytes('received', frame.subarray(0, 200))
    recorder.end()
    const torn = recorder.joined('received').subarray(before)
    assert.deepEqual([...torn.subarray(0, 10)], [...frame.subarray(0, 10)])
    assert(torn.subarray(10).every(byte => byte === 0))
  })
})

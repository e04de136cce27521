import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { dataOf, START_MS } from '../../../test/raw-client.ts'
import { VirtualClock } from '../../../test/simulation/virtual-clock.ts'
import { CodecError } from '../../base/errors.ts'
import { encodeBufferReady, encodePrepareBuffer, encodePrepareData, encodeReadBuffer } from '../../codec/binary/bulk.ts'
import { Command, EventFlag, Reply } from '../../codec/binary/commands.ts'
import { encodeFrame } from '../../codec/binary/frame.ts'
import { encodePacket, type Packet } from '../../codec/binary/packet.ts'
import type { Trace, TraceEvent } from '../../codec/trace/trace-events.ts'
import type { WirePeer } from '../wire.ts'
import { ReplayedDevice } from './replayed-device.ts'

const NO_DATA = new Uint8Array(0)
const SESSION = 700
type Transport = 'tcp' | 'udp'

function packet(command: number, replyId: number, data: Uint8Array | string = NO_DATA, sessionId = SESSION): Packet {
  return { command, sessionId, replyId, data: typeof data === 'string' ? new TextEncoder().encode(data) : data }
}

const ask = (...parts: Parameters<typeof packet>) => ['sent', packet(...parts)] as const
const answer = (...parts: Parameters<typeof packet>) => ['received', packet(...parts)] as const
type Said = ReturnType<typeof ask> | ReturnType<typeof answer>

/** A trace of connections, each ended by the device. Packets of `CMD_AUTH` are masked. */
function traceOf(transport: Transport, ...connections: ReadonlyArray<readonly Said[]>): Trace {
  const events = connections.flatMap((said, index): TraceEvent[] => {
    const at = { tMs: index, connection: index + 1 }
    const bytes = said.map(([event, one]): TraceEvent => {
      const encoded = transport === 'tcp' ? encodeFrame(one) : encodePacket(one)
      const marks = new Uint8Array(encoded.length)
      if (one.command === Command.Auth) marks.fill(1, -one.data.length)
      return { ...at, event, bytes: encoded, marks }
    })
    const opening = { ...at, event: 'opening', host: 'gate', port: 4370, transport } as const
    return [opening, { ...at, event: 'opened' }, ...bytes, { ...at, event: 'ended', code: null }]
  })
  return { header: { rollcall: '0.1.0', startedAt: '2026-03-02T07:00:00.000Z' }, events, isCut: false }
}

function replay(trace: Trace, transport: Transport = 'tcp'): { device: ReplayedDevice; peer: WirePeer } {
  const device = new ReplayedDevice(trace, { clock: new VirtualClock(START_MS) })
  return { device, peer: device.connect(transport, 'client') }
}

function textsOf(packets: readonly Packet[]): string[] {
  return packets.map(({ data }) => Buffer.from(data).toString())
}

const OPTIONS = [
  ask(Command.OptionsRrq, 1, 'a'),
  answer(Reply.Ok, 1, 'a=1'),
  ask(Command.OptionsRrq, 2, 'b'),
  answer(Reply.Ok, 2, 'b=1'),
  ask(Command.OptionsRrq, 3, 'a'),
  answer(Reply.Ok, 3, 'a=2'),
]

describe('a device that is played back', () => {
  test('answers with the reply id of the client and the session of the recording', () => {
    const { peer } = replay(traceOf('tcp', OPTIONS))
    assert.deepEqual(peer.receive(packet(Command.OptionsRrq, 40, 'b', 9)), [packet(Reply.Ok, 40, 'b=1')])
  })

  test('looks for a request from where the last one was found, and on from the beginning', () => {
    const { peer } = replay(traceOf('tcp', OPTIONS))
    const asked = ['b', 'a', 'a', 'b', 'a'].map((key, index) => peer.receive(packet(Command.OptionsRrq, index, key)))
    assert.deepEqual(asked.map(textsOf), [['b=1'], ['a=2'], ['a=1'], ['b=1'], ['a=2']])
  })

  test('answers 65535 to what was never asked', () => {
    const { peer } = replay(traceOf('tcp', OPTIONS))
    assert.deepEqual(peer.receive(packet(Command.OptionsRrq, 5, 'c', 9)), [packet(Reply.Unknown, 5, NO_DATA, 9)])
    assert.deepEqual(peer.receive(packet(Command.GetTime, 6, NO_DATA, 9)), [packet(Reply.Unknown, 6, NO_DATA, 9)])
  })

  test('knows CMD_AUTH by its command, whatever the key', () => {
    const said = [ask(Command.Auth, 1, Uint8Array.of(0, 0, 0, 0)), answer(Reply.Ok, 1)]
    const { peer } = replay(traceOf('tcp', said))
    assert.deepEqual(peer.receive(packet(Command.Auth, 8, 'abcd')), [packet(Reply.Ok, 8)])
  })

  test('gives the same answer to a request that comes again, and knows one that was recorded twice once', () => {
    const [request, reply] = OPTIONS.slice(0, 2) as [Said, Said]
    const { device, peer } = replay(traceOf('udp', [request, request, reply, ...OPTIONS.slice(4)]), 'udp')
    assert.equal(device.exchangeCount, 2)
    for (let i = 0; i < 3; i++) assert.deepEqual(textsOf(peer.receive(packet(Command.OptionsRrq, 1, 'a'))), ['a=1'])
    assert.deepEqual(textsOf(peer.receive(packet(Command.OptionsRrq, 2, 'a'))), ['a=2'])
  })

  test('sends events where they came, with their own reply ids, and takes acknowledgements in silence', () => {
    const event = (replyId: number) => packet(Command.RegisterEvents, replyId, 'punch', EventFlag.Attendance)
    const said: Said[] = [
      ask(Command.RegisterEvents, 1, 'mask'),
      answer(Reply.Ok, 1),
      ['received', event(17)],
      ask(Reply.Ok, 17),
      ['received', event(18)],
      ask(Command.GetTime, 2),
      answer(Reply.Ok, 2, 'time'),
    ]
    const { peer } = replay(traceOf('tcp', said))
    const registered = peer.receive(packet(Command.RegisterEvents, 4, 'mask'))
    assert.deepEqual(registered, [packet(Reply.Ok, 4), event(17), event(18)])
    assert.deepEqual(peer.receive(packet(Reply.Ok, 17)), [])
  })

  test('leaves an answer that came late where it came', () => {
    const said = [...OPTIONS.slice(0, 3), answer(Reply.Ok, 1, 'late'), ...OPTIONS.slice(3, 4)]
    const { peer } = replay(traceOf('tcp', said))
    peer.receive(packet(Command.OptionsRrq, 50, 'a'))
    assert.deepEqual(peer.receive(packet(Command.OptionsRrq, 51, 'b')), [
      packet(Reply.Ok, 50, 'late'),
      packet(Reply.Ok, 51, 'b=1'),
    ])
  })

  test('is silent where the device was', () => {
    const { peer } = replay(
      traceOf('udp', [ask(Command.GetTime, 1), ask(Command.GetVersion, 2), answer(Reply.Ok, 2)]),
      'udp',
    )
    assert.deepEqual(peer.receive(packet(Command.GetTime, 1)), [])
  })

  test('closes the connection where it ended, over TCP', () => {
    for (const transport of ['tcp', 'udp'] as const) {
      const { peer } = replay(traceOf(transport, [ask(Command.Exit, 1), answer(Reply.Ok, 1)]), transport)
      assert.deepEqual(peer.receive(packet(Command.Exit, 1)), [packet(Reply.Ok, 1)])
      assert.equal(peer.isOver, transport === 'tcp')
    }
  })

  test('is one device over all its connections', () => {
    const second = [ask(Command.OptionsRrq, 1, 'a'), answer(Reply.Ok, 1, 'a=3')]
    const { device, peer } = replay(traceOf('tcp', OPTIONS, second))
    for (const key of ['a', 'b', 'a']) peer.receive(packet(Command.OptionsRrq, 9, key))
    const other = device.connect('tcp', 'other')
    assert.deepEqual(textsOf(other.receive(packet(Command.OptionsRrq, 1, 'a'))), ['a=3'])
    peer.close()
    other.close()
    assert.equal(device.stats.openConnections, 0)
  })

  test('listens where the recorded device was reached', () => {
    for (const transport of ['tcp', 'udp'] as const) {
      assert.equal(replay(traceOf(transport, OPTIONS), transport).device.settings.transports, transport)
    }
  })

  test('without a conversation is refused', () => {
    for (const trace of [traceOf('tcp'), traceOf('tcp', [])]) {
      assert.throws(
        () => replay(trace),
        (error: unknown) => error instanceof CodecError && error.code === 'TRACE_INVALID',
      )
    }
  })
})

describe('a list that is read in other slices than it was', () => {
  const list = Uint8Array.from({ length: 5000 }, (_, index) => index % 251)
  const prepare = encodePrepareBuffer({ command: Command.AttLogRrq })
  const slices = [0, 2000, 4000].flatMap((offset, index): Said[] => {
    const bytes = list.subarray(offset, offset + 2000)
    const replyId = index + 2
    return [
      ask(Command.ReadBuffer, replyId, encodeReadBuffer({ offset, length: bytes.length })),
      answer(Command.PrepareData, replyId, encodePrepareData({ size: bytes.length, packetBytes: 1500 })),
      answer(Command.Data, replyId, bytes.subarray(0, 1500), 0),
      answer(Command.Data, replyId, bytes.subarray(1500), 1),
      answer(Reply.Ok, replyId),
    ]
  })
  const ready = encodeBufferReady({ size: list.length })
  const said = [ask(Command.PrepareBuffer, 1, prepare), answer(Reply.Ok, 1, ready), ...slices]

  test.each(['tcp', 'udp'] as const)('is put together from what was recorded, over %s', transport => {
    const { peer } = replay(traceOf(transport, said), transport)
    peer.receive(packet(Command.PrepareBuffer, 1, prepare))
    for (const [offset, length] of [
      [0, 5000],
      [1, 2500],
      [3999, 1001],
    ] as const) {
      const answered = peer.receive(packet(Command.ReadBuffer, offset + 2, encodeReadBuffer({ offset, length })))
      assert.deepEqual([answered[0]?.command, answered.at(-1)?.command], [Command.PrepareData, Reply.Ok])
      assert(
        answered.every(one => one.replyId === offset + 2 && one.data.length <= (transport === 'udp' ? 1024 : 65_472)),
      )
      assert.deepEqual(new Uint8Array(dataOf(answered)), list.slice(offset, offset + length))
    }
  })

  test('but not beyond what was recorded, nor before anything was prepared', () => {
    const { peer } = replay(traceOf('tcp', said))
    const beyond = packet(Command.ReadBuffer, 2, encodeReadBuffer({ offset: 4000, length: 1001 }))
    const within = packet(Command.ReadBuffer, 3, encodeReadBuffer({ offset: 0, length: 10 }))
    assert.equal(peer.receive(within)[0]?.command, Reply.Unknown)
    peer.receive(packet(Command.PrepareBuffer, 4, prepare))
    assert.equal(peer.receive(beyond)[0]?.command, Reply.Unknown)
  })
})

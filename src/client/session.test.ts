import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { type ErrorCode, RollcallError } from '../base/errors.ts'
import { Command, Reply } from '../codec/binary/commands.ts'
import { encodeFrame } from '../codec/binary/frame.ts'
import { decodePacket, encodePacket, type Packet } from '../codec/binary/packet.ts'
import { connect, exit, readTime } from './conversations.ts'
import type { LinkHandlers, Network } from './network.ts'
import { Session } from './session.ts'

const ADDRESS = { host: '192.0.2.1', port: 4370 }
const NEVER = new AbortController().signal
const hasCode = (code: ErrorCode) => (error: unknown) => error instanceof RollcallError && error.code === code

/** A link held in the hand: what the client sent, and what it is given to hear. */
class HeldLink implements Network {
  readonly sent: Packet[] = []
  isClosed = false
  handlers: LinkHandlers = { onData() {}, onEnd() {} }

  openTcp(_address: unknown, handlers: LinkHandlers) {
    return this.#open(handlers, bytes => decodePacket(bytes.subarray(8)))
  }

  openUdp(_address: unknown, handlers: LinkHandlers) {
    return this.#open(handlers, decodePacket)
  }

  get last(): Packet {
    const packet = this.sent.at(-1)
    assert(packet, 'nothing was sent')
    return packet
  }

  async #open(handlers: LinkHandlers, decode: (bytes: Uint8Array) => Packet) {
    this.handlers = handlers
    return {
      send: (bytes: Uint8Array) => void this.sent.push(decode(bytes)),
      close: () => {
        this.isClosed = true
      },
    }
  }
}

describe.each(['tcp', 'udp'] as const)('a session over %s', transport => {
  let clock: VirtualClock
  let link: HeldLink
  let session: Session

  beforeEach(async () => {
    clock = new VirtualClock()
    link = new HeldLink()
    session = await Session.open({ address: ADDRESS, transport }, { network: link, clock }, NEVER)
  })

  const hear = (packet: Partial<Packet>) => link.handlers.onData(bytesOf(packet))
  const bytesOf = (packet: Partial<Packet>) => {
    const whole = { command: Reply.Ok, sessionId: 7, replyId: link.last.replyId, data: new Uint8Array(0), ...packet }
    return transport === 'tcp' ? encodeFrame(whole) : encodePacket(whole)
  }
  const greet = async () => {
    const greeting = session.run(connect({ commKey: 0, tick: 1 }), NEVER)
    hear({ sessionId: 4711 })
    await greeting
  }

  test('takes the session id from the answer to connect and counts reply ids up from 0', async () => {
    await greet()
    const time = session.run(readTime(), NEVER)
    hear({ data: Uint8Array.of(1, 0, 0, 0) })
    assert.equal(await time, 1)
    assert.deepEqual(
      link.sent.map(packet => [packet.command, packet.sessionId, packet.replyId]),
      [
        [Command.Connect, 0, 0],
        [Command.GetTime, 4711, 1],
      ],
    )
  })

  test('does not mind what stands where a session id is expected', async () => {
    await greet()
    const time = session.run(readTime(), NEVER)
    hear({ sessionId: 999, data: Uint8Array.of(2, 0, 0, 0) })
    assert.equal(await time, 2)
  })

  test('an event is acknowledged by its own reply id, and uses none of the session', async () => {
    await greet()
    const coming = session.takeEvents(1_000, NEVER)
    hear({ command: Command.RegisterEvents, sessionId: 1, replyId: 40, data: Uint8Array.of(9) })
    const [event] = (await coming).events
    assert.deepEqual(event, { kind: 1, replyId: 40, data: Uint8Array.of(9) })
    const { replyId } = link.last
    session.acknowledge(event as NonNullable<typeof event>)
    assert.deepEqual([link.last.command, link.last.replyId, link.last.sessionId], [Reply.Ok, 40, 4711])
    void session.run(readTime(), NEVER).catch(() => {})
    assert.equal(link.last.replyId, replyId + 1)
  })

  test('who waits for events hears of silence, of the end of the link, and never of more than fits', async () => {
    await greet()
    const silence = session.takeEvents(1_000, NEVER)
    await clock.advance(1_000)
    assert.deepEqual(await silence, { events: [], dropped: 0 })
    for (let n = 0; n < 1_010; n++) hear({ command: Command.RegisterEvents, sessionId: 1, replyId: 0 })
    const { events, dropped } = await session.takeEvents(1_000, NEVER)
    assert.deepEqual([events.length, dropped], [1_000, 10])
    const end = session.takeEvents(1_000, NEVER)
    link.handlers.onEnd(null)
    await assert.rejects(end, { code: 'CONNECTION_LOST' })
    await assert.rejects(session.takeEvents(1_000, NEVER), { code: 'CONNECTION_LOST' })
  })

  test('gives events aside, whenever they come, and waits on for the answer', async () => {
    await greet()
    const time = session.run(readTime(), NEVER)
    hear({ command: Command.RegisterEvents, sessionId: 1, replyId: 0 })
    hear({ command: Command.RegisterEvents, sessionId: 1, replyId: link.last.replyId })
    hear({ data: Uint8Array.of(3, 0, 0, 0) })
    assert.equal(await time, 3)
    hear({ command: Command.RegisterEvents, sessionId: 1, replyId: 5 })
    assert.equal((await session.takeEvents(0, NEVER)).events.length, 3)
    assert.equal(session.counters.events, 3)
  })

  test('drops and counts late and stray replies', async () => {
    await greet()
    hear({ replyId: 0 })
    const time = session.run(readTime(), NEVER)
    hear({ replyId: 0, data: Uint8Array.of(9, 0, 0, 0) })
    hear({ replyId: 40_000, data: Uint8Array.of(9, 0, 0, 0) })
    hear({ data: Uint8Array.of(4, 0, 0, 0) })
    assert.equal(await time, 4)
    assert.equal(session.counters.strayReplies, 3)
  })

  test('drops and counts a packet with a wrong checksum', async () => {
    await greet()
    const time = session.run(readTime(), NEVER)
    const spoilt = bytesOf({ data: Uint8Array.of(9, 0, 0, 0) })
    spoilt[spoilt.length - 1] = 1
    link.handlers.onData(spoilt)
    hear({ data: Uint8Array.of(5, 0, 0, 0) })
    assert.equal(await time, 5)
    assert.equal(session.counters.badPackets, 1)
  })

  test('gives a silent device up with REPLY_TIMEOUT, and can go on when it speaks again', async () => {
    await greet()
    await assert.rejects(clock.run(session.run(readTime(), NEVER)), hasCode('REPLY_TIMEOUT'))
    const time = session.run(readTime(), NEVER)
    hear({ data: Uint8Array.of(6, 0, 0, 0) })
    assert.equal(await time, 6)
  })

  test('ends a conversation with the reason of the signal, unwrapped, and leaves no timer behind', async () => {
    await greet()
    const stop = new AbortController()
    const time = session.run(readTime(), stop.signal)
    const reason = new Error('enough')
    stop.abort(reason)
    await assert.rejects(time, error => error === reason)
    assert.equal(clock.waiting, 0)
  })

  test('fails what is under way, and everything after, when the link ends', async () => {
    await greet()
    const time = session.run(readTime(), NEVER)
    link.handlers.onEnd(null)
    await assert.rejects(time, hasCode('CONNECTION_LOST'))
    await assert.rejects(session.run(exit(), NEVER), hasCode('CONNECTION_LOST'))
    assert.equal(clock.waiting, 0)
    assert.equal(link.isClosed, true)
  })

  test('may be closed twice', async () => {
    await greet()
    await session[Symbol.asyncDispose]()
    await session[Symbol.asyncDispose]()
    assert.equal(link.isClosed, true)
  })

  test(
    transport === 'udp' ? 'asks again for a lost datagram, under the same reply id' : 'never asks twice',
    async () => {
      await greet()
      const time = session.run(readTime(), NEVER)
      await clock.advance(4_500)
      hear({ data: Uint8Array.of(8, 0, 0, 0) })
      assert.equal(await time, 8)
      assert.deepEqual(
        link.sent.slice(1).map(packet => packet.replyId),
        transport === 'udp' ? [1, 1, 1] : [1],
      )
    },
  )
})

test('a stream that is not the protocol ends the session at once, and says so', async () => {
  const link = new HeldLink()
  const clock = new VirtualClock()
  const session = await Session.open({ address: ADDRESS, transport: 'tcp' }, { network: link, clock }, NEVER)
  const greeting = session.run(connect({ commKey: 0, tick: 1 }), NEVER)
  link.handlers.onData(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await assert.rejects(greeting, hasCode('STREAM_CORRUPT'))
  assert.equal(link.isClosed, true)
})

test('a frame of the encrypted link is named as such', async () => {
  const link = new HeldLink()
  const session = await Session.open(
    { address: ADDRESS, transport: 'tcp' },
    { network: link, clock: new VirtualClock() },
    NEVER,
  )
  const greeting = session.run(connect({ commKey: 0, tick: 1 }), NEVER)
  link.handlers.onData(Uint8Array.fromHex('5050837c1000000000000000000000000000000000000000'))
  await assert.rejects(greeting, hasCode('PACKET_ENCRYPTED'))
})

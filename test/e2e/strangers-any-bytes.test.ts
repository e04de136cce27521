import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { ErrorCode } from '../../src/base/errors.ts'
import { FRAME_PREFIX_BYTES, MAX_PAYLOAD_BYTES } from '../../src/codec/binary/frame.ts'
import type { Transport } from '../../src/model/device.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import type { FaultName, FaultSetting } from '../../src/virtual/faults.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import { assertTruth, storedOf } from '../simulation/truth.ts'
import { World } from '../simulation/world.ts'
import { assertGentle, HurriedClock, LoopbackScene } from './loopback-scene.ts'

/**
 * What a device sends can be any bytes, slowly, for ever: it costs bounded memory and bounded time, and never a crash (I-8).
 * Over real sockets, where minutes of silence are the matter on a clock that runs {@link HURRY} times as fast.
 */
const HURRY = 20
const RECORDS = 3_000
/** What may have arrived of a log of 120 KB, its users and a transfer that never ends, before it is given up. */
const RECEIVED_BYTES_MAX = 8 * 1024 * 1024
/** One packet that is held, the buffers that it outgrew, and garbage that waits for its collection. */
const IN_MEMORY_BYTES_MAX = 8 * MAX_PAYLOAD_BYTES
const WATCH_MS = 20

interface Case {
  readonly name: string
  readonly fault: FaultName | FaultSetting
  readonly transport: Transport
  /** What the run fails with; null where it gets everything all the same. */
  readonly code: ErrorCode | null
  readonly pace: 'as it is' | 'hurried'
}

const CASES: readonly Case[] = [
  {
    name: 'answers with random bytes',
    fault: always('garbage-stream'),
    transport: 'tcp',
    code: 'STREAM_CORRUPT',
    pace: 'as it is',
  },
  {
    name: 'answers with random bytes',
    fault: always('garbage-stream'),
    transport: 'udp',
    code: 'REPLY_TIMEOUT',
    pace: 'hurried',
  },
  {
    name: 'answers with random bytes now and then',
    fault: { name: 'garbage-stream', value: 9 },
    transport: 'tcp',
    code: 'STREAM_CORRUPT',
    pace: 'as it is',
  },
  { name: 'sends data for ever', fault: 'endless-data', transport: 'tcp', code: 'READ_INCOMPLETE', pace: 'as it is' },
  // Small slices come in one datagram, and what follows it answers nothing.
  { name: 'sends data for ever', fault: 'endless-data', transport: 'udp', code: null, pace: 'as it is' },
  {
    name: 'announces two gigabytes',
    fault: 'huge-announcement',
    transport: 'tcp',
    code: 'LOG_TOO_LARGE',
    pace: 'as it is',
  },
  ...(['tcp', 'udp'] as const).flatMap(
    transport =>
      [
        { name: 'never answers', fault: 'never-answers', transport, code: 'REPLY_TIMEOUT', pace: 'hurried' },
        {
          name: 'forgets the connection',
          fault: { name: 'half-open', value: 9 },
          transport,
          code: 'REPLY_TIMEOUT',
          pace: 'hurried',
        },
      ] as const,
  ),
]

function always(name: FaultName): FaultSetting {
  return { name, value: 1 }
}

describe('a device that sends any bytes at all, slowly, or for ever', () => {
  for (const { name, fault, transport, code, pace } of CASES) {
    const end = code ?? 'everything is read'
    test(`that ${name}, over ${transport.toUpperCase()}: ${end}, and all is well once it has stopped`, async () => {
      const clock = new HurriedClock(pace === 'hurried' ? HURRY : 1)
      const device = new VirtualDevice({ seed: 5, faults: [fault] }, { clock })
      device.fillLog(RECORDS)
      await using listener = await listenVirtualDevice(device, { transport })
      await using scene = await LoopbackScene.open({ port: listener.port, transport, clock })
      const ill = await scene.sync()
      assert.deepEqual([ill.failed, ill.inserted], code === null ? [0, RECORDS] : [1, 0])
      assert.equal(await scene.lastCode(), code)
      assert(scene.network.bytesRead < RECEIVED_BYTES_MAX, `${scene.network.bytesRead} bytes were taken in`)
      await scene.assertNothingOpen(device)

      device.clearFaults()
      clock.calm()
      const well = await scene.sync()
      assert.equal(well.failed, 0, JSON.stringify(scene.events.at(-1)))
      await scene.assertStored(device)
      await scene.assertNothingOpen(device)
      assertGentle(device)
    })
  }

  test('that begins a packet and trickles for ever: TIME_BUDGET_SPENT, and all is well once it has stopped', async () => {
    await using world = new World({ seed: 6 })
    const device = world.attach({
      seed: 6,
      host: 'gate',
      transports: 'tcp',
      records: RECORDS,
      faults: ['trickle-for-ever'],
    })
    const { id } = await world.add('gate', 'tcp')
    const engine = await world.engine()
    const startMs = world.clock.monotonicMs()
    const ill = await world.run(engine.syncOnce({}, new AbortController().signal))
    assert.deepEqual([ill.failed, ill.inserted], [1, 0])
    const told = world.events.findLast(event => event.event === 'device.failed')
    assert.equal(told?.code, 'TIME_BUDGET_SPENT')
    assert(world.clock.monotonicMs() - startMs < 5 * 60_000, 'it took longer than its budget')
    assert.equal(world.network.openLinks, 0, 'a link is open')

    device.clearFaults()
    const well = await world.run(engine.syncOnce({}, new AbortController().signal))
    assert.deepEqual([well.failed, well.inserted], [0, RECORDS])
    assertTruth(device, await storedOf(await world.store(), id), { missing: 'none' })
    assert.equal(world.network.openLinks, 0, 'a link is open')
    assertGentle(device)
  })

  test('that pours out random bytes as fast as it can: STREAM_CORRUPT after the first of them', async () => {
    await using flood = await openFlood(randomBytes(), { pauseMs: 0 })
    const { code, bytesRead } = await tryFlood(flood.port, systemClock)
    assert.equal(code, 'STREAM_CORRUPT')
    assert(bytesRead < RECEIVED_BYTES_MAX)
  })

  test('that pours out packets of 16 MiB with wrong checksums: its time budget ends it, and few are in memory', async () => {
    await using flood = await openFlood(wrongPackets(), { pauseMs: 2 })
    const before = process.memoryUsage().arrayBuffers
    let mostBytes = 0
    const watch = setInterval(() => {
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before)
    }, WATCH_MS)
    try {
      const { code, bytesRead } = await tryFlood(flood.port, new HurriedClock(HURRY))
      // On a machine that stands still for a quarter of a second, the hurried clock sees silence.
      assert(code === 'TIME_BUDGET_SPENT' || code === 'REPLY_TIMEOUT', `${code}`)
      assert(bytesRead > MAX_PAYLOAD_BYTES, `only ${bytesRead} bytes came`)
      assert(mostBytes < IN_MEMORY_BYTES_MAX, `${mostBytes} bytes were in memory`)
    } finally {
      clearInterval(watch)
    }
  })
})

/** Syncs with a server that is no device, and fails as it should, with nothing left open. */
async function tryFlood(port: number, clock: Clock): Promise<{ code: string | null; bytesRead: number }> {
  await using scene = await LoopbackScene.open({ port, transport: 'tcp', clock })
  const summary = await scene.sync()
  assert.deepEqual([summary.failed, summary.inserted], [1, 0])
  assert.equal(scene.network.openLinks, 0, 'a link is open')
  assert.equal(scene.clock.waiting, 0, 'a timer is set')
  return { code: await scene.lastCode(), bytesRead: scene.network.bytesRead }
}

/** A server that writes pieces for as long as anybody reads them, whatever is said to it. */
async function openFlood(
  pieces: Iterable<Uint8Array>,
  options: { pauseMs: number },
): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.resume()
    void pour(pieces, socket, options.pauseMs)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function pour(pieces: Iterable<Uint8Array>, socket: Socket, pauseMs: number): Promise<void> {
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  for (const piece of pieces) {
    if (socket.destroyed) return
    if (!socket.write(piece)) await once(socket, 'drain', { signal: closed.signal }).catch(() => {})
    if (pauseMs > 0) await systemClock.sleep(pauseMs)
  }
}

const PIECE_BYTES = 65_536

/** Bytes without any pattern, the same in every run. */
function* randomBytes(): Generator<Uint8Array> {
  for (let n = 0; ; n++) {
    yield createHash('shake256', { outputLength: PIECE_BYTES }).update(String(n)).digest()
  }
}

/** The largest packets that are taken in, one after the other; zeros, whose checksum would be another. */
function* wrongPackets(): Generator<Uint8Array> {
  const prefix = Buffer.from('5050827d00000000', 'hex')
  prefix.writeUInt32LE(MAX_PAYLOAD_BYTES, FRAME_PREFIX_BYTES / 2)
  const zeros = new Uint8Array(PIECE_BYTES)
  for (;;) {
    yield prefix
    for (let sent = 0; sent < MAX_PAYLOAD_BYTES; sent += PIECE_BYTES) yield zeros
  }
}

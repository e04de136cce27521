import { describe, expect, test } from 'vitest'
import { dataOf, deviceForTest, WireClient } from '../../../test/raw-client.ts'
import { encodePrepareBuffer, encodeReadBuffer } from '../../codec/binary/bulk.ts'
import { checksumHolds } from '../../codec/binary/checksum.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import { PacketReader } from '../../codec/binary/frame.ts'
import type { FaultName, FaultSetting } from '../faults.ts'

/** 100 records of 40 bytes behind a word of 4, in 4 packets. */
const SIZE = 4004

/** A client that is connected over a perfect wire; then the fault comes. */
async function wired(fault: FaultName | FaultSetting, transport: 'tcp' | 'udp' = 'tcp') {
  const { device, clock } = deviceForTest({ packetBytes: 1008 })
  device.fillLog(100)
  const client = await WireClient.open(device, { clock, transport })
  await client.connect(clock)
  device.setFault(fault, 'on')
  client.chunks.length = 0
  const ask = async (command: number, data?: Uint8Array): Promise<void> => {
    client.send(command, data)
    await clock.advance(10)
  }
  /** Prepares and reads the whole log, and lets `ms` go by. */
  const read = async (ms: number): Promise<void> => {
    await ask(Command.PrepareBuffer, encodePrepareBuffer({ command: Command.AttLogRrq }))
    await ask(Command.ReadBuffer, encodeReadBuffer({ offset: 0, length: SIZE }))
    await clock.advance(ms)
  }
  return { device, clock, client, ask, read }
}

describe('faults of the wire', () => {
  test('never-answers: not one byte, not even to CMD_CONNECT', async () => {
    const { client, ask } = await wired('never-answers')
    await ask(Command.GetTime)
    await ask(Command.Connect)
    expect(client.chunks).toEqual([])
    expect(client.end).toBeNull()
  })

  for (const [fault, beginning] of [
    ['web-page-at-port', 'HTTP/1.1 400'],
    ['access-panel-at-port', '\xaa\x01'],
  ] as const) {
    test(`${fault}: another protocol over TCP`, async () => {
      const { client, ask } = await wired(fault)
      await ask(Command.Connect)
      expect(Buffer.from(client.bytes).toString('latin1').startsWith(beginning)).toBe(true)
    })

    test(`${fault}: nothing over UDP`, async () => {
      const { client, ask } = await wired(fault, 'udp')
      await ask(Command.Connect)
      expect(client.chunks).toEqual([])
    })
  }

  test('hangs-up: the connection closes before anything is said', async () => {
    const { client, ask } = await wired('hangs-up')
    await ask(Command.Connect)
    expect(client.chunks).toEqual([])
    expect(client.end).not.toBeNull()
  })

  test('half-open: from some request on nothing is answered, and nothing closed; others are served', async () => {
    const { device, clock, client, ask } = await wired({ name: 'half-open', value: 3 })
    for (let times = 0; times < 5; times++) await ask(Command.GetTime)
    expect(client.packets.length).toBe(2)
    expect(client.end).toBeNull()
    device.setFault('half-open', 'off')
    const other = await WireClient.open(device, { clock, transport: 'tcp' })
    await other.connect(clock)
    expect(other.packets.length).toBe(1)
  })

  for (const transport of ['tcp', 'udp'] as const) {
    test(`lost-packets over ${transport}: requests and answers vanish`, async () => {
      const { device, client, ask } = await wired({ name: 'lost-packets', value: 0.3 }, transport)
      for (let times = 0; times < 60; times++) await ask(Command.GetTime)
      const reached = device.stats.requestsOf(Command.GetTime)
      expect(reached).toBeLessThan(55)
      expect(client.packets.length).toBeLessThan(reached)
      expect(client.packets.length).toBeGreaterThan(10)
    })

    test(`doubled-packets over ${transport}: requests and answers come twice`, async () => {
      const { device, client, ask } = await wired({ name: 'doubled-packets', value: 1 }, transport)
      await ask(Command.GetTime)
      expect(device.stats).toMatchObject({ repeatedRequests: 1 })
      expect(client.packets.length).toBe(4)
    })

    test(`corrupted-bytes over ${transport}: the checksum fails, the length stays`, async () => {
      const { client, ask } = await wired({ name: 'corrupted-bytes', value: 2 }, transport)
      for (let times = 0; times < 6; times++) await ask(Command.GetTime)
      expect(client.packets.length).toBe(3)
      expect(new Set(client.chunks.map(({ bytes }) => bytes.length)).size).toBe(1)
    })

    test(`stray-replies over ${transport}: replies to requests that nobody made`, async () => {
      const { client, ask } = await wired({ name: 'stray-replies', value: 1 }, transport)
      await ask(Command.GetTime)
      expect(client.packets.map(({ command }) => command)).toEqual([Reply.Ok, Reply.Ok])
      expect(client.packets[0]?.replyId).toBeGreaterThan(30_000)
      expect(client.packets[1]?.replyId).toBe(1)
    })

    test(`slow-20kb over ${transport}: 4 KB take a fifth of a second`, async () => {
      const { client, clock, read } = await wired('slow-20kb', transport)
      const startMs = clock.monotonicMs()
      await read(10_000)
      const tookMs = (client.chunks.at(-1)?.atMs ?? 0) - startMs
      expect(dataOf(client.packets).length).toBe(SIZE)
      expect(tookMs).toBeGreaterThan(190)
      expect(tookMs).toBeLessThan(230)
    })

    test(`trickle-for-ever over ${transport}: a packet begins, then a byte every three seconds`, async () => {
      const { client, clock, ask } = await wired('trickle-for-ever', transport)
      await ask(Command.GetTime)
      expect(client.chunks.map(({ bytes }) => bytes.length)).toEqual([16])
      await clock.advance(30_000)
      await ask(Command.GetTime)
      expect(client.bytes.length).toBe(26)
      expect(client.end).toBeNull()
      client.close()
    })
  }

  test('late-packets over TCP: later, in order', async () => {
    const { client, clock, read } = await wired({ name: 'late-packets', value: 2 })
    const startMs = clock.monotonicMs()
    await read(10_000)
    expect(dataOf(client.packets).length).toBe(SIZE)
    expect(client.packets.slice(2, -1).map(packet => packet.sessionId)).toEqual([0, 1, 2, 3])
    expect((client.chunks.at(-1)?.atMs ?? 0) - startMs).toBeGreaterThan(100)
  })

  test('late-packets over UDP: later, and overtaken', async () => {
    const { client, read } = await wired({ name: 'late-packets', value: 2 }, 'udp')
    await read(10_000)
    const indexes = client.packets.filter(packet => packet.command === Command.Data).map(packet => packet.sessionId)
    expect(indexes.toSorted()).toEqual([0, 1, 2, 3])
    expect(indexes).not.toEqual([0, 1, 2, 3])
  })

  test('torn-packets: other pieces, the same stream', async () => {
    const { client, read } = await wired('torn-packets')
    await read(1000)
    expect(dataOf(client.packets).length).toBe(SIZE)
    expect(client.packets.at(-1)?.command).toBe(Reply.Ok)
    const lengths = client.chunks.map(({ bytes }) => bytes.length)
    expect(lengths.some(length => length < 8)).toBe(true)
    expect(lengths.filter(length => length === 1024).length).toBe(0)
  })

  test('single-bytes: one at a time, the same stream', async () => {
    const { client, read } = await wired('single-bytes')
    await read(1000)
    expect(new Set(client.chunks.map(({ bytes }) => bytes.length))).toEqual(new Set([1]))
    expect(dataOf(client.packets).length).toBe(SIZE)
  })

  test('glued-packets: announcement, data and acknowledgement in one piece', async () => {
    const { client, read } = await wired('glued-packets')
    await read(100)
    expect(client.chunks.length).toBe(2)
    expect(client.packets.slice(1).map(({ command }) => command)).toEqual([1500, 1501, 1501, 1501, 1501, 2000])
  })

  for (const fault of ['torn-packets', 'single-bytes', 'glued-packets'] as const) {
    test(`${fault}: leaves datagrams whole`, async () => {
      const { client, read } = await wired(fault, 'udp')
      await read(100)
      expect(client.packets.length).toBe(7)
    })
  }

  test('cut-connection: half a packet, then the end', async () => {
    const { device, client, read } = await wired({ name: 'cut-connection', value: 4 })
    await read(100)
    expect(client.end).toEqual({ error: null })
    expect(() => {
      const reader = new PacketReader()
      for (const { bytes } of client.chunks) reader.push(bytes)
      reader.end()
    }).toThrow(/inside a packet/)
    expect(device.stats).toMatchObject({ openConnections: 0, sessionsWithoutExit: 1 })
  })

  test('cut-connection over UDP: the rest of the answer is lost', async () => {
    const { client, read } = await wired({ name: 'cut-connection', value: 4 }, 'udp')
    await read(100)
    expect(client.packets.map(({ command }) => command)).toEqual([2000, 1500, 1501])
  })

  test('garbage-stream: random bytes in place of packets', async () => {
    const { client, ask } = await wired({ name: 'garbage-stream', value: 1 })
    await ask(Command.GetTime)
    expect(client.bytes.length).toBeGreaterThan(0)
    expect([...client.bytes.subarray(0, 4)]).not.toEqual([0x50, 0x50, 0x82, 0x7d])
  })
})

describe('the wire itself', () => {
  test('a request with a wrong checksum is dropped and counted', async () => {
    const { device, clock } = deviceForTest()
    for (const transport of ['tcp', 'udp'] as const) {
      const client = await WireClient.open(device, { clock, transport })
      const connect = 'e80317fd00000000'
      client.sendBytes(Buffer.from(transport === 'tcp' ? `5050827d08000000${connect}` : connect, 'hex'))
      await clock.advance(100)
      expect(client.chunks).toEqual([])
      expect(client.end).toBeNull()
      client.close()
    }
    expect(device.stats.badChecksums).toBe(2)
  })

  test('a stream that is not the protocol is closed', async () => {
    const { device, clock } = deviceForTest()
    const client = await WireClient.open(device, { clock, transport: 'tcp' })
    client.sendBytes(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    await clock.advance(100)
    expect(client.end).toEqual({ error: null })
  })

  test('after CMD_EXIT the acknowledgement comes, then the end', async () => {
    const { device, clock } = deviceForTest()
    const client = await WireClient.open(device, { clock, transport: 'tcp' })
    await client.connect(clock)
    client.send(Command.Exit)
    await clock.advance(100)
    expect(client.packets.map(({ command }) => command)).toEqual([Reply.Ok, Reply.Ok])
    expect(client.end).toEqual({ error: null })
    expect(device.stats.openConnections).toBe(0)
  })

  test('slow-prepare: what is asked meanwhile waits its turn', async () => {
    const { client, clock, ask } = await wired('slow-prepare')
    await ask(Command.PrepareBuffer, encodePrepareBuffer({ command: Command.AttLogRrq }))
    await ask(Command.GetTime)
    await clock.advance(19_000)
    expect(client.packets).toEqual([])
    await clock.advance(1_000)
    expect(client.packets.map(({ replyId }) => replyId)).toEqual([1, 2])
  })

  test('pauses between the packets of a transfer', async () => {
    const { device, clock } = deviceForTest({ packetBytes: 1008, packetPauseMs: 20 })
    device.fillLog(100)
    const client = await WireClient.open(device, { clock, transport: 'tcp' })
    await client.connect(clock)
    client.send(Command.AttLogRrq)
    await clock.advance(200)
    const [first, ...others] = client.chunks.slice(1).map(({ atMs }) => atMs)
    expect(others.map(atMs => atMs - (first ?? 0))).toEqual([20, 40, 60, 80, 80])
  })

  test('corrupted bytes never make a right checksum', async () => {
    const { client, ask } = await wired({ name: 'corrupted-bytes', value: 1 }, 'udp')
    for (let times = 0; times < 200; times++) await ask(Command.GetTime)
    expect(client.chunks.filter(({ bytes }) => checksumHolds(bytes))).toEqual([])
  })
})

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { encodePrepareBuffer, encodeReadBuffer } from '../codec/binary/bulk.ts'
import { Command, Reply } from '../codec/binary/commands.ts'
import { encodeFrame, PacketReader } from '../codec/binary/frame.ts'
import { decodePacket, encodePacket, type Packet } from '../codec/binary/packet.ts'
import { VirtualDevice } from './device.ts'
import { listenVirtualDevice } from './listen.ts'

const NO_DATA = new Uint8Array(0)

function device(records = 0): VirtualDevice {
  const made = new VirtualDevice({ seed: 11 }, { clock: systemClock })
  made.fillLog(records)
  return made
}

/** Sends packets over a real socket and gives the packets that come until `isLast`. */
class SocketClient {
  readonly socket: Socket
  readonly #reader = new PacketReader()
  readonly #packets: Packet[] = []
  #sessionId = 0
  #replyId = 0

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => this.#packets.push(...this.#reader.push(bytes)))
    socket.on('error', () => {})
  }

  static async open(port: number): Promise<SocketClient> {
    const client = new SocketClient(connect(port, '127.0.0.1'))
    await once(client.socket, 'connect')
    return client
  }

  async ask(command: number, data: Uint8Array = NO_DATA, last: number = Reply.Ok): Promise<Packet[]> {
    this.socket.write(encodeFrame({ command, sessionId: this.#sessionId, replyId: this.#replyId++, data }))
    while (this.#packets.at(-1)?.command !== last) await once(this.socket, 'data')
    const packets = this.#packets.splice(0)
    if (command === Command.Connect) this.#sessionId = packets[0]?.sessionId ?? 0
    return packets
  }
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}

describe('a virtual device on real sockets', () => {
  test('TCP: a whole log comes as it stands, and CMD_EXIT closes', async () => {
    const virtual = device(5000)
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    const client = await SocketClient.open(listener.port)
    await client.ask(Command.Connect)
    await client.ask(Command.PrepareBuffer, encodePrepareBuffer({ command: Command.AttLogRrq }))
    const size = 4 + 5000 * 40
    const received: Uint8Array[] = []
    for (let offset = 0; offset < size; offset += 65_472) {
      const length = Math.min(65_472, size - offset)
      const reply = await client.ask(Command.ReadBuffer, encodeReadBuffer({ offset, length }))
      received.push(...reply.filter(packet => packet.command === Command.Data).map(packet => packet.data))
    }
    expect(Buffer.concat(received).subarray(4).equals(virtual.log.snapshot(0))).toBe(true)
    const closed = once(client.socket, 'close')
    await client.ask(Command.Exit)
    client.socket.end()
    await closed
    expect(virtual.stats).toMatchObject({ exits: 1, connections: 1, maxOpenConnections: 1 })
  })

  test('UDP on the same port', async () => {
    const virtual = device()
    await using listener = await listenVirtualDevice(virtual, { transport: 'both' })
    const socket = createSocket('udp4')
    socket.send(encodePacket({ command: Command.Connect, sessionId: 0, replyId: 0, data: NO_DATA }), listener.port)
    const [bytes] = (await once(socket, 'message')) as [Buffer]
    expect(decodePacket(bytes)).toMatchObject({ command: Reply.Ok, replyId: 0 })
    expect(await isRefused(listener.port)).toBe(false)
    socket.close()
  })

  test('black-and-white devices have no TCP unless asked', async () => {
    const virtual = new VirtualDevice({ seed: 1, profile: 'black-and-white' }, { clock: systemClock })
    await using listener = await listenVirtualDevice(virtual, {})
    expect(await isRefused(listener.port)).toBe(true)
  })

  test('unplugged it is gone with every connection; plugged in, back on its port', async () => {
    const virtual = device()
    await using listener = await listenVirtualDevice(virtual, { transport: 'both' })
    const client = await SocketClient.open(listener.port)
    await client.ask(Command.Connect)
    const closed = new Promise(resolve => client.socket.once('close', resolve))
    await listener.unplug()
    await closed
    expect(await isRefused(listener.port)).toBe(true)
    expect(virtual.stats).toMatchObject({ openConnections: 0, sessionsWithoutExit: 1 })
    await listener.plugIn()
    const again = await SocketClient.open(listener.port)
    expect((await again.ask(Command.Connect))[0]?.command).toBe(Reply.Ok)
    again.socket.destroy()
  })

  test('refuses-connection, switched on and off while it runs', async () => {
    const virtual = device()
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    virtual.setFault('refuses-connection', 'on')
    await listener.plugIn()
    expect(await isRefused(listener.port)).toBe(true)
    virtual.clearFaults()
    await listener.plugIn()
    expect(await isRefused(listener.port)).toBe(false)
  })

  test('a port that is taken is an error, and may be disposed of twice', async () => {
    const first = await listenVirtualDevice(device(), { transport: 'tcp' })
    const second = listenVirtualDevice(device(), { transport: 'tcp', port: first.port })
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()
    expect(await isRefused(first.port)).toBe(true)
  })

  test('a device that loses its power cuts its connections', async () => {
    const virtual = device()
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    const client = await SocketClient.open(listener.port)
    const ended = once(client.socket, 'end')
    await client.ask(Command.Connect)
    virtual.powerCycle()
    await ended
    client.socket.destroy()
  })
})

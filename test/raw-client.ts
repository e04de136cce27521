import type { Clock } from '../src/base/clock.ts'
import { seededRandom } from '../src/base/random.ts'
import { decodeBufferReady, encodePrepareBuffer, encodeReadBuffer } from '../src/codec/binary/bulk.ts'
import { scrambleCommKey } from '../src/codec/binary/comm-key.ts'
import { Command, Reply } from '../src/codec/binary/commands.ts'
import { encodeFrame, PacketReader } from '../src/codec/binary/frame.ts'
import { decodePacket, encodePacket, type Packet } from '../src/codec/binary/packet.ts'
import { VirtualDevice } from '../src/virtual/device.ts'
import { SimulatedNetwork } from '../src/virtual/network.ts'
import type { Peer } from '../src/virtual/peer.ts'
import type { VirtualDeviceOptions } from '../src/virtual/settings.ts'
import { VirtualClock } from './simulation/virtual-clock.ts'

/** A Monday morning at which virtual devices of tests live. */
export const START_MS = Date.UTC(2026, 2, 2, 7)

const NO_DATA = new Uint8Array(0)

/** A device on a clock of its own, with one seed for all tests. */
export function deviceForTest(options: Partial<VirtualDeviceOptions> = {}): {
  device: VirtualDevice
  clock: VirtualClock
} {
  const clock = new VirtualClock(START_MS)
  return { device: new VirtualDevice({ seed: 7, ...options }, { clock }), clock }
}

/** The simplest client there is: packets to a peer, packets back, no wire between. Counts session and reply ids. */
export class RawClient {
  readonly peer: Peer
  /** What came without being asked for. */
  readonly unasked: Packet[] = []
  sessionId = 0
  replyId = 0

  constructor(device: VirtualDevice, transport: 'tcp' | 'udp' = 'tcp', key = 'client') {
    this.peer = device.connect(transport, key)
    this.peer.listener = { onPackets: packets => this.unasked.push(...packets), onGone: () => {} }
  }

  /** Connects, and authenticates where it is asked to. */
  connect(commKey = 0): Packet[] {
    const reply = this.ask(Command.Connect)
    this.sessionId = reply[0]?.sessionId ?? 0
    if (reply[0]?.command !== Reply.Unauthorized) return reply
    return this.ask(Command.Auth, scrambleCommKey({ commKey, sessionId: this.sessionId, tick: 50 }))
  }

  ask(command: number, data: Uint8Array = NO_DATA): Packet[] {
    const { sessionId } = this
    return this.peer.receive({ command, sessionId, replyId: this.replyId++, data })
  }

  option(key: string): Packet | undefined {
    return this.ask(Command.OptionsRrq, new TextEncoder().encode(`${key}\0`))[0]
  }

  sizes(): Uint32Array {
    const data = this.ask(Command.GetFreeSizes)[0]?.data ?? NO_DATA
    return new Uint32Array(data.slice().buffer)
  }

  prepare(command: number = Command.AttLogRrq): Packet | undefined {
    return this.ask(Command.PrepareBuffer, encodePrepareBuffer({ command }))[0]
  }

  slice(offset: number, length: number): Packet[] {
    return this.ask(Command.ReadBuffer, encodeReadBuffer({ offset, length }))
  }

  /** Reads a whole list by buffer, without the length word. Trusts what it is told. */
  read(command: number = Command.AttLogRrq): Uint8Array {
    const ready = this.prepare(command)
    if (ready === undefined || ready.command === Reply.Error) return NO_DATA
    if (ready.command === Command.Data) return ready.data.subarray(4)
    const { size } = decodeBufferReady(ready.data)
    return dataOf(this.slice(0, size)).subarray(4)
  }
}

/** The data of all `CMD_DATA` packets, joined. */
export function dataOf(packets: readonly Packet[]): Uint8Array {
  return Buffer.concat(packets.filter(packet => packet.command === Command.Data).map(packet => packet.data))
}

export function commandsOf(packets: readonly Packet[]): number[] {
  return packets.map(packet => packet.command)
}

/** A client on the simulated network, which sees the bytes as they arrive and the time at which they do. */
export class WireClient {
  readonly transport: 'tcp' | 'udp'
  readonly chunks: Array<{ bytes: Uint8Array; atMs: number }> = []
  /** How the connection ended, if it did. */
  end: { error: Error | null } | null = null
  sessionId = 0
  replyId = 0
  #send: (bytes: Uint8Array) => void = () => {}
  close: () => void = () => {}

  constructor(transport: 'tcp' | 'udp') {
    this.transport = transport
  }

  /** Opens a link to a device that is alone on its network, and connects. */
  static async open(
    device: VirtualDevice,
    parts: { clock: VirtualClock; transport: 'tcp' | 'udp'; network?: SimulatedNetwork },
  ): Promise<WireClient> {
    const { clock, transport } = parts
    const address = { host: '10.0.0.1', port: 4370 }
    const network = parts.network ?? new SimulatedNetwork({ clock, random: seededRandom(1) })
    if (parts.network === undefined) network.attach(address, device, 'both')
    const client = new WireClient(transport)
    const open = transport === 'tcp' ? network.openTcp.bind(network) : network.openUdp.bind(network)
    const link = await clock.run(open(address, client.#handlers(clock), new AbortController().signal))
    client.#send = bytes => link.send(bytes)
    client.close = () => link.close()
    return client
  }

  /** The packets that have arrived whole, those with a wrong checksum left out. */
  get packets(): Packet[] {
    if (this.transport === 'udp') return this.chunks.flatMap(({ bytes }) => readDatagram(bytes))
    const reader = new PacketReader()
    return this.chunks.flatMap(({ bytes }) =>
      reader.push(bytes).map(packet => ({ ...packet, data: packet.data.slice() })),
    )
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks.map(({ bytes }) => bytes))
  }

  send(command: number, data: Uint8Array = NO_DATA): void {
    const packet = { command, sessionId: this.sessionId, replyId: this.replyId++, data }
    this.#send(this.transport === 'tcp' ? encodeFrame(packet) : encodePacket(packet))
  }

  /** Sends raw bytes, in place of a packet. */
  sendBytes(bytes: Uint8Array): void {
    this.#send(bytes)
  }

  async connect(clock: VirtualClock): Promise<void> {
    this.send(Command.Connect)
    await clock.advance(10)
    this.sessionId = this.packets[0]?.sessionId ?? 0
  }

  #handlers(clock: Clock): { onData(bytes: Uint8Array): void; onEnd(error: Error | null): void } {
    return {
      onData: bytes => this.chunks.push({ bytes: new Uint8Array(bytes), atMs: clock.monotonicMs() }),
      onEnd: error => {
        this.end = { error }
      },
    }
  }
}

function readDatagram(bytes: Uint8Array): Packet[] {
  try {
    return [decodePacket(bytes)]
  } catch {
    return []
  }
}

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import type { ServedDevice } from './served-device.ts'
import type { Transports } from './settings.ts'
import { Wire } from './wire.ts'

export interface ListenOptions {
  readonly host?: string | undefined
  /** 0, or nothing, takes any free port; with both transports the same one. */
  readonly port?: number | undefined
  /** What the profile of the device speaks, where it is not said. */
  readonly transport?: Transports | undefined
}

/** A virtual device on real sockets. */
export interface VirtualListener extends AsyncDisposable {
  readonly port: number
  /** Cuts every connection and stops answering, until {@link plugIn}. */
  unplug(): Promise<void>
  /** Comes back on the same port. */
  plugIn(): Promise<void>
}

/** With both transports, a free TCP port may be taken over UDP: try another this many times. */
const PORT_TRIES = 20

/** UDP clients never say goodbye: beyond this many addresses the oldest is forgotten. */
const UDP_WIRES_MAX = 256

/** Puts a device on the network of this machine. */
export async function listenVirtualDevice(device: ServedDevice, options: ListenOptions): Promise<VirtualListener> {
  const transport = options.transport ?? device.settings.transports
  const sockets = new DeviceSockets(device, options.host ?? '127.0.0.1')
  const port = await openPort(sockets, { port: options.port ?? 0, transport })
  let isPlugged = true
  let switching = Promise.resolve()
  /** Opens or closes by what is wanted now, one change after the other. */
  const settle = (): Promise<void> => {
    const settled = switching.then(async () => {
      if (isPlugged && !device.refusesConnections) await sockets.open({ port, transport })
      else await sockets.close()
    })
    // A failure, such as a port taken meanwhile, belongs to whoever asked for this change, not to the next one.
    switching = settled.catch(() => {})
    return settled
  }
  // Nobody waits for a change that a fault brings: where it fails the device stays silent, and plugIn says why.
  const watch = device.watchFaults(() => void settle().catch(() => {}))
  if (device.refusesConnections) await settle()
  return {
    port,
    unplug: () => {
      isPlugged = false
      return settle()
    },
    plugIn: () => {
      isPlugged = true
      return settle()
    },
    [Symbol.asyncDispose]: () => {
      watch[Symbol.dispose]()
      isPlugged = false
      return settle()
    },
  }
}

async function openPort(sockets: DeviceSockets, wanted: { port: number; transport: Transports }): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await sockets.open(wanted)
    } catch (error) {
      await sockets.close()
      if (wanted.port !== 0 || tries === PORT_TRIES) throw error
    }
  }
}

/** The listening sockets of one device and the connections they accepted. */
class DeviceSockets {
  readonly #device: ServedDevice
  readonly #host: string
  readonly #connections = new Set<Socket>()
  readonly #udpWires = new Map<string, Wire>()
  #tcp: Server | null = null
  #udp: UdpSocket | null = null
  #accepted = 0

  constructor(device: ServedDevice, host: string) {
    this.#device = device
    this.#host = host
  }

  /** Opens what is not open yet, and gives the port. */
  async open(wanted: { port: number; transport: Transports }): Promise<number> {
    let { port } = wanted
    if (wanted.transport !== 'udp') {
      this.#tcp ??= await listenTcp({ host: this.#host, port, onConnection: socket => this.#accept(socket) })
      port = portOf(this.#tcp.address())
    }
    if (wanted.transport !== 'tcp') {
      this.#udp ??= await this.#listenUdp(port)
      port = portOf(this.#udp.address())
    }
    return port
  }

  /** Cuts every connection and closes the sockets. May be called twice. */
  async close(): Promise<void> {
    for (const socket of this.#connections) socket.resetAndDestroy()
    for (const wire of this.#udpWires.values()) wire.close()
    this.#udpWires.clear()
    const [tcp, udp] = [this.#tcp, this.#udp]
    this.#tcp = null
    this.#udp = null
    await new Promise<void>(resolve => (tcp ? tcp.close(() => resolve()) : resolve()))
    await new Promise<void>(resolve => (udp ? udp.close(() => resolve()) : resolve()))
  }

  #accept(socket: Socket): void {
    const peer = this.#device.connect('tcp', `${socket.remoteAddress}:${socket.remotePort} ${++this.#accepted}`)
    const wire = new Wire(this.#device, peer, { send: bytes => sendTogether(socket, bytes), close: () => socket.end() })
    this.#connections.add(socket)
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => wire.receive(bytes))
    // A client that vanishes resets its connection; the close that follows says all there is to know.
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      this.#connections.delete(socket)
      wire.close()
    })
  }

  /** The line to a UDP address; a new one where the device has forgotten the old. */
  #udpWire(socket: UdpSocket, from: { address: string; port: number }): Wire {
    const key = `${from.address}:${from.port}`
    const peer = this.#device.connect('udp', key)
    const known = this.#udpWires.get(key)
    if (known?.carries(peer)) return known
    const wire = new Wire(this.#device, peer, {
      send: bytes => socket.send(bytes, from.port, from.address),
      close: () => this.#udpWires.delete(key),
    })
    if (this.#udpWires.size >= UDP_WIRES_MAX) this.#forgetOldestWire()
    this.#udpWires.set(key, wire)
    return wire
  }

  #forgetOldestWire(): void {
    const [oldest] = this.#udpWires
    oldest?.[1].close()
    if (oldest) this.#udpWires.delete(oldest[0])
  }

  async #listenUdp(port: number): Promise<UdpSocket> {
    const socket = createSocket('udp4')
    socket.on('message', (bytes, from) => this.#udpWire(socket, from).receive(bytes))
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, this.#host, () => {
        socket.removeListener('error', reject)
        // A client that is gone answers with "port unreachable"; a device does not care.
        socket.on('error', () => {})
        resolve()
      })
    })
    return socket
  }
}

/** Packets written in one turn of the event loop leave together: a slice is one system call, not a thousand. */
function sendTogether(socket: Socket, bytes: Uint8Array): void {
  if (socket.writableCorked === 0) {
    socket.cork()
    process.nextTick(() => socket.uncork())
  }
  socket.write(bytes)
}

function listenTcp(options: { host: string; port: number; onConnection: (socket: Socket) => void }): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, options.onConnection)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject)
      resolve(server)
    })
  })
}

function portOf(address: ReturnType<Server['address']>): number {
  if (address === null || typeof address === 'string') throw new TypeError('a listening socket has a port')
  return address.port
}

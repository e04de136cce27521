import type { Clock } from '../base/clock.ts'
import { encodeFrame, PacketReader } from '../codec/binary/frame.ts'
import { decodePacket, encodePacket, type Packet } from '../codec/binary/packet.ts'
import type { Behaviour, LineInside, WireChunk } from './behaviour.ts'
import type { OutgoingPacket } from './exchange.ts'
import type { PeerListener } from './peer.ts'
import type { DeviceStats } from './stats.ts'

/** Where the bytes of a line go: a socket, or the simulated network. */
export interface WireSink {
  /** One piece of the stream, or one datagram. Pieces sent without a pause may travel together. */
  send(bytes: Uint8Array): void
  /** The device closes the connection. */
  close(): void
}

/** What a line needs of the device. */
export interface WireHost {
  readonly clock: Clock
  readonly stats: DeviceStats
  readonly behaviours: readonly Behaviour[]
}

/** One client as a device sees it: takes whole packets, and gives those of the answer. */
export interface WirePeer {
  readonly transport: 'tcp' | 'udp'
  listener: PeerListener | null
  /** The connection is to be closed once what was answered has left. */
  readonly isOver: boolean
  /** An empty list is silence. */
  receive(packet: Packet): OutgoingPacket[]
  close(): void
}

/**
 * One connection between the device and a client: bytes become packets for the peer, and its packets become bytes,
 * each at its time. Everything that goes wrong on a wire happens here, by the behaviours of the device.
 */
export class Wire implements LineInside {
  readonly transport: 'tcp' | 'udp'
  readonly #host: WireHost
  readonly #peer: WirePeer
  readonly #sink: WireSink
  readonly #reader = new PacketReader()
  readonly #timers = new Set<Disposable>()
  readonly #queue: WireChunk[] = []
  #isWaiting = false
  #isClosed = false

  constructor(host: WireHost, peer: WirePeer, sink: WireSink) {
    this.#host = host
    this.#peer = peer
    this.#sink = sink
    this.transport = peer.transport
    peer.listener = { onPackets: packets => this.#sendPackets(packets), onGone: () => this.#hangUp() }
  }

  /** Bytes came in: any piece of the stream over TCP, one datagram over UDP. */
  receive(bytes: Uint8Array): void {
    if (this.#isClosed) return
    this.#host.stats.bytesReceived += bytes.length
    let packets: readonly Packet[] = this.#read(bytes)
    for (const { receivePackets } of this.#host.behaviours) packets = receivePackets?.(packets, this) ?? packets
    for (const packet of packets) this.#sendPackets(this.#peer.receive(packet))
    if (this.#peer.isOver) this.#sendChunks([{ close: true }])
  }

  /** Whether this is still the line of that peer. */
  carries(peer: WirePeer): boolean {
    return this.#peer === peer && !this.#isClosed
  }

  /** The other side closed the connection, or is gone. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#queue.length = 0
    for (const timer of this.#timers) timer[Symbol.dispose]()
    this.#timers.clear()
    this.#peer.close()
  }

  sendLater(ms: number, bytes: () => Uint8Array): void {
    this.#after(ms, () => this.#sendChunks([{ bytes: bytes(), afterMs: 0 }]))
  }

  /** A device does not answer what it cannot read: bad checksums are dropped, a broken stream is closed. */
  #read(bytes: Uint8Array): readonly Packet[] {
    const { stats } = this.#host
    try {
      if (this.transport === 'udp') return [decodePacket(bytes)]
      const before = this.#reader.badChecksums
      // Faults keep packets for later, and the reader lends them.
      const packets = this.#reader.push(bytes).map(packet => ({ ...packet, data: packet.data.slice() }))
      stats.badChecksums += this.#reader.badChecksums - before
      return packets
    } catch {
      stats.badChecksums++
      if (this.transport === 'tcp') this.#hangUp()
      return []
    }
  }

  #sendPackets(reply: readonly OutgoingPacket[]): void {
    if (this.#isClosed || reply.length === 0) return
    let packets = reply
    for (const { sendPackets } of this.#host.behaviours) packets = sendPackets?.(packets, this) ?? packets
    let chunks: readonly WireChunk[] = packets.map(packet => this.#encode(packet))
    for (const { sendFrames } of this.#host.behaviours) chunks = sendFrames?.(chunks, this) ?? chunks
    for (const { sendChunks } of this.#host.behaviours) chunks = sendChunks?.(chunks, this) ?? chunks
    this.#sendChunks(chunks)
  }

  #encode(packet: OutgoingPacket): WireChunk {
    const bytes = this.transport === 'tcp' ? encodeFrame(packet) : encodePacket(packet)
    return { bytes, afterMs: packet.afterMs ?? 0 }
  }

  #sendChunks(chunks: readonly WireChunk[]): void {
    for (const chunk of chunks) this.#queue.push(chunk)
    if (!this.#isWaiting) this.#drain()
  }

  /** Sends from the queue until a chunk has to wait; what stands behind it waits with it. */
  #drain(): void {
    this.#isWaiting = false
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      if ('close' in chunk) {
        this.#hangUp()
        return
      }
      if (chunk.afterMs > 0) {
        this.#wait(chunk)
        return
      }
      this.#send(chunk)
    }
  }

  #wait(chunk: WireChunk & { afterMs: number }): void {
    this.#isWaiting = true
    this.#queue.unshift({ ...chunk, afterMs: 0 })
    this.#after(chunk.afterMs, () => this.#drain())
  }

  #send(chunk: { bytes: Uint8Array; lateMs?: number | undefined }): void {
    if (chunk.lateMs !== undefined) {
      this.#after(chunk.lateMs, () => this.#send({ bytes: chunk.bytes }))
      return
    }
    this.#host.stats.bytesSent += chunk.bytes.length
    this.#sink.send(chunk.bytes)
  }

  #hangUp(): void {
    if (this.#isClosed) return
    this.close()
    this.#sink.close()
  }

  #after(ms: number, callback: () => void): void {
    const timer = this.#host.clock.after(ms, () => {
      this.#timers.delete(timer)
      callback()
    })
    this.#timers.add(timer)
  }
}

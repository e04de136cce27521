import { isIP } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { ServedDevice } from './served-device.ts'
import type { Transports } from './settings.ts'
import { Wire } from './wire.ts'

/** The shapes of the client's network seam. They are repeated here, since a virtual device never imports the client. */
export interface Address {
  readonly host: string
  readonly port: number
}

export interface LinkHandlers {
  onData(bytes: Uint8Array): void
  onEnd(error: Error | null): void
}

export interface Link {
  send(bytes: Uint8Array): void
  close(): void
}

/** A device on the network: disposed of, its host is gone; unplugged, its cable is out. */
export interface Attachment extends Disposable {
  /** Nothing gets through from now on: datagrams are lost, TCP waits. Open connections do not notice. */
  unplug(): void
  plugIn(): void
}

interface Host {
  readonly device: ServedDevice
  readonly transports: Transports
  isPlugged: boolean
  /** What TCP will bring once the cable is back: it repeats what was not confirmed, in order. */
  readonly held: Array<() => void>
}

/** A link as the network sees it, so that it can be counted and cut. */
interface OpenLink {
  readonly host: Host | null
  end(error: Error): void
}

/** One way, in milliseconds; a wired network of one site. */
const LATENCY_MS = 1

/**
 * A network without sockets, driven by a clock: hosts answer, refuse or are not there, and every byte takes its time.
 * Matches the client's `Network` by shape.
 */
export class SimulatedNetwork {
  readonly #clock: Clock
  readonly #random: Random
  readonly #latencyMs: number
  readonly #hosts = new Map<string, Host>()
  readonly #links = new Set<OpenLink>()
  #linksOpened = 0

  constructor(parts: { clock: Clock; random: Random; latencyMs?: number }) {
    this.#clock = parts.clock
    this.#random = parts.random
    this.#latencyMs = parts.latencyMs ?? LATENCY_MS
  }

  /** Links that a client opened and did not close. */
  get openLinks(): number {
    return this.#links.size
  }

  attach(address: Address, device: ServedDevice, transports?: Transports): Attachment {
    const key = nameOf(address)
    const host: Host = { device, transports: transports ?? device.settings.transports, isPlugged: true, held: [] }
    this.#hosts.set(key, host)
    return {
      unplug: () => {
        host.isPlugged = false
      },
      plugIn: () => {
        host.isPlugged = true
        for (const deliver of host.held.splice(0)) this.#clock.after(this.#latencyMs, deliver)
      },
      [Symbol.dispose]: () => {
        host.isPlugged = false
        if (this.#hosts.get(key) === host) this.#hosts.delete(key)
      },
    }
  }

  /** Cuts every TCP connection to the device, as a switch that restarts does, and both sides notice. */
  cutConnections(device: ServedDevice): void {
    for (const link of [...this.#links]) if (link.host?.device === device) link.end(errorOf('ECONNRESET'))
  }

  /** The addresses of a host: itself, where it has a device or is an IP address; rejects as a look-up does where it is neither. */
  lookUp(host: string): Promise<readonly string[]> {
    const isHere = isIP(host) > 0 || this.#isHostKnown({ host, port: 0 })
    return isHere ? Promise.resolve([host]) : Promise.reject(errorOf('ENOTFOUND'))
  }

  openTcp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const onAbort = (): void => {
        timer[Symbol.dispose]()
        reject(signal.reason)
      }
      const timer = this.#clock.after(2 * this.#latencyMs, () => {
        const host = this.#hosts.get(nameOf(address))
        // Packets to a cable that is out get no answer at all: only the caller's patience ends this.
        if (host?.isPlugged === false) return
        signal.removeEventListener('abort', onAbort)
        if (host === undefined) reject(errorOf(this.#isHostKnown(address) ? 'ECONNREFUSED' : 'EHOSTUNREACH'))
        else if (!listensTcp(host)) reject(errorOf('ECONNREFUSED'))
        else resolve(this.#openLink({ host, transport: 'tcp', handlers }))
      })
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  openUdp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const host = this.#hosts.get(nameOf(address))
    const answers = host !== undefined && host.transports !== 'tcp' && !host.device.refusesConnections
    return Promise.resolve(answers ? this.#openLink({ host, transport: 'udp', handlers }) : this.#deadLink(handlers))
  }

  #isHostKnown(address: Address): boolean {
    return [...this.#hosts.keys()].some(key => key.startsWith(`${address.host}:`))
  }

  #openLink(parts: { host: Host; transport: 'tcp' | 'udp'; handlers: LinkHandlers }): Link {
    const { host, transport, handlers } = parts
    const { device } = host
    let isOpen = true
    const deliver = (callback: () => void): void => {
      this.#clock.after(this.#latencyMs, () => {
        if (host.isPlugged) callback()
        else if (transport === 'tcp') host.held.push(callback)
      })
    }
    const end = (error: Error | null): void => {
      if (!isOpen) return
      isOpen = false
      this.#links.delete(link)
      handlers.onEnd(error)
    }
    const peer = device.connect(transport, `client-${++this.#linksOpened}-${this.#random.uint32()}`)
    const wire = new Wire(device, peer, {
      send: bytes => deliver(() => isOpen && lend(bytes, handlers)),
      close: () => deliver(() => end(null)),
    })
    const link: OpenLink = {
      host,
      end: error => {
        wire.close()
        end(error)
      },
    }
    this.#links.add(link)
    return {
      send: bytes => deliver(() => wire.receive(bytes)),
      close: () => {
        if (!isOpen) return
        isOpen = false
        this.#links.delete(link)
        // Nobody tells a device that a UDP client is gone; a TCP connection it hears of, if the cable is in.
        if (transport === 'tcp') deliver(() => wire.close())
      },
    }
  }

  /** UDP to a port or host that does not answer: the first datagram brings an error, as a connected socket reports it. */
  #deadLink(handlers: LinkHandlers): Link {
    let isOpen = true
    const link: OpenLink = { host: null, end: () => {} }
    this.#links.add(link)
    return {
      send: () => {
        this.#clock.after(2 * this.#latencyMs, () => {
          if (!isOpen) return
          isOpen = false
          this.#links.delete(link)
          handlers.onEnd(errorOf('ECONNREFUSED'))
        })
      },
      close: () => {
        isOpen = false
        this.#links.delete(link)
      },
    }
  }
}

function listensTcp({ transports, device }: Host): boolean {
  return transports !== 'udp' && !device.refusesConnections
}

function nameOf(address: Address): string {
  return `${address.host}:${address.port}`
}

/** Gives bytes for the time of the call alone, as a socket does that uses one buffer for all it receives. */
function lend(bytes: Uint8Array, handlers: LinkHandlers): void {
  const lent = new Uint8Array(bytes)
  handlers.onData(lent)
  lent.fill(0xdb)
}

/** An error as Node gives it, with its `code`. */
function errorOf(code: 'ECONNREFUSED' | 'ECONNRESET' | 'EHOSTUNREACH' | 'ENOTFOUND'): Error {
  return Object.assign(new Error(`connect ${code}`), { code })
}

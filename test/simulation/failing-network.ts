import type { Address, Link, LinkHandlers, Network } from '../../src/client/network.ts'

export type PacketFailure = 'lost' | 'cut'

/**
 * A network that fails one packet, the n-th in either direction: it is lost (a datagram), or the connection is cut in its
 * place. Also pulls every cable at once, as when the process that holds the links is killed.
 */
export class FailingNetwork implements Network {
  readonly #inner: Network
  readonly #links = new Set<() => void>()
  #failure: { at: number; how: PacketFailure } | null = null
  #packets = 0
  #isDead = false

  constructor(inner: Network) {
    this.#inner = inner
  }

  get packets(): number {
    return this.#packets
  }

  failAt(at: number, how: PacketFailure): void {
    this.#packets = 0
    this.#failure = { at, how }
  }

  heal(): void {
    this.#failure = null
  }

  /** Nothing is said or heard from now on; the other side sees its connections close. */
  die(): void {
    this.#isDead = true
    for (const close of this.#links) close()
  }

  openTcp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    return this.#open('openTcp', address, handlers, signal)
  }

  openUdp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
    return this.#open('openUdp', address, handlers, signal)
  }

  async #open(
    way: 'openTcp' | 'openUdp',
    address: Address,
    handlers: LinkHandlers,
    signal: AbortSignal,
  ): Promise<Link> {
    let isOpen = true
    const cut = () => {
      if (!isOpen) return
      isOpen = false
      inner.close()
      handlers.onEnd(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
    }
    const passes = (): boolean => {
      if (this.#isDead || !isOpen) return false
      this.#packets++
      if (this.#failure?.at !== this.#packets) return true
      if (this.#failure.how === 'cut') cut()
      return false
    }
    const inner = await this.#inner[way](
      address,
      {
        onData: bytes => {
          if (passes()) handlers.onData(bytes)
        },
        onEnd: error => {
          if (isOpen && !this.#isDead) handlers.onEnd(error)
          isOpen = false
        },
      },
      signal,
    )
    const close = () => inner.close()
    this.#links.add(close)
    return {
      send: bytes => {
        if (passes()) inner.send(bytes)
      },
      close: () => {
        isOpen = false
        this.#links.delete(close)
        inner.close()
      },
    }
  }
}

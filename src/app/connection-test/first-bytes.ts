import type { Address, LinkHandlers, Network } from '../../client/network.ts'

/** Enough to tell one protocol from another. */
const KEPT_BYTES = 16

/** A network that remembers how the newest link began to speak, for when it was not the ZK protocol. */
export class ListeningNetwork implements Network {
  readonly #inner: Network
  #firstBytes = new Uint8Array(0)

  constructor(inner: Network) {
    this.#inner = inner
  }

  get firstBytes(): Uint8Array {
    return this.#firstBytes
  }

  openTcp(address: Address, handlers: LinkHandlers, signal: AbortSignal): ReturnType<Network['openTcp']> {
    return this.#inner.openTcp(address, this.#listening(handlers), signal)
  }

  openUdp(address: Address, handlers: LinkHandlers, signal: AbortSignal): ReturnType<Network['openUdp']> {
    return this.#inner.openUdp(address, this.#listening(handlers), signal)
  }

  #listening(handlers: LinkHandlers): LinkHandlers {
    this.#firstBytes = new Uint8Array(0)
    return {
      onData: bytes => {
        if (this.#firstBytes.length < KEPT_BYTES) this.#keep(bytes.subarray(0, KEPT_BYTES))
        handlers.onData(bytes)
      },
      onEnd: error => handlers.onEnd(error),
    }
  }

  #keep(bytes: Uint8Array): void {
    const kept = new Uint8Array(this.#firstBytes.length + bytes.length)
    kept.set(this.#firstBytes)
    kept.set(bytes, this.#firstBytes.length)
    this.#firstBytes = kept
  }
}

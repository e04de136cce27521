import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { ReceiveRoom } from './receive-room.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** What a link does with what comes in. Called in order; after `onEnd` nothing more comes. */
export interface LinkHandlers {
  /** Over TCP any piece of the stream; over UDP one datagram a call. Lent for the time of the call, and never a `Buffer`. */
  onData(bytes: Uint8Array): void
  /** The other side closed (null), or the link broke. Not called after `close`. */
  onEnd(error: Error | null): void
}

/** A TCP byte stream, or a UDP socket that speaks with one address only. */
export interface Link {
  send(bytes: Uint8Array): void
  /** May be called twice. */
  close(): void
}

/**
 * The way to devices. `nodeNetwork` is the machine's own; the simulation hands in another. Both reject with the errors of
 * Node (`code` ECONNREFUSED, EHOSTUNREACH, ENOTFOUND, ...), or with the reason of the signal.
 */
export interface Network {
  openTcp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link>
  openUdp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link>
}

/** A `Buffer` is no stand-in for a `Uint8Array`: its `slice` is a view, and not the copy that keeps lent bytes. */
function plainBytes(bytes: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, length)
}

export const nodeNetwork: Network = { openTcp, openUdp }

function openTcp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let closed = false
    const room = new ReceiveRoom()
    const socket = connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      keepAlive: true,
      onread: {
        buffer: () => room.bytes,
        callback: (length, bytes) => {
          room.filled(length)
          if (!closed) handlers.onData(plainBytes(bytes, length))
          return true
        },
      },
    })
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', reject)
      let fault: Error | null = null
      socket.on('error', error => {
        fault = error
      })
      socket.on('close', () => {
        if (!closed) handlers.onEnd(fault)
      })
      resolve({
        send: bytes => {
          if (!socket.destroyed) socket.write(bytes)
        },
        close: () => {
          closed = true
          socket.destroy()
        },
      })
    })
    socket.once('close', () => signal.removeEventListener('abort', onAbort))
  })
}

function openUdp(address: Address, handlers: LinkHandlers, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4')
    let closed = false
    const close = () => {
      if (closed) return
      closed = true
      socket.close()
    }
    const onAbort = () => {
      close()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const fail = (error: Error) => {
      signal.removeEventListener('abort', onAbort)
      close()
      reject(error)
    }
    socket.once('error', fail)
    // A connected UDP socket hears its peer alone, and the system tells it when the port is closed there.
    // No callback: Node would hand a failed look-up to it in place of the event.
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', fail)
      const fault = (error: Error) => {
        if (closed) return
        close()
        handlers.onEnd(error)
      }
      socket.on('error', fault)
      socket.on('message', bytes => {
        if (!closed) handlers.onData(plainBytes(bytes, bytes.length))
      })
      resolve({
        send: bytes => {
          if (!closed) socket.send(bytes, error => error && fault(error))
        },
        close,
      })
    })
    socket.connect(address.port, address.host)
  })
}

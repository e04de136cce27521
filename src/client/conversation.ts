import type { Packet } from '../codec/binary/packet.ts'

/** One request. The runner adds the session id and the reply id, sends it, and comes back with what answers it. */
export interface Request {
  readonly command: number
  readonly data?: Uint8Array
  /** How long to wait for the first packet of the answer. */
  readonly timeoutMs?: number
  /**
   * Over UDP a lost request or reply is asked for again under the same reply id, which makes the device repeat its last
   * single reply without executing twice (docs/protocol/session.md). `once` for answers of several packets, of which such
   * a device would repeat the last alone.
   */
  readonly repeat?: 'same-reply-id' | 'once'
  /** How long a lost datagram is waited for before that. */
  readonly repeatMs?: number
}

/** Waits for one more packet of the same answer. */
export interface Listen {
  readonly listen: true
  readonly timeoutMs: number
}

/**
 * A conversation with a device: yields what to send and is resumed with the packet that came back. When nothing comes in
 * time, `ConnectionError` `REPLY_TIMEOUT` is thrown at the yield. The data of a packet are lent until the next yield or the
 * return: what is kept is copied. It holds no socket, timer or clock: a session runs it over TCP
 * or UDP, a test over an array.
 */
export type Conversation<Result> = Generator<Request | Listen, Result, Packet>

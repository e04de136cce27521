import type { Base } from '../base/base.ts'
import { ConnectionError } from '../base/errors.ts'
import type { Conversation } from './conversation.ts'
import { connect } from './conversations.ts'
import type { DeviceEvent } from './event-inbox.ts'
import type { Address, Network } from './network.ts'
import { goodbye, reach } from './reach.ts'
import { type Block, type BlockProgress, type BlockRequest, closeBlock, openBlock } from './read-block.ts'
import type { Session, SessionCounters } from './session.ts'

export interface ClientOptions {
  readonly address: Address
  /** Tried in this order; the next one only when the way failed, never when the device answered and refused. */
  readonly transports: readonly ['tcp' | 'udp', ...('tcp' | 'udp')[]]
  readonly commKey: number
}

/**
 * An open, authenticated conversation with one device. Never disables the device, never moves a marker, never deletes. Closing
 * says goodbye first, within a bounded time, so that the device frees its session.
 */
export class DeviceClient implements AsyncDisposable {
  readonly transport: 'tcp' | 'udp'
  readonly #session: Session

  private constructor(session: Session) {
    this.#session = session
    this.transport = session.transport
  }

  /**
   * @throws ConnectionError of the first transport when none works; DeviceError when the device refuses; the reason of `signal`.
   */
  static async open(
    options: ClientOptions,
    parts: { network: Network; base: Pick<Base, 'clock' | 'random'> },
    signal: AbortSignal,
  ): Promise<DeviceClient> {
    let firstError: unknown
    for (const transport of options.transports) {
      try {
        const session = await openSession(options, transport, parts, signal)
        return new DeviceClient(session)
      } catch (error) {
        if (!(error instanceof ConnectionError) || signal.aborted) throw error
        firstError ??= error
      }
    }
    throw firstError
  }

  get counters(): Readonly<SessionCounters> {
    return this.#session.counters
  }

  /** One conversation; see `conversations.ts`. */
  run<Result>(conversation: Conversation<Result>, signal: AbortSignal): Promise<Result> {
    return this.#session.run(conversation, signal)
  }

  /** What the device told unasked; see `event-inbox.ts`. */
  takeEvents(ms: number, signal: AbortSignal): Promise<{ events: DeviceEvent[]; dropped: number }> {
    return this.#session.takeEvents(ms, signal)
  }

  /** To be sent once what the event told is stored. */
  acknowledge(event: DeviceEvent): void {
    this.#session.acknowledge(event)
  }

  /**
   * Lets the device get a block ready, gives it to `work`, and lets the device drop it. After a failure the goodbye drops
   * it.
   *
   * @returns null when the device says it has nothing to send.
   */
  async withBlock<Result>(
    request: BlockRequest,
    options: { onProgress: (progress: BlockProgress) => void },
    work: (block: Block) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result | null> {
    const block = await openBlock(this.#session, request, options, signal)
    if (!block) return null
    const result = await work(block)
    await closeBlock(this.#session, block, signal)
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await goodbye(this.#session)
  }
}

async function openSession(
  options: ClientOptions,
  transport: 'tcp' | 'udp',
  parts: Parameters<typeof DeviceClient.open>[1],
  signal: AbortSignal,
): Promise<Session> {
  const { address, commKey } = options
  const session = await reach({ address, transport }, { network: parts.network, clock: parts.base.clock }, signal)
  try {
    await session.run(connect({ commKey, tick: parts.base.random.int(0, 255) }), signal)
    return session
  } catch (error) {
    await goodbye(session)
    throw error
  }
}

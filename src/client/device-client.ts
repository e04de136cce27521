import type { Base } from '../base/base.ts'
import { startDeadline } from '../base/clock.ts'
import { ConnectionError } from '../base/errors.ts'
import type { Conversation } from './conversation.ts'
import { announceSdk, connect, exit } from './conversations.ts'
import type { Address, Network } from './network.ts'
import { type BlockProgress, type BlockRequest, readBlock } from './read-block.ts'
import { Session, type SessionCounters } from './session.ts'

/** A TCP connect inside a network takes milliseconds; a lost SYN is repeated after one second. */
const OPEN_TIMEOUT_MS = 5_000
/** After the goodbye a TCP device closes its side at once; what does not is closed here. */
const CLOSE_TIMEOUT_MS = 500

export interface ClientOptions {
  readonly address: Address
  /** Tried in this order; the next one only when the way failed, never when the device answered and refused. */
  readonly transports: readonly ['tcp' | 'udp', ...('tcp' | 'udp')[]]
  readonly commKey: number
}

/** Told how far the opening has come; what Test Connection shows. */
export type OpenStage = 'reached' | 'greeted'

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
    parts: {
      network: Network
      base: Pick<Base, 'clock' | 'random'>
      onStage?: (stage: OpenStage, transport: 'tcp' | 'udp') => void
    },
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

  /** See {@link readBlock}. */
  readBlock(
    request: BlockRequest,
    options: { onProgress: (progress: BlockProgress) => void },
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    return readBlock(this.#session, request, options, signal)
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
  const { clock, random } = parts.base
  const { address, commKey } = options
  using deadline = startDeadline(clock, {
    ms: OPEN_TIMEOUT_MS,
    parent: signal,
    onExpiry: () =>
      new ConnectionError(
        'CONNECTION_TIMEOUT',
        `no answer from ${address.host}:${address.port} within ${OPEN_TIMEOUT_MS / 1000} s`,
      ),
  })
  const session = await Session.open({ address, transport }, { network: parts.network, clock }, deadline.signal)
  deadline[Symbol.dispose]()
  try {
    parts.onStage?.('reached', transport)
    await session.run(connect({ commKey, tick: random.int(0, 255) }), signal)
    parts.onStage?.('greeted', transport)
    await session.run(announceSdk(), signal)
    return session
  } catch (error) {
    await goodbye(session)
    throw error
  }
}

/** Always said, also after a failure: a device that is not told keeps the session and may refuse the next one. */
async function goodbye(session: Session): Promise<void> {
  await using _closed = session
  if (session.fault) return
  try {
    await session.run(exit(), new AbortController().signal)
    await session.untilEnded(CLOSE_TIMEOUT_MS)
  } catch {
    // The device is gone or silent. Nothing is owed to it any more, and the error that matters is already on its way.
  }
}

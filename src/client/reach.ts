import { type Clock, startDeadline } from '../base/clock.ts'
import { ConnectionError } from '../base/errors.ts'
import { exit } from './conversations.ts'
import type { Address, Network } from './network.ts'
import { Session } from './session.ts'

/** A TCP connect inside a network takes milliseconds; a lost SYN is repeated after one second. */
const REACH_TIMEOUT_MS = 5_000
/** A device that goes on sending prolongs every wait for an answer, since a packet may be large; it cannot prolong this one. */
const GOODBYE_TIMEOUT_MS = 2_000
/** After the goodbye a TCP device closes its side at once; what does not is closed here. */
const CLOSE_TIMEOUT_MS = 500

/** Opens a link to the address within five seconds. Nothing is said yet. @throws ConnectionError; the reason of `signal`. */
export async function reach(
  to: { address: Address; transport: 'tcp' | 'udp' },
  parts: { network: Network; clock: Clock },
  signal: AbortSignal,
): Promise<Session> {
  const where = `${to.address.host}:${to.address.port}`
  const message = `no answer from ${where} within ${REACH_TIMEOUT_MS / 1000} s`
  using deadline = startDeadline(parts.clock, {
    ms: REACH_TIMEOUT_MS,
    parent: signal,
    onExpiry: () => new ConnectionError('CONNECTION_TIMEOUT', message),
  })
  return await Session.open(to, parts, deadline.signal)
}

/** Always said, also after a failure: a device that is not told keeps the session and may refuse the next one. */
export async function goodbye(session: Session): Promise<void> {
  await using _closed = session
  if (session.fault) return
  using deadline = startDeadline(session.clock, {
    ms: GOODBYE_TIMEOUT_MS,
    onExpiry: () => new ConnectionError('REPLY_TIMEOUT', 'the goodbye was not answered'),
  })
  try {
    await session.run(exit(), deadline.signal)
    await session.untilEnded(CLOSE_TIMEOUT_MS)
  } catch {
    // The device is gone or silent. Nothing is owed to it any more, and the error that matters is already on its way.
  }
}

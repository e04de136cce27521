import type { Clock } from '../../base/clock.ts'
import type { AccountStore, SignInCondition } from '../../model/accounts.ts'

/** More than one sign-in makes, so that they never pile up, and no more than a sign-in may wait for. */
export const REMOVED_AT_ONCE = 100

/** Removes sessions whose time is over: those of closed browsers are never presented again. */
export async function removeExpiredSessions(
  { signIn }: Pick<AccountStore, 'signIn'>,
  clock: Pick<Clock, 'now'>,
): Promise<void> {
  const isExpired: SignInCondition = { column: 'expires_at', is: '<', value: new Date(clock.now()).toISOString() }
  const expired = await signIn.select('account_sessions', [isExpired], { limit: REMOVED_AT_ONCE })
  if (expired.length === 0) return
  const ids = expired.map(({ id }) => id ?? null)
  // Asked again: one that is used may have been prolonged meanwhile.
  await signIn.remove('account_sessions', [{ column: 'id', is: 'in', value: ids }, isExpired])
}

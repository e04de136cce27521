import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { RollcallError } from '../../base/errors.ts'
import type { AccountStore, TryLimit } from '../../model/accounts.ts'

const WITHIN_MS = 15 * 60_000
/** From one address, whatever accounts: an office behind one address signs in on Monday morning as well. */
const TRIES_FROM_ADDRESS = 60
/** At one account from one address: who has forgotten a password has tried all that it could be. */
const TRIES_AT_ACCOUNT_FROM_ADDRESS = 10
/** At one account, from everywhere. Many machines can thus lock one account out for a while, and no other. */
const TRIES_AT_ACCOUNT = 100

/** Who tries what. */
export interface Try {
  readonly ip: string
  readonly email: string
}

/** Counts a try before it is made. @throws RollcallError `TOO_MANY_TRIES`. */
export async function countSignInTry(accounts: Pick<AccountStore, 'countTry'>, attempt: Try): Promise<void> {
  const { fromAddress, atAccountFromAddress, atAccount } = limitsOf(attempt)
  // In this order: one address that has tried too often does not count against the account any more.
  await count(accounts, [fromAddress, atAccountFromAddress, atAccount])
}

/** Counts what costs as much as a sign-in, and belongs to no account. @throws RollcallError `TOO_MANY_TRIES`. */
export async function countTryFrom(accounts: Pick<AccountStore, 'countTry'>, ip: string): Promise<void> {
  await count(accounts, [limitsOf({ ip, email: '' }).fromAddress])
}

/** Whoever has signed in begins anew. What the address has tried at other accounts stays. */
export async function forgetSignInTries(accounts: Pick<AccountStore, 'forgetTries'>, attempt: Try): Promise<void> {
  const { atAccountFromAddress, atAccount } = limitsOf(attempt)
  await accounts.forgetTries([atAccountFromAddress, atAccount])
}

/** After how many seconds a `TOO_MANY_TRIES` is over. */
export class TooManyTries extends RollcallError {
  readonly retryAfterS: number

  constructor(waitMs: number) {
    const minutes = Math.ceil(waitMs / 60_000)
    super('TOO_MANY_TRIES', `too many tries: the next one is possible in ${minutes} minute${minutes === 1 ? '' : 's'}`)
    this.retryAfterS = Math.ceil(waitMs / 1000)
  }
}

async function count(accounts: Pick<AccountStore, 'countTry'>, limits: readonly TryLimit[]): Promise<void> {
  const refused = await accounts.countTry(limits)
  if (refused !== null) throw new TooManyTries(refused.waitMs)
}

function limitsOf({ ip, email }: Try) {
  const address = addressCounted(ip)
  const limit = (key: readonly string[], tries: number): TryLimit => ({
    hash: createHash('sha256').update(JSON.stringify(key)).digest(),
    tries,
    withinMs: WITHIN_MS,
  })
  return {
    fromAddress: limit(['address', address], TRIES_FROM_ADDRESS),
    atAccountFromAddress: limit(['account', email, address], TRIES_AT_ACCOUNT_FROM_ADDRESS),
    atAccount: limit(['account', email], TRIES_AT_ACCOUNT),
  }
}

/** Of IPv6 the network of 64 bits, which is the least that a subscriber gets: 2^64 addresses are one guesser. */
export function addressCounted(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped !== undefined) return mapped
  const plain = ip.split('%')[0] ?? ''
  if (!isIPv6(plain)) return ip
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  if (tail !== undefined) while (groups.length + after.length < 8) groups.push('0')
  return [...groups, ...after]
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}

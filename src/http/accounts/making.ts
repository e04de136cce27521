import { hash, randomBytes } from 'node:crypto'
import type { Account, ApiToken, Role } from '../../model/accounts.ts'
import type { Store } from '../../model/store.ts'
import { generatePassword, hashOfNew } from './passwords.ts'

const TOKEN_BYTES = 32
const TOKEN_MARK = 'rc_'
/** The mark and four characters of it: enough to tell one's tokens apart, and nothing to guess the rest from. */
const PREFIX_CHARACTERS = 7
const TOKEN_FORM = /^rc_[\w-]{43}$/

type Parts = Pick<Store, 'accounts' | 'tokens' | 'audit'>

/** Makes an account. Without a password it makes one, which is told here and nowhere else. @throws RollcallError. */
export async function makeAccount(
  store: Parts,
  who: string,
  wanted: { email: string; role: Role; password?: string | undefined },
): Promise<{ account: Account; generatedPassword: string | null }> {
  const generatedPassword = wanted.password === undefined ? generatePassword() : null
  const passwordHash = await hashOfNew(wanted.password ?? generatedPassword ?? '')
  const account = await store.accounts.add({ email: wanted.email.toLowerCase(), role: wanted.role, passwordHash })
  await recordCreated(store, who, account)
  return { account, generatedPassword }
}

export async function recordCreated(store: Parts, who: string, account: Account): Promise<void> {
  const details = { email: account.email, role: account.role }
  await store.audit.record({ who, action: 'account.created', subject: `account ${account.id}`, details })
}

/** Makes a token, which is told here and nowhere else. */
export async function makeToken(
  store: Parts,
  who: string,
  wanted: { name: string; role: Role },
): Promise<{ token: ApiToken; secret: string }> {
  const { name, role } = wanted
  const secret = TOKEN_MARK + randomBytes(TOKEN_BYTES).toString('base64url')
  const prefix = secret.slice(0, PREFIX_CHARACTERS)
  const token = await store.tokens.add({ name, role, prefix, hash: secretHash(secret) })
  const subject = `token ${token.id}`
  await store.audit.record({ who, action: 'token.created', subject, details: { name, role, prefix } })
  return { token, secret }
}

export async function revokeToken(store: Parts, who: string, id: number): Promise<void> {
  await store.tokens.revoke(id)
  await store.audit.record({ who, action: 'token.revoked', subject: `token ${id}`, details: {} })
}

/** What the database may know the token by; null where it is none by its form. */
export function hashOfToken(secret: string): Uint8Array | null {
  return TOKEN_FORM.test(secret) ? secretHash(secret) : null
}

/** 32 random bytes need no slow hash. The look-up by hash tells nothing by its time. */
export function secretHash(secret: string): Uint8Array {
  return hash('sha256', secret, 'buffer')
}

export function makeLinkSecret(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

import { ConfigError } from '../base/errors.ts'
import { email } from '../http/accounts/schemas.ts'
import type { Accounts } from '../http/authenticator.ts'
import type { Rollcall } from './rollcall.ts'
import { deriveSecret } from './secret-box.ts'

export { makeAccount, makeToken, revokeToken } from '../http/accounts/making.ts'

/** Accounts, sessions, tokens and the audit log of an installation, for its server. */
export async function openAccountsOf({
  store,
  base,
  config,
}: Pick<Rollcall, 'store' | 'base' | 'config'>): Promise<Accounts> {
  // A command that makes an account has no use for the routes.
  const { openAccounts } = await import('../http/accounts/open-accounts.ts')
  return openAccounts({ store, base, secret: deriveSecret(config, 'sessions') })
}

/** An e-mail address as accounts have it. @throws ConfigError `CONFIG_INVALID`. */
export function checkedEmail(text: string): string {
  const parsed = email.safeParse(text)
  if (parsed.success) return parsed.data
  throw new ConfigError('CONFIG_INVALID', '--email must be an e-mail address such as ada@example.org.')
}

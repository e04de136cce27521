import type { z } from 'zod'
import type { Account, ApiToken, AuditEntry } from '../../model/accounts.ts'
import type { accountJson, auditEntryJson, tokenJson } from './schemas.ts'

export function accountView(account: Account): z.output<typeof accountJson> {
  const { id, email, role, isDisabled, createdAt } = account
  return { id, email, role, is_disabled: isDisabled, created_at: createdAt.toISOString() }
}

export function tokenView(token: ApiToken): z.output<typeof tokenJson> {
  const { id, name, role, prefix, createdAt, lastUsedAt, revokedAt } = token
  return {
    id,
    name,
    role,
    prefix,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
    revoked_at: revokedAt?.toISOString() ?? null,
  }
}

export function auditView(entry: AuditEntry): z.output<typeof auditEntryJson> {
  const { id, at, who, action, subject, details } = entry
  return { id, created_at: at.toISOString(), who, action, subject, details }
}

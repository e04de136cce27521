import { z } from 'zod'
import { ROLES } from '../../model/accounts.ts'

/** Of a local part of 64 and a domain of 255 characters, mail servers take no more than this (RFC 5321, 4.5.3.1.3). */
const EMAIL_CHARACTERS_MAX = 254
/** A bound alone; how long a password must be says `passwords.ts`. */
const PASSWORD_CHARACTERS_MAX = 1000
const NAME_CHARACTERS_MAX = 100

export const email = z
  .email()
  .max(EMAIL_CHARACTERS_MAX)
  .transform(text => text.toLowerCase())
const password = z.string().min(1).max(PASSWORD_CHARACTERS_MAX)
const role = z.enum(ROLES).meta({ id: 'Role' })
const instant = z.iso.datetime()

export const idParams = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) })

export const signInBody = z.strictObject({ email, password })
export const firstAdminBody = z.strictObject({ token: z.string().min(1).max(100), email, password })
export const passwordBody = z.strictObject({ current_password: password, new_password: password })

export const principalJson = z
  .object({
    kind: z.enum(['account', 'token']),
    id: z.string(),
    name: z.string().describe('The e-mail address of an account, the name of a token.'),
    role,
  })
  .meta({ id: 'Principal', description: 'Who asks.' })

export const accountJson = z
  .object({
    id: z.number().int(),
    email: z.string(),
    role,
    is_disabled: z.boolean(),
    created_at: instant,
  })
  .meta({ id: 'Account' })
export const newAccountBody = z.strictObject({
  email,
  role: role.default('viewer'),
  password: password.optional().describe('Made and answered once where it is not given.'),
})
export const madeAccountJson = accountJson
  .extend({ password: z.string().nullable().describe('The password that was made, shown once; else null.') })
  .meta({ id: 'MadeAccount' })
export const accountChanges = z.strictObject({
  role: role.optional(),
  is_disabled: z.boolean().optional(),
  password: password.optional().describe('Ends every session of the account.'),
})

export const tokenJson = z
  .object({
    id: z.number().int(),
    name: z.string(),
    role,
    prefix: z.string().describe('Its first characters, to tell tokens apart.'),
    created_at: instant,
    last_used_at: instant.nullable().describe('To the minute.'),
    revoked_at: instant.nullable(),
  })
  .meta({ id: 'ApiToken' })
export const newTokenBody = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(NAME_CHARACTERS_MAX)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters'),
  role: role.default('viewer'),
})
export const madeTokenJson = tokenJson
  .extend({ token: z.string().describe('For Authorization: Bearer TOKEN. Shown once.') })
  .meta({ id: 'MadeApiToken' })

const AUDIT_PAGE = 50
const AUDIT_PAGE_MAX = 500
export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(AUDIT_PAGE_MAX).default(AUDIT_PAGE),
  cursor: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
})
export const auditEntryJson = z
  .object({
    id: z.number().int(),
    created_at: instant,
    who: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' })
export const auditPageJson = z
  .object({ data: z.array(auditEntryJson), next_cursor: z.string().nullable() })
  .meta({ id: 'AuditPage' })

/** `viewer` may look at everything but secrets; `admin` may change it as well. */
export const ROLES = ['viewer', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Who asks: a person who has signed in, or a program with a token. */
export interface Principal {
  readonly kind: 'account' | 'token'
  readonly id: string
  /** The e-mail address of an account, the name of a token. */
  readonly name: string
  readonly role: Role
}

/** What is known of a token; the token itself is shown once, when it is made. */
export interface ApiToken {
  readonly id: number
  readonly name: string
  readonly role: Role
  /** Its first characters, by which people tell their tokens apart. */
  readonly prefix: string
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

export interface TokenStore {
  /** Keeps the SHA-256 of a token. */
  add(token: { name: string; role: Role; prefix: string; hash: Uint8Array }): Promise<ApiToken>
  /** The token with this hash, unless it was revoked; notes the use, at most once a minute. */
  use(hash: Uint8Array): Promise<ApiToken | null>
  /** The newest first, revoked ones too. */
  list(): Promise<ApiToken[]>
  /** @throws StoreError `NOT_FOUND`. */
  revoke(id: number): Promise<void>
}

/** One change that somebody made. */
export interface AuditEntry {
  readonly id: number
  readonly at: Date
  /** `account ada@example.org`, `token payroll`, `command line`. */
  readonly who: string
  /** What was done, such as `device.edited`. */
  readonly action: string
  /** What it was done to, such as `device 3`; null for the installation as a whole. */
  readonly subject: string | null
  /** What was changed, without secrets. */
  readonly details: Readonly<Record<string, unknown>>
}

export interface AuditStore {
  record(entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void>
  /** The newest first; below the entry `before` where given. */
  list(page: { limit: number; before?: number }): Promise<AuditEntry[]>
}

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

/** A person who may sign in. */
export interface Account {
  readonly id: number
  readonly email: string
  readonly role: Role
  /** May not sign in. */
  readonly isDisabled: boolean
  readonly createdAt: Date
}

export interface NewAccount {
  /** In lower case. */
  readonly email: string
  readonly role: Role
  readonly passwordHash: string
}

export interface AccountStore {
  /** The rows of signing in, for the library that looks after sessions. */
  readonly signIn: SignInRows
  /** In order of id. */
  list(): Promise<Account[]>
  /** @throws StoreError `ACCOUNT_EXISTS`. */
  add(account: NewAccount): Promise<Account>
  /**
   * Changes what is given. A disabled account, and one with another password, has no session any more.
   *
   * @throws StoreError `NOT_FOUND`, `LAST_ADMIN`.
   */
  edit(id: number, changes: { role?: Role; isDisabled?: boolean; passwordHash?: string }): Promise<Account>
  /** Tells what was removed. @throws StoreError `NOT_FOUND`, `LAST_ADMIN`. */
  remove(id: number): Promise<Account>
  /** Keeps the SHA-256 of a link that makes the first admin, in place of an earlier one; false where there is an account. */
  offerFirstAdmin(link: { hash: Uint8Array; expiresAt: Date }): Promise<boolean>
  /** Uses up the link. @throws StoreError `LINK_REFUSED` unless it is the one, in time, and there is no account. */
  addFirstAdmin(hash: Uint8Array, account: Omit<NewAccount, 'role'>): Promise<Account>
  /**
   * Counts one try for each key, unless one of them has had its limit within the time; then it tells after how many milliseconds
   * its count begins anew, and counts nothing further.
   */
  countTry(keys: readonly TryLimit[]): Promise<{ waitMs: number } | null>
  /** Begins the count of these keys anew. */
  forgetTries(keys: ReadonlyArray<Pick<TryLimit, 'hash'>>): Promise<void>
}

/** How often something may be tried. */
export interface TryLimit {
  /** SHA-256 of what is counted for. */
  readonly hash: Uint8Array
  readonly tries: number
  readonly withinMs: number
}

export type SignInTable = 'accounts' | 'account_logins' | 'account_sessions'
export type SignInValue = string | number | null
/** Columns by their names in the database; instants as text, truth values as 0 and 1. */
export type SignInRow = Readonly<Record<string, SignInValue>>

/** Of a column, what a row must have. All of them have to be met. */
export interface SignInCondition {
  readonly column: string
  readonly is: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'
  readonly value: SignInValue | readonly SignInValue[]
}

/** The tables of signing in, row by row. */
export interface SignInRows {
  /** Tells the row with its id. */
  insert(table: SignInTable, row: SignInRow): Promise<SignInRow>
  /**
   * Inserts a session of an account whose password was proven; null where the account is gone or disabled, or has another password by now.
   * What ends the sessions of an account at the same time comes wholly before this, or wholly after.
   */
  insertSession(row: SignInRow, provenHash: string): Promise<SignInRow | null>
  /** In order of id, unless told otherwise. */
  select(table: SignInTable, where: readonly SignInCondition[], page?: SignInPage): Promise<SignInRow[]>
  /** Tells how many rows it met. */
  update(table: SignInTable, where: readonly SignInCondition[], changes: SignInRow): Promise<number>
  remove(table: SignInTable, where: readonly SignInCondition[]): Promise<number>
}

export interface SignInPage {
  readonly limit: number
  readonly offset?: number
  readonly order?: { readonly column: string; readonly direction: 'asc' | 'desc' }
}

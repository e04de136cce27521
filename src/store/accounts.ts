import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { StoreError } from '../base/errors.ts'
import type { Account, AccountStore, NewAccount, Role, TryLimit } from '../model/accounts.ts'
import type { Engine } from './engine.ts'
import { insertedId } from './inserted-id.ts'
import { instantFrom, instantText } from './instants.ts'
import { SqlSignInRows } from './sign-in-rows.ts'
import { countTry, forgetTries } from './sign-in-tries.ts'
import type { AccountRow, Tables } from './tables.ts'

/** There is one link at most, so that a new one takes the place of the old. */
const LINK_ID = 1

export class SqlAccounts implements AccountStore {
  readonly signIn: SqlSignInRows
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.signIn = new SqlSignInRows(engine)
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async list(): Promise<Account[]> {
    return (await this.#kysely.selectFrom('accounts').selectAll().orderBy('id').execute()).map(accountFrom)
  }

  async add(account: NewAccount): Promise<Account> {
    try {
      return await this.#engine.transaction(async transaction => {
        if (await isTaken(transaction, account.email)) throw accountExists(account.email)
        return this.#insert(transaction, account)
      })
    } catch (error) {
      // Two that add the same one at once: the index has refused the second.
      const isRefused = error instanceof StoreError && error.code === 'STORE_FAILED'
      if (isRefused && (await isTaken(this.#kysely, account.email))) throw accountExists(account.email)
      throw error
    }
  }

  async edit(id: number, changes: { role?: Role; isDisabled?: boolean; passwordHash?: string }): Promise<Account> {
    const { role, isDisabled, passwordHash } = changes
    return this.#engine.transaction(async transaction => {
      const account = await lockAccount(transaction, id)
      const updatedAt = instantText(this.#clock.now())
      const after = {
        ...account,
        role: role ?? account.role,
        is_disabled: isDisabled === undefined ? account.is_disabled : Number(isDisabled),
      }
      await requireOtherAdmin(transaction, account, after)
      await transaction
        .updateTable('accounts')
        .set({ role: after.role, is_disabled: after.is_disabled, updated_at: updatedAt })
        .where('id', '=', id)
        .execute()
      if (passwordHash !== undefined) {
        await transaction
          .updateTable('account_logins')
          .set({ password_hash: passwordHash, updated_at: updatedAt })
          .where('account_id', '=', id)
          .where('provider', '=', 'credential')
          .execute()
      }
      if (isDisabled || passwordHash !== undefined)
        await transaction.deleteFrom('account_sessions').where('account_id', '=', id).execute()
      return accountFrom(after)
    })
  }

  async remove(id: number): Promise<Account> {
    return this.#engine.transaction(async transaction => {
      const account = await lockAccount(transaction, id)
      await requireOtherAdmin(transaction, account, null)
      await transaction.deleteFrom('accounts').where('id', '=', id).execute()
      return accountFrom(account)
    })
  }

  async offerFirstAdmin(link: { hash: Uint8Array; expiresAt: Date }): Promise<boolean> {
    const row = {
      id: LINK_ID,
      token_sha256: Buffer.from(link.hash).toString('hex'),
      expires_at: instantText(link.expiresAt.getTime()),
    }
    const replace = () =>
      this.#engine.transaction(async transaction => {
        if (await hasAccounts(transaction)) return false
        await transaction.deleteFrom('first_admin_links').execute()
        await transaction.insertInto('first_admin_links').values(row).execute()
        return true
      })
    return replace().catch((error: unknown) => {
      // Two that start at once: the one that comes second replaces the link of the first.
      if (error instanceof StoreError && error.code === 'STORE_FAILED') return replace()
      throw error
    })
  }

  async addFirstAdmin(hash: Uint8Array, account: Omit<NewAccount, 'role'>): Promise<Account> {
    return this.#engine.transaction(async transaction => {
      // Locked first: of two that use the link at once the second finds it gone.
      const link = await transaction
        .selectFrom('first_admin_links')
        .selectAll()
        .where('token_sha256', '=', Buffer.from(hash).toString('hex'))
        .forUpdate()
        .executeTakeFirst()
      const isGood = link !== undefined && instantFrom(link.expires_at).getTime() > this.#clock.now()
      if (!isGood || (await hasAccounts(transaction)))
        throw new StoreError('LINK_REFUSED', 'this link makes no admin: it was used or replaced, or it is too old')
      await transaction.deleteFrom('first_admin_links').execute()
      return this.#insert(transaction, { ...account, role: 'admin' })
    })
  }

  async countTry(keys: readonly TryLimit[]): Promise<{ waitMs: number } | null> {
    return countTry(this.#engine, this.#clock, keys)
  }

  async forgetTries(keys: ReadonlyArray<Pick<TryLimit, 'hash'>>): Promise<void> {
    await forgetTries(this.#engine, keys)
  }

  async #insert(transaction: Transaction<Tables>, account: NewAccount): Promise<Account> {
    const now = instantText(this.#clock.now())
    const { email, role, passwordHash } = account
    const row = { email, role, is_disabled: 0, created_at: now, updated_at: now }
    const id = await insertedId(transaction, transaction.insertInto('accounts').values(row))
    await transaction
      .insertInto('account_logins')
      .values({
        account_id: id,
        provider: 'credential',
        subject: String(id),
        password_hash: passwordHash,
        created_at: now,
        updated_at: now,
      })
      .execute()
    return accountFrom({ ...row, id })
  }
}

async function hasAccounts(kysely: Kysely<Tables>): Promise<boolean> {
  return (await kysely.selectFrom('accounts').select('id').limit(1).execute()).length > 0
}

async function isTaken(kysely: Kysely<Tables>, email: string): Promise<boolean> {
  const row = await kysely.selectFrom('accounts').select('id').where('email', '=', email).executeTakeFirst()
  return row !== undefined
}

async function lockAccount(transaction: Transaction<Tables>, id: number): Promise<AccountRow> {
  // All admins with it, in one order: two that demote each other at once would leave none.
  const rows = await transaction
    .selectFrom('accounts')
    .selectAll()
    .where(({ eb, or }) => or([eb('id', '=', id), eb('role', '=', 'admin')]))
    .orderBy('id')
    .forUpdate()
    .execute()
  const account = rows.find(row => row.id === id)
  if (!account) throw new StoreError('NOT_FOUND', `there is no account ${id}`)
  return account
}

/** `after` is null where the account is removed. */
async function requireOtherAdmin(
  transaction: Transaction<Tables>,
  before: AccountRow,
  after: AccountRow | null,
): Promise<void> {
  if (!isAbleAdmin(before) || (after !== null && isAbleAdmin(after))) return
  const others = await transaction
    .selectFrom('accounts')
    .select('id')
    .where('role', '=', 'admin')
    .where('is_disabled', '=', 0)
    .where('id', '!=', before.id)
    .limit(1)
    .execute()
  if (others.length === 0) throw new StoreError('LAST_ADMIN', `${before.email} is the last admin that may sign in`)
}

function isAbleAdmin(row: AccountRow): boolean {
  return row.role === 'admin' && row.is_disabled === 0
}

function accountExists(email: string): StoreError {
  return new StoreError('ACCOUNT_EXISTS', `there is an account ${email} already`)
}

function accountFrom(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    isDisabled: row.is_disabled === 1,
    createdAt: instantFrom(row.created_at),
  }
}

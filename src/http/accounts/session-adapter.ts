import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type CleanedWhere, createAdapterFactory } from 'better-auth/adapters'
import { RollcallError } from '../../base/errors.ts'
import type { SignInCondition, SignInRow, SignInRows, SignInTable, SignInValue } from '../../model/accounts.ts'

/** The column that the library takes for the token itself. */
export const TOKEN_COLUMN = 'token_sha256'
const TABLES: readonly string[] = ['accounts', 'account_logins', 'account_sessions'] satisfies SignInTable[]
const OPERATORS: Readonly<Record<string, SignInCondition['is']>> = {
  eq: '=',
  ne: '!=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  in: 'in',
  not_in: 'not in',
}

/** The hash that the password of the sign-in under way was proven against. */
type ProvenHash = () => string | null

/** @throws RollcallError `SIGN_IN_REFUSED` where the account is disabled, gone, or has another password since it was proven. */
async function openSession(
  rows: SignInRows,
  provenHash: ProvenHash,
  data: Readonly<Record<string, unknown>>,
): Promise<SignInRow> {
  const hash = provenHash()
  const inserted = hash === null ? null : await rows.insertSession(stored(data), hash)
  if (inserted === null) throw new RollcallError('SIGN_IN_REFUSED', 'the account does not open any more')
  return inserted
}

/**
 * better-auth on the tables of our store, on whichever engine. The library keeps the token of a session as it is; here it is
 * hashed on its way in, and given back only to whoever asked with it.
 */
export function sessionAdapter(rows: SignInRows, provenHash: ProvenHash) {
  async function select(model: string, where: readonly CleanedWhere[], page: Parameters<SignInRows['select']>[2]) {
    const found = await rows.select(tableOf(model), conditionsOf(where), page)
    return found.map(row => withTokenAsked(row, where))
  }
  return createAdapterFactory({
    config: {
      adapterId: 'rollcall',
      supportsDates: false,
      supportsBooleans: false,
      supportsNumericIds: true,
      transaction: false,
    },
    adapter: () => ({
      async create<Row extends Record<string, unknown>>({ model, data }: { model: string; data: Row }): Promise<Row> {
        const table = tableOf(model)
        const inserted = await (table === 'account_sessions'
          ? openSession(rows, provenHash, data)
          : rows.insert(table, stored(data)))
        return { ...data, id: inserted.id }
      },
      async update<Row>({ model, where, update }: { model: string; where: CleanedWhere[]; update: Row }) {
        await rows.update(tableOf(model), conditionsOf(where), stored(update as Record<string, unknown>))
        const [row] = await select(model, where, { limit: 1 })
        return (row ?? null) as Row | null
      },
      updateMany: ({ model, where, update }) => rows.update(tableOf(model), conditionsOf(where), stored(update)),
      async findOne<Row>({ model, where }: { model: string; where: CleanedWhere[] }) {
        const [row] = await select(model, where, { limit: 1 })
        return (row ?? null) as Row | null
      },
      async findMany<Row>(query: {
        model: string
        where?: CleanedWhere[] | undefined
        limit: number
        offset?: number | undefined
        sortBy?: { field: string; direction: 'asc' | 'desc' } | undefined
      }) {
        const { model, where = [], limit, offset = 0, sortBy } = query
        const order = sortBy ? { order: { column: sortBy.field, direction: sortBy.direction } } : {}
        return (await select(model, where, { limit, offset, ...order })) as Row[]
      },
      async delete({ model, where }) {
        await rows.remove(tableOf(model), conditionsOf(where))
      },
      deleteMany: ({ model, where }) => rows.remove(tableOf(model), conditionsOf(where)),
      count: async ({ model, where = [] }) => (await rows.select(tableOf(model), conditionsOf(where))).length,
    }),
  })
}

function tableOf(model: string): SignInTable {
  assert(TABLES.includes(model), `there is no table ${model} for signing in`)
  return model as SignInTable
}

function conditionsOf(where: readonly CleanedWhere[]): SignInCondition[] {
  return where.map(({ field, operator, value, connector }, i) => {
    const is = OPERATORS[operator ?? 'eq']
    assert(is !== undefined && (connector === 'AND' || i === 0), `a condition ${connector} ${operator} is not known`)
    return {
      column: field,
      is,
      value: Array.isArray(value) ? value.map(one => asked(field, one)) : asked(field, value),
    }
  })
}

function asked(column: string, value: unknown): SignInValue {
  const plain = plainValue(value)
  return column === TOKEN_COLUMN && typeof plain === 'string' ? sha256(plain) : plain
}

function stored(row: Readonly<Record<string, unknown>>): SignInRow {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, asked(column, value)]))
}

function withTokenAsked(row: SignInRow, where: readonly CleanedWhere[]): SignInRow {
  const token = where.find(({ field, operator }) => field === TOKEN_COLUMN && operator === 'eq')?.value
  return typeof token === 'string' ? { ...row, [TOKEN_COLUMN]: token } : row
}

function plainValue(value: unknown): SignInValue {
  assert(value === null || typeof value === 'string' || typeof value === 'number', 'a value has no column type')
  return value
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

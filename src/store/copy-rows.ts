import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { anyTable, type CopiedTable, type Row } from './copy-tables.ts'
import type { Tables } from './tables.ts'

/** Of SHA-256, 128 bits: chance never makes two tables alike, and a line of a terminal has room for it. */
const CHECKSUM_DIGITS = 32

/** Rows of a table, up to a limit, in the order of its key. */
export interface Range {
  /** Those above this key. */
  readonly after: number
  /** Those up to this key, too. */
  readonly until?: number
  readonly limit?: number
}

export async function readRows(kysely: Kysely<Tables>, table: CopiedTable, range: Range): Promise<Row[]> {
  let query = anyTable(kysely).selectFrom(table.name).select(table.columns).where(table.key, '>', range.after)
  if (range.until !== undefined) query = query.where(table.key, '<=', range.until)
  if (range.limit !== undefined) query = query.limit(range.limit)
  for (const column of table.order) query = query.orderBy(column)
  const rows = await query.execute()
  return rows.length === range.limit ? withoutCutKey(table, rows) : rows
}

/** Without the last rows of a page where more of their key may follow: the next page begins with them. */
function withoutCutKey(table: CopiedTable, rows: readonly Row[]): Row[] {
  const last = rows.at(-1)
  if (table.order.length === 1 || last === undefined) return [...rows]
  const whole = rows.filter(row => keyOf(table, row) !== keyOf(table, last))
  if (whole.length === 0) throw new Error(`one ${table.key} of ${table.name} has more rows than a page`)
  return whole
}

export async function readKeys(kysely: Kysely<Tables>, table: CopiedTable, range: Range): Promise<number[]> {
  let query = anyTable(kysely).selectFrom(table.name).select(table.key).where(table.key, '>', range.after)
  if (range.until !== undefined) query = query.where(table.key, '<=', range.until)
  if (range.limit !== undefined) query = query.limit(range.limit)
  return (await query.orderBy(table.key).execute()).map(row => keyOf(table, row))
}

/** How many rows the table has, and the highest key among them; 0 where it has none. `until` leaves out what is above. */
export async function measure(
  kysely: Kysely<Tables>,
  table: CopiedTable,
  until = Number.MAX_SAFE_INTEGER,
): Promise<{ rows: number; lastKey: number }> {
  const { rows, last } = await anyTable(kysely)
    .selectFrom(table.name)
    .select(({ fn }) => [fn.countAll<number>().as('rows'), fn.max(table.key).as('last')])
    .where(table.key, '<=', until)
    .executeTakeFirstOrThrow()
  return { rows: Number(rows), lastKey: Number(last ?? 0) }
}

export function keyOf(table: CopiedTable, row: Row): number {
  return Number(row[table.key])
}

/** A row as the copy holds it. */
export function asCopied(table: CopiedTable, row: Row): Row {
  return { ...row, ...table.constants }
}

/** A row as one text, the same on every engine: two rows are equal where their texts are. */
export function rowText(table: CopiedTable, row: Row): string {
  return JSON.stringify(
    table.columns.map(column => {
      const value = row[column]
      return value instanceof Uint8Array ? { bytes: value.toHex() } : value
    }),
  )
}

/** Rows of one key as one text. */
export function textsByKey(table: CopiedTable, rows: readonly Row[]): Map<number, string> {
  const texts = new Map<number, string>()
  for (const row of rows) {
    const key = keyOf(table, row)
    texts.set(key, (texts.get(key) ?? '') + rowText(table, row))
  }
  return texts
}

/** Adds up row after row, in the order of their keys. */
export class TableChecksum {
  readonly #hash = createHash('sha256')
  readonly #table: CopiedTable
  rows = 0

  constructor(table: CopiedTable) {
    this.#table = table
  }

  add(row: Row): void {
    this.#hash.update(rowText(this.#table, row)).update('\n')
    this.rows++
  }

  /** Once. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, CHECKSUM_DIGITS)
  }
}

import { type Kysely, sql } from 'kysely'
import type { NumberedTable } from '../copy-tables.ts'
import type { Tables } from '../tables.ts'

/** SQLite keeps the last id of each table of its own; the table has a row there from its first row on. */
export async function lastId(kysely: Kysely<Tables>, table: NumberedTable): Promise<number> {
  const { rows } = await sql<{ seq: number }>`select seq from sqlite_sequence where name = ${table}`.execute(kysely)
  return rows[0]?.seq ?? 0
}

/** Within a transaction. */
export async function raiseLastId(kysely: Kysely<Tables>, table: NumberedTable, id: number): Promise<void> {
  await sql`insert into sqlite_sequence (name, seq) select ${table}, 0
    where not exists (select 1 from sqlite_sequence where name = ${table})`.execute(kysely)
  await sql`update sqlite_sequence set seq = max(seq, ${id}) where name = ${table}`.execute(kysely)
}

import { type Kysely, sql } from 'kysely'
import type { NumberedTable } from '../copy-tables.ts'
import type { Tables } from '../tables.ts'

/** Read out of the text of the table: what MySQL tells in its information schema can be a day old. */
export async function lastId(kysely: Kysely<Tables>, table: NumberedTable): Promise<number> {
  const { rows } = await sql<{ 'Create Table': string }>`show create table ${sql.table(table)}`.execute(kysely)
  const next = /\) ENGINE=.*? AUTO_INCREMENT=(\d+)/.exec(rows[0]?.['Create Table'] ?? '')?.[1]
  return next === undefined ? 0 : Number(next) - 1
}

/** A change of the schema, which no transaction holds; the server itself goes no lower than the ids of the rows. */
export async function raiseLastId(kysely: Kysely<Tables>, table: NumberedTable, id: number): Promise<void> {
  if ((await lastId(kysely, table)) >= id) return
  await sql`alter table ${sql.table(table)} auto_increment = ${sql.lit(id + 1)}`.execute(kysely)
}

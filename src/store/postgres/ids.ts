import { type Kysely, sql } from 'kysely'
import type { NumberedTable } from '../copy-tables.ts'
import type { Tables } from '../tables.ts'

export async function lastId(kysely: Kysely<Tables>, table: NumberedTable): Promise<number> {
  const { rows } = await sql<{ id: number }>`select ${lastIdOf(table)} as id`.execute(kysely)
  return rows[0]?.id ?? 0
}

/** An id that comes with its row leaves the sequence where it is, so that the next row without one would collide. */
export async function raiseLastId(kysely: Kysely<Tables>, table: NumberedTable, id: number): Promise<void> {
  // A sequence that has given out nothing cannot be set to 0, which it has no need of either.
  await sql`select setval(pg_get_serial_sequence(${table}, 'id')::regclass, last.id)
    from (select greatest(${id}::bigint, ${lastIdOf(table)}) as id) as last where last.id > 0`.execute(kysely)
}

function lastIdOf(table: NumberedTable) {
  return sql`greatest(coalesce(pg_sequence_last_value(pg_get_serial_sequence(${table}, 'id')::regclass), 0),
    coalesce((select max(id) from ${sql.table(table)}), 0))`
}

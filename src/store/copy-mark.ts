import { type Kysely, sql } from 'kysely'
import type { Engine } from './engine.ts'
import { instantText } from './instants.ts'
import type { Tables } from './tables.ts'

/**
 * A table of one row that only the target of a copy has. Made by the copy and by no migration: whoever opens a database looks at the
 * names of its tables in any case, and so learns of it without a further question.
 */
export const COPY_MARK_TABLE = 'rollcall_copy'

/** What is written down in the target of a copy. */
export interface CopyMark {
  /** The source as messages name it. */
  readonly source: string
  readonly startedAt: string
  /** Null while the copy is not finished: nobody may work on the target. */
  readonly finishedAt: string | null
}

/** The mark of a database; null where it has none. */
export async function copyMarkOf(engine: Engine): Promise<CopyMark | null> {
  const names = await engine.tableNames()
  return names.includes(COPY_MARK_TABLE) ? readCopyMark(engine.kysely) : null
}

/** The mark of a database that has the table; null where a copy was killed before it had written the row. */
export async function readCopyMark(kysely: Kysely<Tables>): Promise<CopyMark | null> {
  const { rows } = await sql<{ source: string; started: string; finished: string | null }>`
    select source, started, finished from ${sql.table(COPY_MARK_TABLE)}`.execute(kysely)
  const [row] = rows
  return row ? { source: row.source, startedAt: row.started, finishedAt: row.finished } : null
}

/** Marks the target as unfinished. May be repeated after a kill between its statements, which not every engine can undo. */
export async function markUnfinished(engine: Engine, source: string, nowMs: number): Promise<void> {
  await engine.transaction(async transaction => {
    await sql`create table if not exists ${sql.table(COPY_MARK_TABLE)}
      (source text not null, started text not null, finished text)`.execute(transaction)
    await sql`delete from ${sql.table(COPY_MARK_TABLE)}`.execute(transaction)
    await sql`insert into ${sql.table(COPY_MARK_TABLE)} (source, started, finished)
      values (${source}, ${instantText(nowMs)}, null)`.execute(transaction)
  })
}

/** From here on the target is a database like any other. */
export async function markFinished(engine: Engine, nowMs: number): Promise<void> {
  await engine.transaction(transaction =>
    sql`update ${sql.table(COPY_MARK_TABLE)} set finished = ${instantText(nowMs)}`.execute(transaction),
  )
}

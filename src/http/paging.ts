import { type CursorPlace, encodeCursor } from './cursor.ts'

/** A page out of rows of which one more than `limit` was asked for: that one tells whether there is another page. */
export function pageFrom<Row>(
  list: string,
  rows: readonly Row[],
  page: { limit: number; placeOf: (last: Row) => CursorPlace },
): { rows: readonly Row[]; next_cursor: string | null } {
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  const hasMore = rows.length > page.limit && last !== undefined
  return { rows: shown, next_cursor: hasMore ? encodeCursor(list, page.placeOf(last)) : null }
}

interface Row {
  readonly id: number
}

/** What a list of logs held when it was first seen. */
export interface FirstSeen {
  readonly newestId: number
  readonly lastId: number | null
}

export function firstSeen(logs: readonly Row[]): FirstSeen {
  return { newestId: logs.reduce((newest, { id }) => Math.max(newest, id), 0), lastId: logs.at(-1)?.id ?? null }
}

/**
 * Those that came since. What stands behind the row that was the last one at first came by asking for more, however late it was
 * stored.
 */
export function freshIds(logs: readonly Row[], { newestId, lastId }: FirstSeen): ReadonlySet<number> {
  const end = logs.findIndex(({ id }) => id === lastId)
  const upToLast = end === -1 ? logs : logs.slice(0, end)
  return new Set(upToLast.filter(({ id }) => id > newestId).map(({ id }) => id))
}

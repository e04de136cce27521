import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'

/** Answers under way that are asked for once more as soon as they are there. */
const again = new WeakSet<Query>()

/**
 * Has everything that is shown, or all of one key, read anew. An answer under way may have been read before whatever this is called for, so
 * it is asked for once more when it has come. It is not taken back for a new one: where punches come faster than answers, none would ever.
 */
export function readAnew(queries: QueryClient, queryKey?: QueryKey): void {
  const filter = queryKey === undefined ? {} : { queryKey }
  for (const query of queries.getQueryCache().findAll({ ...filter, fetchStatus: 'fetching' })) {
    if (again.has(query)) continue
    again.add(query)
    const ask = () => {
      again.delete(query)
      return queries.invalidateQueries({ queryKey: query.queryKey, exact: true })
    }
    query.promise?.then(ask, () => again.delete(query))
  }
  void queries.invalidateQueries(filter, { cancelRefetch: false })
}

/** What could not be read while the server was away is asked for again. */
export function readFailed(queries: QueryClient): void {
  void queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
}

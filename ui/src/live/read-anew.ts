import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'

/** First answers under way that are asked for once more as soon as they are there. */
const again = new WeakSet<Query>()

/**
 * Has everything that is shown, or all of one key, read anew. A first answer under way may have been read before whatever this is called
 * for; TanStack Query would leave it at that, so it is asked for once more when it has come.
 */
export function readAnew(queries: QueryClient, queryKey?: QueryKey): void {
  const filter = queryKey === undefined ? {} : { queryKey }
  for (const query of queries.getQueryCache().findAll({ ...filter, predicate: isFirstAnswer })) {
    if (again.has(query)) continue
    again.add(query)
    const ask = () => {
      again.delete(query)
      return queries.invalidateQueries({ queryKey: query.queryKey, exact: true })
    }
    query.promise?.then(ask, () => again.delete(query))
  }
  void queries.invalidateQueries(filter)
}

function isFirstAnswer({ state }: Query): boolean {
  return state.data === undefined && state.fetchStatus === 'fetching'
}

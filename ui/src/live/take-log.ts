import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { deviceQuery, type LogFilter, overviewQuery, standingsQuery } from '../api/resources.ts'
import type { AttendanceLogJson, DeviceDetailJson, DeviceStandingJson, OverviewJson } from '../api/types.ts'
import { countPunch, insertLog, isIn, type LogPages, tellDetail, tellPunch } from './patch-cache.ts'

interface Parts {
  readonly queries: QueryClient
  /** Has what begins with a key read anew. */
  readonly want: (key: string) => void
}

/** Puts a new log onto everything that is shown, without asking the server. */
export function takeLog(log: AttendanceLogJson, parts: Parts): void {
  const { queries, want } = parts
  for (const { queryKey } of queries.getQueryCache().findAll({ queryKey: ['logs'] })) {
    if (isIn(queryKey[1] as LogFilter, log)) patch<LogPages>(queryKey, list => insertLog(list, log))
  }
  patch<OverviewJson>(overviewQuery.queryKey, overview => countPunch(overview, log))
  patch<DeviceDetailJson>(deviceQuery(log.device_id).queryKey, detail => tellDetail(detail, log))
  patch<readonly DeviceStandingJson[]>(standingsQuery.queryKey, all => tellPunch(all, log))

  /** @param change gives null where the data cannot be changed and are to be read anew. */
  function patch<Data>(queryKey: QueryKey, change: (data: Data) => Data | null): void {
    const state = queries.getQueryState<Data>(queryKey)
    const next = state?.data === undefined ? undefined : change(state.data)
    // An answer under way may have been read before this punch, and takes it off the page again until the next one.
    if (next === null || state?.fetchStatus === 'fetching') want(String(queryKey[0]))
    if (next !== null && next !== undefined) queries.setQueryData(queryKey, next)
  }
}

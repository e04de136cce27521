import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { apiGet, type Params } from './client.ts'
import type {
  AttendanceLogJson,
  ClockReadingJson,
  DeviceDetailJson,
  DeviceStandingJson,
  ExplanationJson,
  JobJson,
  OverviewJson,
  Page,
  PersonJson,
  QuarantinedRecordJson,
  SyncRunJson,
} from './types.ts'

/** What the pages read, each with the key under which it is kept. Live updates change and renew these by their first word. */

export const PAGE = 50
/** A fleet has some hundreds; the pages sort and filter them by themselves. */
const DEVICES_AT_ONCE = 500
/** A day ends, and a device is late, without anything happening. */
const STALE_MS = 30_000
/** A job is queued, and kept as failed, a moment before or after what is told of its run. */
export const JOBS_STALE_MS = 5_000

export interface Me {
  readonly kind: 'account' | 'token'
  readonly id: string
  readonly name: string
  readonly role: 'viewer' | 'admin'
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => apiGet<Me>('/api/v1/session', { signal }),
  retry: false,
  staleTime: 60_000,
  // The role may be another by now.
  refetchInterval: 60_000,
})

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => apiGet<OverviewJson>('/api/v1/overview', { params: { timezone: browserZone() }, signal }),
  refetchInterval: STALE_MS,
})

export const standingsQuery = queryOptions({
  queryKey: ['standings'],
  queryFn: ({ signal }) => allOf<DeviceStandingJson>('/api/v1/device-standings', signal),
  refetchInterval: STALE_MS,
})

export function deviceQuery(id: number) {
  return queryOptions({
    queryKey: ['standing', id],
    queryFn: ({ signal }) => apiGet<DeviceDetailJson>(`/api/v1/devices/${id}/standing`, { signal }),
    refetchInterval: STALE_MS,
  })
}

/** As the API takes it. Instants are ISO. */
export interface LogFilter {
  readonly device_id?: readonly number[]
  readonly user?: string
  readonly since?: string
  readonly until?: string
}

export function logsQuery(filter: LogFilter) {
  return listQuery<AttendanceLogJson>(['logs', filter], '/api/v1/attendance-logs', { ...filter })
}

export function explanationQuery(id: number) {
  return queryOptions({
    queryKey: ['explanation', id],
    queryFn: ({ signal }) => apiGet<ExplanationJson>(`/api/v1/attendance-logs/${id}`, { signal }),
  })
}

export function runsQuery(deviceId: number) {
  return listQuery<SyncRunJson>(['runs', deviceId], '/api/v1/sync-runs', { device_id: deviceId })
}

export function peopleQuery(deviceId: number) {
  return listQuery<PersonJson>(['people', deviceId], `/api/v1/devices/${deviceId}/people`, {})
}

export function clockQuery(deviceId: number) {
  return queryOptions({
    queryKey: ['clock', deviceId],
    queryFn: async ({ signal }) => {
      const page = await apiGet<Page<ClockReadingJson>>(`/api/v1/devices/${deviceId}/clock-readings`, {
        params: { limit: 200 },
        signal,
      })
      return page.data
    },
  })
}

export type JobState = JobJson['state']

export function jobsQuery(state: JobState) {
  const list = listQuery<JobJson>(['jobs', state], '/api/v1/jobs', { state })
  return {
    ...list,
    // Whoever has scrolled through hundreds would ask for all of their pages each time.
    refetchInterval: (query: { state: { data?: { pages: readonly unknown[] } | undefined } }) =>
      (query.state.data?.pages.length ?? 0) > 1 ? STALE_MS : JOBS_STALE_MS,
  }
}

export function quarantineQuery(filter: { state: 'open' | 'dismissed'; device_id?: number }) {
  return listQuery<QuarantinedRecordJson>(['quarantine', filter], '/api/v1/quarantined-records', { ...filter })
}

export interface Account {
  readonly id: number
  readonly email: string
  readonly role: 'viewer' | 'admin'
  readonly is_disabled: boolean
  readonly created_at: string
}

export interface ApiToken {
  readonly id: number
  readonly name: string
  readonly role: 'viewer' | 'admin'
  readonly prefix: string
  readonly created_at: string
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

export interface AuditEntry {
  readonly id: number
  readonly created_at: string
  readonly who: string
  readonly action: string
  readonly subject: string | null
  readonly details: Readonly<Record<string, unknown>>
}

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => apiGet<Page<Account>>('/api/v1/accounts', { signal }).then(page => page.data),
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => apiGet<Page<ApiToken>>('/api/v1/tokens', { signal }).then(page => page.data),
})

export const auditQuery = listQuery<AuditEntry>(['audit'], '/api/v1/audit-log', {})

/** A list that is read page by page, as far as somebody scrolls. */
function listQuery<Item>(key: readonly unknown[], path: string, params: Params) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      apiGet<Page<Item>>(path, { params: { ...params, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
  })
}

/** All pages of a list that is short. */
async function allOf<Item>(path: string, signal: AbortSignal): Promise<readonly Item[]> {
  const all: Item[] = []
  let cursor: string | null = null
  do {
    const page: Page<Item> = await apiGet(path, { params: { limit: DEVICES_AT_ONCE, cursor }, signal })
    all.push(...page.data)
    cursor = page.next_cursor
  } while (cursor !== null)
  return all
}

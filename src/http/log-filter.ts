import { isoMs, spanMs } from '../model/moment-text.ts'
import type { LogFilter } from '../model/store.ts'
import { invalidField } from './problems.ts'

interface FilterQuery {
  readonly device_id?: readonly number[] | undefined
  readonly user?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/**
 * The filter of a query, as the command line reads it: ages count from now, and a time without an offset is in the zone of this
 * machine.
 *
 * @throws RequestProblem naming the field.
 */
export function filterFrom(query: FilterQuery, nowMs: number): LogFilter {
  const { device_id: deviceIds, user, since, until } = query
  return {
    ...(deviceIds ? { deviceIds: [...new Set(deviceIds)] } : {}),
    ...(user === undefined ? {} : { user }),
    ...(since === undefined ? {} : { since: momentFrom(since, 'since', nowMs) }),
    ...(until === undefined ? {} : { until: momentFrom(until, 'until', nowMs) }),
  }
}

/** No punch is outside of these years, and not every database can compare with what is. */
const YEAR_MIN_MS = Date.UTC(1970, 0, 1)
const YEAR_MAX_MS = Date.UTC(9000, 0, 1)

function momentFrom(text: string, field: 'since' | 'until', nowMs: number): Date {
  const age = spanMs(text)
  const edge = field === 'until' ? 'end' : 'begin'
  const ms = age === null ? isoMs(text.trim(), { edge, timezone: Temporal.Now.timeZoneId() }) : nowMs - age
  if (ms !== null && ms >= YEAR_MIN_MS && ms < YEAR_MAX_MS) return new Date(ms)
  throw invalidField('query', field, 'must be a date or time such as 2026-11-22T14:30Z, or an age such as 2h or 7d')
}

import { queryText } from '../../api/client.ts'
import type { LogFilter } from '../../api/resources.ts'
import type { ExportFormat } from '../../api/types.ts'
import type { AttendanceSearch } from '../../search.ts'

/** What the address filters by, as the API takes it. */
export function filterOf({ device, user, since, until }: AttendanceSearch): LogFilter {
  return {
    ...(device === undefined ? {} : { device_id: device }),
    ...(user === undefined ? {} : { user }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

export function isFiltered(filter: LogFilter): boolean {
  return Object.keys(filter).length > 0
}

/** Where a file of everything that fits the filter is. */
export function exportAddress(format: ExportFormat, filter: LogFilter): string {
  return `/api/v1/attendance-logs/export${queryText({ format, ...filter })}`
}

/**
 * What the server sends, by the types of its own schemas: the only file that looks outside `ui/`, and at types alone. Whatever changes
 * there and is used here fails the type check.
 */
export type { AttendanceLogJson, ExplanationJson, ExportFormat } from '../../../src/http/api/attendance.ts'
export type { ProblemJson } from '../../../src/http/api/common.ts'
export type { TestReportJson, TestStageJson } from '../../../src/http/api/connection-test.ts'
export type { ClockReadingJson, CoverageJson, DeviceJson, PersonJson } from '../../../src/http/api/devices.ts'
export type { DecodedAgainJson, QuarantinedRecordJson } from '../../../src/http/api/quarantine.ts'
export type { JobJson, SyncRunJson } from '../../../src/http/api/runs.ts'
export type {
  DeviceActionsDoneJson,
  DeviceDetailJson,
  DeviceStandingJson,
  OverviewJson,
} from '../../../src/http/api/standings.ts'

/** A list as it leaves the API. */
export interface Page<Item> {
  readonly data: readonly Item[]
  readonly next_cursor: string | null
}

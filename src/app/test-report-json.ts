import type { TestReportJson, TestStageJson } from '../http/api/connection-test.ts'
import type { ConnectionReport, GivenVerdict, StageReport } from './test-connection.ts'

/** What a test of the connection found, for the API and for `device:test --json`; each adds the verdicts in its own form. */
export function reportJson(report: ConnectionReport): Omit<TestReportJson, 'verdicts' | 'stages'> {
  return {
    ok: report.result !== 'failed',
    result: report.result,
    transport: report.transport,
    serial_number: report.serialNumber,
    model: report.model,
    firmware: report.firmware,
    device_time: report.deviceTime,
    clock_drift_s: report.clockDriftMs === null ? null : Math.round(report.clockDriftMs / 1000),
    attendance_records: report.attendanceRecords,
    attendance_capacity: report.attendanceCapacity,
    users: report.users,
  }
}

export function stageJson({
  stage,
  transport,
  status,
  durationMs,
  found,
  details,
  verdicts,
}: StageReport): TestStageJson {
  const plain = Object.entries(details).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value])
  return {
    stage,
    transport,
    status,
    duration_ms: durationMs,
    found,
    details: Object.fromEntries(plain) as TestStageJson['details'],
    verdicts: verdicts.map(verdictJson),
  }
}

export function verdictJson({ code, severity, cause, nextStep }: GivenVerdict) {
  return { code, severity, cause, next_step: nextStep }
}

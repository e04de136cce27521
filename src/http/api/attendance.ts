import { z } from 'zod'
import { DeviceIds, FilterText, Hex, Id, Instant, LocalTime, MomentText, PageQuery, pageOf } from './common.ts'
import { Device } from './devices.ts'
import { SyncRun } from './runs.ts'

export const AttendanceLog = z
  .object({
    id: Id,
    device_id: Id,
    device: z.string().nullable().describe('The name of the device.'),
    device_user_id: z.string().describe('As the device has it, zeros in front kept.'),
    name: z.string().nullable().describe('The name that the device has for this user id.'),
    punched_at: Instant,
    local_time: LocalTime,
    time_note: z.enum(['repeated', 'skipped']).nullable(),
    punch_state: z.number().int(),
    punch_state_word: z.string(),
    verify_mode: z.number().int(),
    verify_mode_word: z.string(),
    work_code: z.number().int(),
    source: z.enum(['poll', 'live', 'push']),
    record_layout: z.string(),
    raw_record: Hex,
    created_at: Instant,
    clock_drift_s: z.number().int().nullable(),
  })
  .meta({ id: 'AttendanceLog', description: 'A punch, once stored.' })
export type AttendanceLogJson = z.output<typeof AttendanceLog>
export const AttendanceLogPage = pageOf(AttendanceLog).meta({ id: 'AttendanceLogPage' })

const FILTERS = {
  device_id: DeviceIds,
  user: FilterText.optional().describe('Of this user id alone, zeros in front included.'),
  since: MomentText.optional(),
  until: MomentText.optional().describe('A date alone is a day with its end. Else as `since`.'),
}
export const AttendanceQuery = z.strictObject({ ...FILTERS, ...PageQuery })

/** What an export can be. A new format needs its line here, and its text or bytes from the exporter that is handed in. */
export const EXPORT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
export type ExportFormat = keyof typeof EXPORT_TYPES
export const EXPORT_FORMATS = Object.keys(EXPORT_TYPES) as [ExportFormat, ...ExportFormat[]]

export const ExportQuery = z.strictObject({ format: z.enum(EXPORT_FORMATS), ...FILTERS })

export const Explanation = z
  .object({
    attendance_log: AttendanceLog,
    device: Device.nullable(),
    record: z.object({
      layout: z.string(),
      length_bytes: z.number().int(),
      raw: Hex,
      fields: z
        .array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]), meaning: z.string().nullable() }))
        .nullable()
        .describe('The bytes decoded anew; null where they are no record of the log, such as a live event.'),
    }),
    time: z.object({
      local_time: LocalTime,
      timezone: z.string().nullable().describe('The zone of the device now.'),
      utc_offset: z.string().nullable().describe('How far that local time was from UTC, such as `+02:00`.'),
      punched_at: Instant,
      sentence: z.string(),
    }),
    clock: z.object({ drift_s: z.number().int().nullable(), sentence: z.string() }),
    source: z.object({ source: z.enum(['poll', 'live', 'push']), sentence: z.string() }),
    run: SyncRun.nullable().describe('The run that brought it; null where it was told live, or the run is gone.'),
  })
  .meta({ id: 'Explanation', description: 'Where a punch comes from, from its bytes on.' })
export type ExplanationJson = z.output<typeof Explanation>

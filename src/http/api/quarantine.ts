import { z } from 'zod'
import { AttendanceLog } from './attendance.ts'
import { Hex, Id, IdText, Instant, PageQuery, pageOf, WITHOUT_NUL } from './common.ts'

export const QuarantineQuery = z.strictObject({
  device_id: IdText.optional(),
  state: z.enum(['open', 'dismissed']).optional().describe('`open`: nobody has dismissed it. Both if left out.'),
  ...PageQuery,
})

export const QuarantinedRecord = z
  .object({
    id: Id,
    device_id: Id,
    device: z.string().nullable().describe('The name of the device.'),
    raw: Hex,
    reason: z.string(),
    reason_text: z.string(),
    created_at: Instant,
    dismissed_at: Instant.nullable(),
    dismissed_by: z.string().nullable(),
    note: z.string().nullable().describe('Why it was dismissed.'),
  })
  .meta({ id: 'QuarantinedRecord', description: 'A record that cannot be a punch: kept, never guessed.' })
export type QuarantinedRecordJson = z.output<typeof QuarantinedRecord>
export const QuarantinedRecordPage = pageOf(QuarantinedRecord).meta({ id: 'QuarantinedRecordPage' })

/** What the record is by the rules of this version, whatever was said of it when it came. */
export const DecodedAgain = z
  .object({
    outcome: z
      .enum(['stored', 'duplicate', 'quarantined', 'undecodable'])
      .describe(
        '`stored`: it is a punch after all, and an attendance log now. `duplicate`: that attendance log was there already. `quarantined`: it cannot be a punch by the rules of today either. `undecodable`: no layout of the device fits its bytes.',
      ),
    sentence: z.string(),
    record: QuarantinedRecord,
    attendance_log: AttendanceLog.nullable(),
    layout: z.string().nullable(),
    fields: z
      .array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]), meaning: z.string().nullable() }))
      .nullable(),
  })
  .meta({ id: 'DecodedAgain' })
export type DecodedAgainJson = z.output<typeof DecodedAgain>

export const Dismissal = z
  .strictObject({
    ids: z.array(Id).min(1).max(1000),
    note: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .refine(...WITHOUT_NUL)
      .describe('Why; kept with the record and in the audit log.'),
  })
  .meta({ id: 'Dismissal' })
export const Dismissed = z
  .object({ dismissed: z.number().int().describe('Those that were dismissed already are not counted.') })
  .meta({ id: 'Dismissed' })

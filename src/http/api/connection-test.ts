import { z } from 'zod'
import { NewDevice } from './devices.ts'

const { host, port, transport, timezone, comm_key } = NewDevice.shape

export const TestTarget = z
  .strictObject({ host, port, transport, timezone, comm_key })
  .meta({ id: 'TestTarget', description: 'An address that is not saved yet.' })

const Verdict = z
  .object({
    code: z.string().describe('docs/verdicts.md lists all.'),
    severity: z.enum(['failed', 'warning', 'note']),
    cause: z.string(),
    next_step: z.string(),
  })
  .meta({ id: 'Verdict' })

export const TestStage = z
  .object({
    stage: z.string(),
    transport: z.enum(['tcp', 'udp']).nullable(),
    status: z.enum(['ok', 'warning', 'failed', 'skipped']),
    duration_ms: z.number(),
    found: z.string().describe('What was found or went wrong, in words.'),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
    verdicts: z.array(Verdict),
  })
  .meta({ id: 'TestStage' })
export type TestStageJson = z.output<typeof TestStage>

export const TestReport = z
  .object({
    ok: z.boolean(),
    result: z.enum(['ok', 'warning', 'failed']),
    transport: z.enum(['tcp', 'udp']).nullable(),
    serial_number: z.string().nullable(),
    model: z.string().nullable(),
    firmware: z.string().nullable(),
    device_time: z.string().nullable(),
    clock_drift_s: z.number().int().nullable(),
    attendance_records: z.number().int().nullable(),
    attendance_capacity: z.number().int().nullable(),
    users: z.number().int().nullable(),
    verdicts: z.array(Verdict).describe('Those of all stages, in their order.'),
    stages: z.array(TestStage),
  })
  .meta({ id: 'TestReport', description: 'What a test of the connection found, stage by stage.' })
export type TestReportJson = z.output<typeof TestReport>

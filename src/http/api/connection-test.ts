import { z } from 'zod'
import { NewDevice } from './devices.ts'

const { host, port, transport, timezone, comm_key } = NewDevice.shape

/** As long as somebody needs who walks over to a device. */
const PUNCH_WAIT_S_MAX = 120

const PunchWait = z
  .number()
  .int()
  .min(0)
  .max(PUNCH_WAIT_S_MAX)
  .default(0)
  .describe('At the end, waits so many seconds for somebody to touch the device; 0 for no such stage.')

export const TestTarget = z
  .strictObject({ host, port, transport, timezone, comm_key, punch_wait_s: PunchWait })
  .meta({ id: 'TestTarget', description: 'An address that is not saved yet.' })

export const TestWishes = z
  .strictObject({ punch_wait_s: PunchWait })
  .meta({ id: 'TestWishes', description: 'What a test of a saved device does besides.' })

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

/** The data of `test.stage_started`. */
export interface TestStartJson {
  readonly stage: string
  readonly transport: 'tcp' | 'udp' | null
}

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

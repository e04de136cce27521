import { z } from 'zod'
import { Id, Instant, pageOf } from './common.ts'
import { Coverage, Device } from './devices.ts'

const Count = z.number().int()

/** One run of a device, as a mark in a row of them. */
export const Beat = z
  .object({
    run_id: Id,
    state: z.enum(['ok', 'failed', 'running', 'interrupted']),
    started_at: Instant,
    inserted: Count,
    error_code: z.string().nullable(),
  })
  .meta({ id: 'Beat' })
export type BeatJson = z.output<typeof Beat>

export const Memory = z
  .object({
    records: Count.nullable().describe('Null where the device does not tell.'),
    capacity: Count.nullable().describe('Null where the device does not tell it, or in another unit than records.'),
    percent_full: Count.nullable(),
    full_in_days: Count.nullable().describe('Null where it cannot be told, or where nobody punches.'),
  })
  .meta({ id: 'Memory', description: 'How full the log of a device is.' })

export const DeviceStanding = z
  .object({
    device: Device,
    state: z
      .enum(['online', 'late', 'down', 'new', 'paused'])
      .describe(
        '`late`: the last contact was good, and is longer ago than it should be. `new`: not reached yet. `paused`: not active.',
      ),
    sentence: z.string().describe('How it stands, in a sentence.'),
    next_step: z.string().nullable().describe('What mends it; null where nothing is wrong.'),
    last_contact_at: Instant.nullable(),
    last_punch_at: Instant.nullable().describe('The instant of its newest attendance log.'),
    drift_s: Count.nullable().describe('How many seconds its clock ran ahead when it was last read; negative: behind.'),
    memory: Memory,
    quarantined: Count.describe('Records of it in quarantine that nobody has dismissed.'),
    beats: z.array(Beat).describe('Its last runs, the newest last.'),
  })
  .meta({ id: 'DeviceStanding', description: 'A device, and how it stands.' })
export type DeviceStandingJson = z.output<typeof DeviceStanding>
export const DeviceStandingPage = pageOf(DeviceStanding).meta({ id: 'DeviceStandingPage' })

/** What costs more to read, for the page of one device. */
export const DeviceDetail = DeviceStanding.extend({
  attendance_logs: Count.describe('How many are stored.'),
  coverage: Coverage,
  words: z.object({
    mode: z.string().describe('How its punches come.'),
    clock: z.string(),
    layout: z.string().describe('The layout of its records, and how sure that is.'),
    memory: z.string(),
  }),
}).meta({ id: 'DeviceDetail', description: 'A device, how it stands, and why.' })
export type DeviceDetailJson = z.output<typeof DeviceDetail>

export const OverviewQuery = z.strictObject({
  timezone: z
    .string()
    .max(64)
    .optional()
    .describe('IANA name of the zone whose day it is; that of the server if left out.'),
})
export const Overview = z
  .object({
    devices: z.object({
      all: Count,
      online: Count,
      late: Count,
      down: Count,
      new: Count,
      paused: Count,
    }),
    quarantined: Count.describe('Records in quarantine that nobody has dismissed.'),
    jobs: z
      .object({ waiting: Count, active: Count, failed: Count })
      .nullable()
      .describe('Null while the queue does not answer.'),
    today: z.object({
      timezone: z.string(),
      date: z.iso.date(),
      punches: Count,
      hours: z
        .array(z.object({ from: Instant, punches: Count }))
        .describe('The hours of this day in that zone, also those to come; 23 or 25 where clocks are set.'),
    }),
  })
  .meta({ id: 'Overview', description: 'The fleet at a glance.' })
export type OverviewJson = z.output<typeof Overview>

export const DeviceActions = z
  .strictObject({
    action: z.enum(['sync', 'pause', 'resume']),
    ids: z.array(Id).min(1).max(1000),
  })
  .meta({ id: 'DeviceActions', description: 'The same for several devices.' })
export const DeviceActionsDone = z
  .object({
    results: z.array(
      z.object({
        device_id: Id,
        status: z
          .enum(['started', 'running', 'paused', 'resumed', 'unchanged', 'inactive', 'not_found'])
          .describe('`inactive`: a paused device is not synced. `unchanged`: it stood so already.'),
      }),
    ),
  })
  .meta({ id: 'DeviceActionsDone' })
export type DeviceActionsDoneJson = z.output<typeof DeviceActionsDone>

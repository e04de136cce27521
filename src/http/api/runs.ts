import { z } from 'zod'
import { FULL_REASONS } from '../../model/device-driver.ts'
import { JOB_STATES } from '../../model/job-queue.ts'
import { Id, IdText, Instant, PageQuery, pageOf } from './common.ts'

const Count = z.number().int()

export const SyncRun = z
  .object({
    id: Id,
    device_id: Id,
    mode: z.enum(['full', 'tail', 'unchanged']),
    status: z.enum(['ok', 'failed']),
    started_at: Instant,
    finished_at: Instant.nullable(),
    records_on_device: Count.nullable(),
    counter_before: Count.nullable(),
    counter_after: Count.nullable(),
    count_proof: z.enum(['counter', 'announced-size', 'mismatch']).nullable(),
    received: Count,
    inserted: Count,
    duplicates: Count,
    quarantined: Count,
    bytes: Count,
    full_because: z.enum(FULL_REASONS).nullable(),
    missed_by_tail: Count,
    error_code: z.string().nullable(),
    error_message: z.string().nullable(),
    next_step: z.string().nullable().describe('What mends the error.'),
  })
  .meta({ id: 'SyncRun', description: 'One read of a device; docs/sync-runs.md explains it.' })
export type SyncRunJson = z.output<typeof SyncRun>
export const SyncRunPage = pageOf(SyncRun).meta({ id: 'SyncRunPage' })

/** Runs of one device, or of all. */
export const OfDeviceQuery = z.strictObject({ device_id: IdText.optional(), ...PageQuery })
export const PlainPageQuery = z.strictObject(PageQuery)

export const Job = z
  .object({
    id: z.string(),
    device_id: Id,
    state: z.enum(JOB_STATES),
    tries: Count,
    queued_at: Instant,
    not_before: Instant.nullable(),
    started_at: Instant.nullable(),
    failed_at: Instant.nullable(),
    error_code: z.string().nullable(),
    error_message: z.string().nullable(),
    next_step: z.string().nullable(),
  })
  .meta({ id: 'Job', description: 'The job of syncing one device.' })
export type JobJson = z.output<typeof Job>
export const JobPage = pageOf(Job).meta({ id: 'JobPage' })
export const JobQuery = z.strictObject({ state: z.enum(JOB_STATES), ...PageQuery })

const JobId = z.string().regex(/^\w{1,40}$/, 'must be the id of a job')
export const JobRetry = z
  .union([z.strictObject({ ids: z.array(JobId).min(1).max(1000) }), z.strictObject({ all: z.literal(true) })])
  .meta({ id: 'JobRetry', description: 'Ids of failed jobs, or all of them.' })
export const JobsRetried = z.object({ retried: Count }).meta({ id: 'JobsRetried' })

import type { Base } from '../../base/base.ts'
import { GRACE_MS, JOB_PAUSES_MS } from '../../model/job-queue.ts'
import type { RedisAddress } from './redis-address.ts'
import type { NewRedis } from './redis-clients.ts'

/** The times that a queue lives by, in milliseconds. */
export interface BullmqTimes {
  /** See `JOB_PAUSES_MS` of the model. */
  readonly pausesMs: readonly number[]
  /** See `GRACE_MS` of the model. */
  readonly graceMs: number
  /** How long a worker may leave its jobs unrenewed before they count as lost. It renews them twice in that time. */
  readonly lockMs: number
  /** How often somebody looks for lost jobs. One is found by the second look after its lock ran out. */
  readonly stalledCheckMs: number
}

/** The jobs of a killed worker are with another one within 25 s; a process that is held up for 7 s keeps its own. */
export const BULLMQ_TIMES: BullmqTimes = {
  pausesMs: JOB_PAUSES_MS,
  graceMs: GRACE_MS,
  lockMs: 15_000,
  stalledCheckMs: 5_000,
}

export interface BullmqSettings {
  readonly address: RedisAddress
  readonly base: Base
  /** For tests, which have less patience. */
  readonly times?: Partial<BullmqTimes>
  /** Makes the connections; for tests that cut them. */
  readonly newRedis?: NewRedis
}

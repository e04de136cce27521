import { asRollcallError } from '../base/errors.ts'
import type { JobError } from '../model/job-queue.ts'

/** What is kept of a message and of a stack, in characters: enough for any that a person reads. */
const MESSAGE_LENGTH_MAX = 1_000
const STACK_LENGTH_MAX = 4_000

/** What is kept of whatever a job threw, and whether another try can help. */
export function jobErrorFrom(thrown: unknown): { error: JobError; isRetryable: boolean } {
  const error = asRollcallError(thrown)
  // The stack of a defect is where it arose, not where it was given its code.
  const origin = error.code === 'DEFECT' && error.cause instanceof Error ? error.cause : error
  return {
    error: {
      code: error.code,
      message: error.message.slice(0, MESSAGE_LENGTH_MAX),
      stack: origin.stack?.slice(0, STACK_LENGTH_MAX) ?? null,
    },
    isRetryable: error.retryable,
  }
}

import { QueueError, StoreError } from '../../base/errors.ts'

/** Whether a call failed because the database did not answer, and may succeed later. */
export function isOutOfReach(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.code === 'STORE_UNREACHABLE' || error.code === 'STORE_UNAVAILABLE')
}

export function queueUnavailable(cause: StoreError): QueueError {
  return new QueueError('QUEUE_UNAVAILABLE', `the queue cannot be reached: ${cause.message}`, { cause })
}

import type { ErrorCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

/** That the queue, or the database behind it, is out of reach, and that it is back: once each, however long it lasts. */
export type OutageEvent =
  | {
      readonly event: 'queue.unavailable'
      readonly code: ErrorCode
      readonly message: string
      readonly nextStep: string
      readonly retryInMs: number
    }
  | { readonly event: 'queue.available'; readonly awayForMs: number }

/** Writes the line of the log file that belongs to it. */
export function logOutage(log: Log, event: OutageEvent): void {
  if (event.event === 'queue.available') log.info(`The queue is back after ${inSeconds(event.awayForMs)}`)
  else log.error(`The queue is out of reach, next try in ${inSeconds(event.retryInMs)}: ${event.message}`)
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

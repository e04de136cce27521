import { asRollcallError, type ErrorCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { JobWork } from '../model/job-queue.ts'

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

export function outageEvent(told: Parameters<NonNullable<JobWork['onOutage']>>[0]): OutageEvent {
  if (!told.away) return { event: 'queue.available', awayForMs: told.awayForMs }
  const { code, message, nextStep } = asRollcallError(told.error)
  return { event: 'queue.unavailable', code, message, nextStep, retryInMs: told.retryInMs }
}

/** Writes the line of the log file that belongs to it. */
export function logOutage(log: Log, event: OutageEvent): void {
  if (event.event === 'queue.available') log.info(`The queue is back after ${inSeconds(event.awayForMs)}`)
  else log.error(`The queue is out of reach, next try in ${inSeconds(event.retryInMs)}: ${event.message}`)
}

/** `4.5 s`, `12 s`. */
export function inSeconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

import type { DispatchEvent } from '../app/dispatch.ts'
import type { OutageEvent } from '../app/outage.ts'
import { triesText, type WorkEvent } from '../app/work.ts'
import type { SyncJob } from '../model/job-queue.ts'
import { durationText } from './moments.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './terminal.ts'

type LineTerminal = Pick<Terminal, 'style' | 'isTerminal'>
type JobFailedEvent = Extract<WorkEvent, { event: 'job.failed' }>

/** The lines of a dispatcher for people. */
export function dispatchLines(event: DispatchEvent, terminal: LineTerminal): string[] {
  if (event.event !== 'dispatch.queued') return outageLines(event, terminal)
  const { devices, queued } = event
  if (devices === 0) return [`${terminal.style('yellow', '!')} no active devices, nothing queued`]
  const had = devices - queued
  const rest = had === 0 ? '' : `, ${had} had one already`
  return [`${terminal.style('green', '✓')} ${queued} job(s) queued for ${devices} device(s)${rest}`]
}

/** The objects of a dispatcher for programs. */
export function dispatchJson(event: DispatchEvent): object {
  if (event.event !== 'dispatch.queued') return outageJson(event)
  return { event: event.event, devices: event.devices, queued: event.queued, duration_ms: event.durationMs }
}

export function outageLines(event: OutageEvent, terminal: LineTerminal): string[] {
  if (event.event === 'queue.available') {
    return [`${terminal.style('green', '✓')} Queue - back after ${durationText(event.awayForMs)}`]
  }
  const again = `next try in ${durationText(event.retryInMs)}`
  const line = `${terminal.style('red', '✗')} Queue - ${printable(event.message)} (${again}, and until it is back)`
  return terminal.isTerminal ? [line, terminal.style('dim', `    ${event.nextStep}`)] : [line]
}

export function outageJson(event: OutageEvent): object {
  const { event: kind } = event
  if (event.event === 'queue.available') return { event: kind, away_for_s: Math.round(event.awayForMs / 1000) }
  const retry_in_s = Math.round(event.retryInMs / 1000)
  return { event: kind, code: event.code, message: event.message, retry_in_s }
}

/** What is to be done about a job that is kept as failed; its failure itself was told as that of the device. */
export function jobFailedLines(event: JobFailedEvent, terminal: LineTerminal): string[] {
  const kept = `    job ${event.jobId} is kept as failed after ${triesText(event.tries)}: rollcall queue:retry ${event.jobId}`
  return [terminal.style('dim', kept)]
}

export function jobFailedJson(event: JobFailedEvent): object {
  const { jobId: job_id, deviceId: device_id, tries, code, message } = event
  return { event: event.event, job_id, device_id, tries, code, message }
}

/** A job for programs. `device` is null where the device was removed since. */
export function jobJson(job: SyncJob, device: string | null): object {
  return {
    id: job.id,
    device_id: job.deviceId,
    device,
    state: job.state,
    code: job.error?.code ?? null,
    message: job.error?.message ?? null,
    stack: job.error?.stack ?? null,
    tries: job.tries,
    queued_at: job.queuedAt.toISOString(),
    failed_at: job.failedAt?.toISOString() ?? null,
  }
}

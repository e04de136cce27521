import { inSeconds } from '../app/outage.ts'
import { type DeviceEvent, isStoreEvent, type StoreEvent, type SyncEvent } from '../app/rollcall.ts'
import { QuarantineNews, recordsSetAside } from '../app/sync-log.ts'
import type { ReadProgress } from '../model/device-driver.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './terminal.ts'

/** What the printer needs of a progress bar. */
export interface ProgressView extends Disposable {
  show(device: { id: number; name: string }, progress: ReadProgress & { startedMsAgo: number }): void
  /** The read of this device has ended, whichever way. */
  end(deviceId: number): void
  /** Runs `print` where it does not collide with a bar. */
  around(print: () => void): void
}

/** Prints what a sync does: lines for people, or one JSON object for each device read. */
export function syncPrinter(
  terminal: Terminal,
  options: { json: boolean; progress: ProgressView },
): (event: SyncEvent) => void {
  const { progress } = options
  // Said every second by an engine that waits; once is enough for people.
  const waiting = new Map<number, string>()
  const news = new QuarantineNews()
  return event => {
    if (event.event === 'device.progress') {
      if (!options.json) progress.show({ id: event.deviceId, name: printable(event.device) }, event)
      return
    }
    if (isStoreEvent(event)) return printStoreEvent(event, terminal, options)
    if (event.event === 'device.waiting') {
      if (waiting.get(event.deviceId) === event.heldBy) return
      waiting.set(event.deviceId, event.heldBy)
    } else {
      waiting.delete(event.deviceId)
      progress.end(event.deviceId)
    }
    const json = options.json ? syncEventJson(event) : null
    if (json) terminal.json(json)
    if (options.json) return
    const told = event.event === 'device.synced' ? { ...event, quarantined: news.setAside(event) } : event
    progress.around(() => {
      for (const line of syncEventLines(told, terminal)) terminal.print(line)
    })
  }
}

function printStoreEvent(
  event: StoreEvent,
  terminal: Terminal,
  { json, progress }: { json: boolean; progress: ProgressView },
): void {
  if (json) terminal.json(storeEventJson(event))
  else progress.around(() => terminal.print(storeEventLines(event, terminal).join('\n')))
}

/** That the database went away, and that it is back: a line each for people. */
export function storeEventLines(event: StoreEvent, terminal: Pick<Terminal, 'style' | 'isTerminal'>): string[] {
  if (event.event === 'store.reachable') {
    return [`${terminal.style('green', '✓')} Database - back after ${inSeconds(event.awayForMs)}`]
  }
  const line = `${terminal.style('red', '✗')} Database - ${printable(event.message)} (waiting until it is back)`
  return terminal.isTerminal ? [line, terminal.style('dim', `    ${event.nextStep}`)] : [line]
}

export function storeEventJson(event: StoreEvent): object {
  const { event: kind } = event
  if (event.event === 'store.reachable') return { event: kind, away_for_s: Math.round(event.awayForMs / 1000) }
  return { event: kind, code: event.code, message: event.message }
}

/** The lines for people; none for what the next line says anyway. */
export function syncEventLines(event: DeviceEvent, terminal: Pick<Terminal, 'style' | 'isTerminal'>): string[] {
  const name = printable(event.device)
  switch (event.event) {
    case 'device.synced': {
      const aside = event.quarantined > 0 ? ` (${recordsSetAside(event.quarantined)})` : ''
      return [`${terminal.style('green', '✓')} ${name} - ${event.inserted} new log(s) synced${aside}`]
    }
    case 'device.failed': {
      const again = event.retryInMs === null ? '' : ` (next try in ${Math.round(event.retryInMs / 1000)} s)`
      const line = `${terminal.style('red', '✗')} ${name} - ${printable(event.message)}${again}`
      return terminal.isTerminal ? [line, terminal.style('dim', `    ${event.nextStep}`)] : [line]
    }
    case 'device.waiting':
      return [`${terminal.style('yellow', '…')} ${name} - another process reads it: ${printable(event.heldBy)}`]
    case 'device.punched':
      if (event.inserted === 0) return []
      return [`${terminal.style('green', '✓')} ${name} - ${event.inserted} new log(s) told live`]
    case 'device.listening':
      return [`${terminal.style('green', '●')} ${name} - listening, punches are stored as they happen`]
    case 'device.unheard':
      return [
        `${terminal.style('yellow', '!')} ${name} - live is not possible, polled instead: ${printable(event.reason)}`,
      ]
    case 'device.missed':
      return [
        `${terminal.style('red', '!')} ${name} - ${event.missed} record(s) had been passed over, and are stored now: a defect, please report it`,
      ]
    case 'device.progress':
    case 'device.down':
    case 'device.up':
      return []
    default:
      return event satisfies never
  }
}

/** The object for programs, field by field as published; null for what is not published. */
export function syncEventJson(event: DeviceEvent): object | null {
  const { event: kind, deviceId: device_id, device } = event
  switch (event.event) {
    case 'device.synced':
      return {
        event: kind,
        device_id,
        device,
        mode: event.mode,
        records_on_device: event.recordsOnDevice,
        received: event.received,
        inserted: event.inserted,
        duplicates: event.duplicates,
        quarantined: event.quarantined,
        bytes: event.bytes,
        duration_ms: event.durationMs,
      }
    case 'device.failed': {
      const retry_in_s = event.retryInMs === null ? null : Math.round(event.retryInMs / 1000)
      return { event: kind, device_id, device, code: event.code, message: event.message, retry_in_s }
    }
    case 'device.waiting':
      return { event: kind, device_id, device, held_by: event.heldBy }
    case 'device.punched':
      return { event: kind, device_id, device, received: event.received, inserted: event.inserted }
    case 'device.listening':
      return { event: kind, device_id, device }
    case 'device.unheard':
      return { event: kind, device_id, device, reason: event.reason }
    case 'device.missed':
      return { event: kind, device_id, device, missed: event.missed }
    case 'device.progress':
    case 'device.down':
    case 'device.up':
      return null
    default:
      return event satisfies never
  }
}

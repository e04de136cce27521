import type { ErrorCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type DeviceEvent, isStoreEvent, type StoreEvent, type SyncEvent } from '../sync/events.ts'
import { inSeconds } from './outage.ts'

/** Failures of the way to the device; in the log they read "Connection failed", as operators have grepped for years. */
const CONNECTION_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONNECTION_REFUSED',
  'CONNECTION_TIMEOUT',
  'CONNECTION_LOST',
  'HOST_UNREACHABLE',
  'HOST_NOT_FOUND',
  'REPLY_TIMEOUT',
])

/** Writes the line of the log file that belongs to an event, if one does. */
export function syncLogger(log: Log): (event: SyncEvent) => void {
  const news = new QuarantineNews()
  return event => {
    if (isStoreEvent(event)) return logStoreEvent(log, event)
    const setAside = news.setAside(event)
    logEvent(log, event)
    if (setAside > 0) log.warn(`Device ${event.device} - ${recordsSetAside(setAside)}`)
  }
}

/**
 * Every whole read meets the same records again that were set aside before. They are news at the first read of a device in
 * the life of this process, and when their number has changed.
 */
export class QuarantineNews {
  readonly #known = new Map<number, number>()

  /** How many records are to be told with this event; 0 when there is nothing to tell. */
  setAside(event: DeviceEvent): number {
    if (event.event !== 'device.synced') return 0
    const isKnown = this.#known.get(event.deviceId) === event.quarantined
    this.#known.set(event.deviceId, event.quarantined)
    return isKnown ? 0 : event.quarantined
  }
}

/** `1 record set aside in quarantined_records`. */
export function recordsSetAside(count: number): string {
  return `${count} ${count === 1 ? 'record' : 'records'} set aside in quarantined_records`
}

export function logStoreEvent(log: Log, event: StoreEvent): void {
  if (event.event === 'store.reachable') log.info(`The database is back after ${inSeconds(event.awayForMs)}`)
  else log.error(`The database is out of reach, and is waited for: ${event.message}`)
}

function logEvent(log: Log, event: DeviceEvent): void {
  const device = `Device ${event.device}`
  switch (event.event) {
    case 'device.synced':
      // Nothing new every half minute would hide everything else.
      log[event.inserted === 0 ? 'debug' : 'info'](
        `${device} synced: ${event.inserted} new ${event.inserted === 1 ? 'log' : 'logs'}`,
      )
      return
    case 'device.failed':
      log.warn(
        `${device} - ${CONNECTION_CODES.has(event.code) ? 'Connection failed' : 'Sync failed'}: ${event.message}`,
      )
      return
    case 'device.up':
      log.info(`${device} is back after ${Math.round(event.downForMs / 1000)} s`)
      return
    // The first failure has its own line already, and the rest is for whoever looks on.
    case 'device.down':
    case 'device.progress':
      return
    case 'device.punched':
      if (event.inserted > 0)
        log.info(`${device} told ${event.inserted} new ${event.inserted === 1 ? 'log' : 'logs'} live`)
      return
    case 'device.listening':
      log.info(`${device} is listened to: punches are stored as they happen`)
      return
    case 'device.unheard':
      log.warn(`${device} - Live is not possible, it is polled instead: ${event.reason}`)
      return
    case 'device.missed':
      log.error(
        `${device} - Rollcall has a defect: ${event.missed} ${event.missed === 1 ? 'record was' : 'records were'} passed over by reads of the end of the log. The whole log was read and they are stored now; please report this`,
      )
      return
    case 'device.waiting':
      log.debug(`${device} is being read by another process: ${event.heldBy}`)
      return
    default:
      event satisfies never
  }
}

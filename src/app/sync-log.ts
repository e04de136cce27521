import type { ErrorCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { SyncEvent } from '../sync/events.ts'

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
export function logSyncEvent(log: Log, event: SyncEvent): void {
  const device = `Device ${event.device}`
  switch (event.event) {
    case 'device.synced':
      log.info(`${device} synced: ${event.inserted} new logs`)
      if (event.quarantined > 0)
        log.warn(`${device} - ${event.quarantined} records that cannot be punches, see quarantine`)
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
    case 'device.waiting':
      log.debug(`${device} is being read by another process: ${event.heldBy}`)
      return
    default:
      event satisfies never
  }
}

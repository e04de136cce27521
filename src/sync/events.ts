import type { ErrorCode } from '../base/errors.ts'
import type { CountProof } from '../model/device-driver.ts'
import type { SyncMode } from '../model/store.ts'

interface OfDevice {
  readonly deviceId: number
  /** Its name. */
  readonly device: string
}

/** What the engine tells while it works. A command prints it, a log keeps some of it, a page shows it. */
export type SyncEvent = DeviceEvent | StoreEvent

export type StoreEvent =
  /** The database server does not answer: told once, however long it lasts. Nothing is read until it is back. */
  | {
      readonly event: 'store.unreachable'
      readonly code: ErrorCode
      readonly message: string
      readonly nextStep: string
    }
  /** It answers again: told once. */
  | { readonly event: 'store.reachable'; readonly awayForMs: number }

export type DeviceEvent =
  | (OfDevice & {
      readonly event: 'device.synced'
      readonly mode: SyncMode
      readonly recordsOnDevice: number
      readonly received: number
      readonly inserted: number
      readonly duplicates: number
      readonly quarantined: number
      readonly bytes: number
      readonly durationMs: number
      readonly countProof: CountProof
    })
  | (OfDevice & {
      readonly event: 'device.failed'
      readonly code: ErrorCode
      readonly message: string
      readonly nextStep: string
      /** Null when it is not tried again: one pass was asked for. */
      readonly retryInMs: number | null
    })
  | (OfDevice & {
      readonly event: 'device.progress'
      readonly bytesReceived: number
      readonly bytesTotal: number
      readonly recordsReceived: number
      readonly recordsTotal: number
      readonly startedMsAgo: number
    })
  /** It failed after a run that ended well, or at its first run: said once, however long it lasts. */
  | (OfDevice & { readonly event: 'device.down'; readonly code: ErrorCode; readonly message: string })
  /** It is back: said once. */
  | (OfDevice & { readonly event: 'device.up'; readonly downForMs: number })
  /** Punches that the device told as they happened are stored. */
  | (OfDevice & { readonly event: 'device.punched'; readonly received: number; readonly inserted: number })
  /** Its punches are heard as they happen from now on. */
  | (OfDevice & { readonly event: 'device.listening' })
  /** It does not tell punches as they happen, and is polled: said once. */
  | (OfDevice & { readonly event: 'device.unheard'; readonly reason: string })
  /** A whole read found records that tails had passed over. They are stored; that they were missed is a defect. */
  | (OfDevice & { readonly event: 'device.missed'; readonly missed: number })
  /** Another process has the lease of the device: not a failure. */
  | (OfDevice & { readonly event: 'device.waiting'; readonly heldBy: string })

export function isStoreEvent(event: { readonly event: string }): event is StoreEvent {
  return event.event === 'store.unreachable' || event.event === 'store.reachable'
}

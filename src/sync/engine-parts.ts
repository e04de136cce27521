import type { Base } from '../base/base.ts'
import type { DeviceDriver } from '../model/device-driver.ts'
import type { Store } from '../model/store.ts'
import type { ComparisonSettings } from './comparison.ts'
import type { SyncEvent } from './events.ts'

/** Devices read at the same time: each costs one socket and at most one log in memory. */
export const CONCURRENCY_DEFAULT = 64

/** What a sync engine is made of. */
export interface SyncEngineParts {
  readonly store: Store
  readonly driver: DeviceDriver
  readonly base: Base
  /** Names this process to the others: who holds a lease. */
  readonly holder: string
  /** Whether the process behind a holder is known to be gone; "not known" is false. */
  readonly isHolderDead: (holder: string) => boolean
  /** A holder in words, for people. */
  readonly describeHolder?: (holder: string) => string
  readonly concurrency?: number
  readonly comparison?: ComparisonSettings
  readonly onEvent: (event: SyncEvent) => void
}

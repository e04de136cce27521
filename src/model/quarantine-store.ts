import type { QuarantinedRecord } from './punch.ts'

/** A record as it lies in quarantine. */
export interface KeptRecord extends QuarantinedRecord {
  readonly id: number
  readonly deviceId: number
  readonly createdAt: Date
  /** Null while it is open: nobody has dismissed it. */
  readonly dismissal: Dismissal | null
}

/** Somebody has looked at a record and needs not see it again. It stays where it is. */
export interface Dismissal {
  readonly at: Date
  readonly by: string
  /** Why. */
  readonly note: string
}

export interface QuarantineFilter {
  readonly deviceId?: number
  /** Both where it is left out. */
  readonly state?: 'open' | 'dismissed'
}

/** Records that cannot be punches. They come in with the batches of `PunchStore`, and nothing ever takes one away but its device. */
export interface QuarantineStore {
  /** The newest first; below the record `before` where given. */
  page(filter: QuarantineFilter & { limit: number; before?: number }): Promise<KeptRecord[]>
  /** @throws StoreError `NOT_FOUND`. */
  get(id: number): Promise<KeptRecord>
  /** Dismisses those that are open. @returns how many these were. */
  dismiss(request: { ids: readonly number[]; by: string; note: string }): Promise<number>
}

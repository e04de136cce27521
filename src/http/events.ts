/**
 * What happens, for pages that are open. `attendance.created`: one new attendance log. `attendance.bulk`: more of them at once than
 * are told one by one, to be asked for. `device.status`: a device was added, changed or removed, or stands otherwise.
 * `sync.finished`: a run has ended.
 */
export type LiveEventName = 'attendance.created' | 'attendance.bulk' | 'device.status' | 'sync.finished'

export interface LiveEvent {
  /** The position behind this event: whoever has seen it goes on from here. */
  readonly id: string
  readonly name: LiveEventName
  /** JSON, in one line. Written once, however many pages are open. */
  readonly data: string
}

export interface EventPage {
  readonly events: readonly LiveEvent[]
  /** Where to go on. May lie behind the last event: not everything that happens is told. */
  readonly next: string
}

/** Everything that happened, in one order for all processes. */
export interface EventSource {
  /** The position behind everything so far. */
  newest(): Promise<string>
  /** What came after a position, up to about `limit` events; null where that is not known any more, or never was. */
  after(position: string, limit: number): Promise<EventPage | null>
  /** Calls `listener` whenever there may be more. */
  watch(listener: () => void): Disposable
}

/** The data of `sync.progress`. It has no place in the order of events: whoever was away does not miss it. */
export interface SyncProgressJson {
  readonly device_id: number
  readonly state: 'started' | 'reading' | 'ended'
  readonly bytes_received: number
  readonly bytes_total: number
  readonly records_received: number
  readonly records_total: number
}

/** How far the syncs of this process are. */
export interface ProgressSource {
  /** Calls `listener` with a {@link SyncProgressJson}, in one line of JSON. */
  watch(listener: (data: string) => void): Disposable
}

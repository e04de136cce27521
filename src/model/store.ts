import type { AccountStore, AuditStore, TokenStore } from './accounts.ts'
import type { CoverageSpan, SpanStart } from './coverage-span.ts'
import type { ClockReading, Device, DeviceIdentity, DeviceSettings, LiveState, Person, PersonSpan } from './device.ts'
import type { LogCounters } from './device-driver.ts'
import type { Feed } from './feed.ts'
import type { JobStore } from './job-store.ts'
import type { AttendanceLog, PunchSource, QuarantinedRecord, ZonedPunch } from './punch.ts'
import type { RetentionStore } from './retention-store.ts'
import type { StandingReader } from './standing-reader.ts'
import type { RunOutcome, SyncMode, SyncRun } from './sync-run.ts'

export type { CoverageSpan, SpanStart } from './coverage-span.ts'
export type { RunOutcome, SyncMode, SyncRun } from './sync-run.ts'

/** Everything that is kept. One database behind it; each part is its own narrow contract. */
export interface Store extends AsyncDisposable {
  readonly devices: DeviceStore
  readonly people: PeopleStore
  readonly leases: LeaseStore
  readonly punches: PunchStore
  readonly logs: AttendanceLogReader
  readonly coverage: CoverageStore
  readonly clocks: ClockStore
  readonly jobs: JobStore
  readonly retention: RetentionStore
  readonly accounts: AccountStore
  readonly tokens: TokenStore
  readonly audit: AuditStore
  readonly feed: Feed
  readonly standings: StandingReader
  /** Throws StoreError `STORE_UNAVAILABLE` unless the database answers. */
  ping(): Promise<void>
}

export interface DeviceStore {
  add(settings: DeviceSettings): Promise<Device>
  /** Changes what is given, leaves the rest. @throws StoreError `NOT_FOUND`. */
  edit(id: number, changes: Partial<DeviceSettings>): Promise<Device>
  /** Removes the device with its attendance logs, runs and quarantine. @throws StoreError `NOT_FOUND`. */
  remove(id: number): Promise<void>
  /** @throws StoreError `NOT_FOUND`. */
  get(id: number): Promise<Device>
  /** In order of id. */
  list(filter?: { active?: boolean; ids?: readonly number[]; serialNumber?: string }): Promise<Device[]>
  /** Opens the sealed comm key; 0 where none is set. @throws StoreError `NOT_FOUND`, ConfigError `SECRET_UNUSABLE`. */
  commKey(id: number): Promise<number>
  /** Remembers what the device said of itself. A field that is null now keeps its earlier value. */
  recordIdentity(id: number, identity: DeviceIdentity): Promise<void>
  /** Remembers what became of the wish for live; of a device without that wish, nothing. @throws StoreError `NOT_FOUND`. */
  recordLiveState(id: number, state: LiveState | null): Promise<void>
  /**
   * Remembers how many records the device holds and how many fit. What is null now keeps its earlier value.
   *
   * @throws StoreError `NOT_FOUND`.
   */
  recordCounters(id: number, counters: Pick<LogCounters, 'records' | 'capacity'>): Promise<void>
}

export interface PeopleStore {
  /**
   * Takes in everybody a device held at some moment between two local times of its own: opens a span at the later one for a
   * slot whose user id is new or has changed, lengthens the others to the earlier one. So no span holds a time for which it is not
   * known. People no longer on the device keep their last span. Names are updated.
   */
  record(deviceId: number, people: readonly Person[], seen: { from: string; until: string }): Promise<void>
  /** Every span of a device, oldest first. */
  spans(deviceId: number): Promise<PersonSpan[]>
}

/** The right of one process to speak with one device. */
export interface Lease {
  readonly deviceId: number
  readonly holder: string
  /** Grows with each change of hands: a holder that was overtaken is recognised by it. */
  readonly token: number
}

export interface LeaseStore {
  /**
   * Takes the lease, or returns the holder that has it. Atomic over all processes of one database. An expired lease is
   * taken; so is one whose holder `isDead` knows to be gone.
   */
  acquire(request: {
    deviceId: number
    holder: string
    ttlMs: number
    isDead: (holder: string) => boolean
    /** Tells a holder that it is waited for: one that listens gives way, see {@link renew}. */
    isUrgent?: boolean
  }): Promise<{ lease: Lease } | { heldBy: string; expiresInMs: number }>
  /**
   * Lengthens a lease, and tells whether somebody waits for it.
   *
   * @throws StoreError `LEASE_LOST` when somebody else has it now.
   */
  renew(lease: Lease, ttlMs: number): Promise<{ isWanted: boolean }>
  /** Gives it back; does nothing when it was lost already. */
  release(lease: Lease): Promise<void>
  /** Who has the lease of a device now; null when nobody has, or it has expired. */
  holderOf(deviceId: number): Promise<string | null>
}

/**
 * Where the last good read of a device stood. May only ever shorten work; it never decides what is stored. What a person may have
 * removed depends on it, see {@link RetentionStore}.
 */
export interface Checkpoint {
  readonly recordCount: number
  readonly counter: number | null
  /** The proven layout and the firmware it was proven on. */
  readonly layout: string | null
  readonly firmware: string | null
  /** The bytes of the last records, the newest last; empty for an empty log. */
  readonly tail: Uint8Array
  /** When everything was last read and compared; null: never. */
  readonly comparedAt: Date | null
  /** False after a run whose count did not close: the next one reads everything. */
  readonly isTrusted: boolean
  /** False once this firmware has sent another slice than was asked for. */
  readonly takesSlices: boolean
  /**
   * The earliest local time that a record of the log can tell: that of all its records when everything was last read, lowered
   * by what tails have brought since. Null: not known, or the log was empty. It decides what may be removed.
   */
  readonly oldestLocal: string | null
}

/** What a run proves of the log of a device: it was complete, up to a moment. */
export interface CoverageProof {
  /** The moment of contact. */
  readonly atMs: number
  /** Whether records were seen; a counter that has not moved proves less. */
  readonly isSeen: boolean
  /** Whether the log went on from where the last run left it; otherwise a new span begins. */
  readonly continues: boolean
  /** Where a new span begins: at the oldest record of the log, or at `atMs` for an empty one. */
  readonly fromMs: number
  /** Why a new span begins. */
  readonly because: SpanStart
}

export interface CoverageStore {
  /** Oldest first. Between two of them lies a gap. */
  spans(deviceId: number): Promise<CoverageSpan[]>
  /** Lengthens the last span to a moment at which the counter had not moved, without a run; fenced by the lease. */
  lengthen(lease: Lease, atMs: number): Promise<void>
}

export interface ClockStore {
  /** Keeps a reading: one an hour, and each that differs by two seconds or more from the one before, or that was set. */
  record(deviceId: number, reading: ClockReading): Promise<void>
  /** The newest first. */
  series(deviceId: number, options: { limit: number }): Promise<ClockReading[]>
}

/**
 * One batch of a run. Quarantined records that are kept already (same device, reason and bytes) are not kept twice.
 *
 * Both lists are gone through once, `punches` first: they may be made as they are read, so that the rows of a large
 * transaction need not all be in memory.
 */
export interface PunchCommit {
  readonly lease: Lease
  /** Null for punches that were told live: they belong to no run. */
  readonly runId: number | null
  readonly source: PunchSource
  /** How far the clock of the device was ahead at this contact, in seconds; null where it is not known. Kept with each new row. */
  readonly driftSeconds: number | null
  readonly punches: Iterable<ZonedPunch>
  readonly quarantined: Iterable<QuarantinedRecord>
}

/** What was new in a batch: the attendance logs of its device with these ids. */
export interface StoredPunches {
  readonly inserted: number
  /** Both included; null where nothing was new. Logs of other devices may lie between. */
  readonly ids: { readonly first: number; readonly last: number } | null
}

/** A run's last transaction. A trusted checkpoint, and coverage, are given only with status `ok`. */
export interface RunEnd {
  readonly lease: Lease
  readonly runId: number
  readonly outcome: RunOutcome
  readonly checkpoint: Checkpoint | null
  readonly coverage: CoverageProof | null
}

export interface PunchStore {
  /** Opens a run. Until it is finished it stands as failed with `RUN_INTERRUPTED`, so that a crash leaves the truth behind. */
  beginRun(lease: Lease, mode: SyncMode): Promise<number>
  /**
   * Stores a batch in one transaction, or nothing of it. The unique index on (device, user id, local time) decides which
   * rows are new. Fenced by the lease: a holder that was overtaken stores nothing.
   *
   * @throws StoreError `LEASE_LOST`, `STORE_FAILED`.
   */
  commit(batch: PunchCommit): Promise<StoredPunches>
  /**
   * The same for the last batch, with the run's end, its checkpoint and the device's `last_synced_at` or `last_error` in
   * that same transaction. `outcome.inserted` holds what earlier batches brought: the last batch's is added. `quarantined`
   * becomes what the batches of the run held, if that is more, and `duplicates` what then remains of `received`.
   * Returns the outcome as stored.
   */
  finish(end: RunEnd, batch?: PunchCommit): Promise<RunOutcome>
  /** The checkpoint of a device, null before its first whole read. */
  checkpoint(deviceId: number): Promise<Checkpoint | null>
  /** The newest runs first; below the run `before` where given. */
  runs(filter: { deviceId?: number; limit: number; before?: number }): Promise<SyncRun[]>
  /** The newest first; below the record `before` where given. */
  quarantine(filter: {
    deviceId?: number
    limit: number
    before?: number
  }): Promise<Array<QuarantinedRecord & { id: number; deviceId: number; createdAt: Date }>>
}

export interface LogFilter {
  readonly deviceIds?: readonly number[]
  readonly user?: string
  /** Instants, both included. */
  readonly since?: Date
  readonly until?: Date
}

export interface AttendanceLogReader {
  /** A page, newest punch first (by instant, then id), below `before` where given. */
  page(
    filter: LogFilter,
    options: { limit: number; before?: { punchedAtMs: number; id: number } },
  ): Promise<AttendanceLog[]>
  count(filter: LogFilter): Promise<number>
  /** One log, and the run that brought it: null where it was told live, or the run is gone. @throws StoreError `NOT_FOUND`. */
  get(id: number): Promise<{ log: AttendanceLog; run: SyncRun | null }>
  /** All of them in order of id, read in pages, so that a large export holds no lock and little memory. */
  scan(filter: LogFilter): AsyncIterable<AttendanceLog>
}

/** Seals secrets for the database. */
export interface SecretBox {
  seal(text: string): string
  /** @throws ConfigError `SECRET_UNUSABLE`. */
  open(sealed: string): string
}

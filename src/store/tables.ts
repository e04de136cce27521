import type { Generated, Selectable } from 'kysely'
import type { ErrorCode } from '../base/errors.ts'
import type { Role } from '../model/accounts.ts'
import type { ClockReading, LiveState, Transport, TransportSetting } from '../model/device.ts'
import type { CountProof, FullReason } from '../model/device-driver.ts'
import type { FeedEntry } from '../model/feed.ts'
import type { JobState } from '../model/job-queue.ts'
import type { PunchSource, QuarantineReason } from '../model/punch.ts'
import type { SpanStart, SyncMode } from '../model/store.ts'

/**
 * The tables as queries see them, the same on every engine; docs/database.md says what each column means. An instant is
 * text here (`instants.ts`), a truth value 0 or 1: an engine with better types converts in its own folder.
 */
export interface Tables {
  devices: DevicesTable
  attendance_logs: AttendanceLogsTable
  sync_runs: SyncRunsTable
  quarantined_records: QuarantinedRecordsTable
  device_users: DeviceUsersTable
  device_leases: DeviceLeasesTable
  checkpoints: CheckpointsTable
  coverage_spans: CoverageSpansTable
  clock_readings: ClockReadingsTable
  sync_jobs: SyncJobsTable
  accounts: AccountsTable
  account_logins: AccountLoginsTable
  account_sessions: AccountSessionsTable
  first_admin_links: FirstAdminLinksTable
  sign_in_tries: SignInTriesTable
  api_tokens: ApiTokensTable
  audit_entries: AuditEntriesTable
  feed: FeedTable
  feed_waiting: FeedWaitingTable
  feed_head: FeedHeadTable
  device_tags: DeviceTagsTable
}

export interface DevicesTable {
  id: Generated<number>
  name: string
  host: string
  port: number
  transport: TransportSetting
  proven_transport: Transport | null
  timezone: string
  is_active: number
  comm_key_sealed: string | null
  serial_number: string | null
  model: string | null
  firmware: string | null
  platform: string | null
  last_synced_at: string | null
  last_error: string | null
  created_at: string
  updated_at: string
  is_live: number
  sets_clock: number
  live_state: LiveState | null
  records_on_device: number | null
  log_capacity: number | null
  people_read_at: string | null
}

export interface AttendanceLogsTable {
  id: Generated<number>
  device_id: number
  device_user_id: string
  punched_at: string
  local_time: string
  time_note: 'repeated' | 'skipped' | null
  punch_state: number
  verify_mode: number
  work_code: number
  source: PunchSource
  record_layout: string
  raw_record: Uint8Array
  sync_run_id: number | null
  created_at: string
  clock_drift_s: number | null
}

export interface SyncRunsTable {
  id: Generated<number>
  device_id: number
  mode: SyncMode
  status: 'ok' | 'failed'
  started_at: string
  finished_at: string | null
  records_on_device: number | null
  counter_before: number | null
  counter_after: number | null
  count_proof: CountProof | null
  received: number
  inserted: number
  duplicates: number
  quarantined: number
  bytes: number
  error_code: ErrorCode | null
  error_message: string | null
  full_because: FullReason | null
  missed_by_tail: number
}

export interface QuarantinedRecordsTable {
  id: Generated<number>
  device_id: number
  raw: string
  reason: QuarantineReason
  created_at: string
}

export interface DeviceUsersTable {
  id: Generated<number>
  device_id: number
  uid: number
  user_id: string
  name: string
  first_seen_local: string
  last_seen_local: string
}

export interface DeviceLeasesTable {
  device_id: number
  holder: string | null
  token: number
  ttl_ms: number
  expires_at: string | null
  /** Somebody waits for it, and asks a holder that listens to give way. */
  is_wanted: Generated<number>
}

export interface CheckpointsTable {
  device_id: number
  record_count: number
  counter: number | null
  layout: string | null
  firmware: string | null
  updated_at: string
  tail: Uint8Array
  compared_at: string | null
  is_trusted: number
  takes_slices: number
  oldest_local: string | null
}

export interface CoverageSpansTable {
  id: Generated<number>
  device_id: number
  proven_from: string
  proven_until: string
  seen_until: string
  because: SpanStart
}

export interface ClockReadingsTable {
  id: Generated<number>
  device_id: number
  read_at: string
  local_time: string
  drift_s: number
  kind: ClockReading['kind']
}

export interface SyncJobsTable {
  id: Generated<number>
  device_id: number
  state: JobState
  /** 1 in the state `failed`: unique together with the device, so that a device has one open job and one failed. */
  is_failed: number
  tries: number
  token: number
  queued_at: string
  not_before: string | null
  started_at: string | null
  holder: string | null
  expires_at: string | null
  failed_at: string | null
  error_code: ErrorCode | null
  error_message: string | null
  error_stack: string | null
}

export interface AccountsTable {
  id: Generated<number>
  email: string
  role: Role
  is_disabled: number
  created_at: string
  updated_at: string
}

export interface AccountLoginsTable {
  id: Generated<number>
  account_id: number
  provider: string
  subject: string
  password_hash: string | null
  created_at: string
  updated_at: string
}

export interface AccountSessionsTable {
  id: Generated<number>
  account_id: number
  token_sha256: string
  ip_address: string | null
  user_agent: string | null
  expires_at: string
  created_at: string
  updated_at: string
}

export interface FirstAdminLinksTable {
  id: number
  token_sha256: string
  expires_at: string
}

export interface SignInTriesTable {
  id: Generated<number>
  key_sha256: string
  tries: number
  ends_at: string
}

export interface ApiTokensTable {
  id: Generated<number>
  name: string
  role: Role
  prefix: string
  token_sha256: string
  created_at: string
  last_used_at: string | null
  revoked_at: string | null
}

export interface AuditEntriesTable {
  id: Generated<number>
  created_at: string
  who: string
  action: string
  subject: string | null
  details: string
}

export interface FeedTable {
  position: number
  kind: FeedEntry['kind']
  device_id: number
  /** The range of new attendance logs and how many they are, for `logs`; null for the others. */
  first_id: number | null
  last_id: number | null
  logs: number | null
  /** For `run`; null for the others. */
  run_id: number | null
  created_at: string
}

/** What was told and has no position yet. */
export interface FeedWaitingTable extends Omit<FeedTable, 'position'> {
  id: Generated<number>
}

/** One row. */
export interface FeedHeadTable {
  id: number
  position: number
}

export interface DeviceTagsTable {
  device_id: number
  tag: string
}

export type DeviceRow = Selectable<DevicesTable>
export type AttendanceLogRow = Selectable<AttendanceLogsTable>
export type SyncRunRow = Selectable<SyncRunsTable>
export type CoverageSpanRow = Selectable<CoverageSpansTable>
export type ClockReadingRow = Selectable<ClockReadingsTable>
export type CheckpointRow = Selectable<CheckpointsTable>
export type DeviceUserRow = Selectable<DeviceUsersTable>
export type DeviceLeaseRow = Selectable<DeviceLeasesTable>
export type SyncJobRow = Selectable<SyncJobsTable>
export type AccountRow = Selectable<AccountsTable>
export type ApiTokenRow = Selectable<ApiTokensTable>
export type AuditEntryRow = Selectable<AuditEntriesTable>
export type FeedRow = Selectable<FeedTable>

import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/**
 * What ends within hours is left behind: who had signed in signs in again, and the link that makes the first admin is printed anew. So is
 * the feed, which tells of the database that it is in; see `carryFeedOn` in copy.ts.
 */
type LeftBehind = 'account_sessions' | 'first_admin_links' | 'sign_in_tries' | 'feed' | 'feed_waiting' | 'feed_head'
/** The tables that are copied. */
export type TableName = Exclude<keyof Tables, LeftBehind>
/** The tables whose ids the database gives out. */
export type NumberedTable = { [Name in TableName]: 'id' extends keyof Tables[Name] ? Name : never }[TableName]

export type Value = string | number | null | Uint8Array
export type Row = Readonly<Record<string, Value>>

/** One table, as a copy needs it. */
export interface CopiedTable {
  readonly name: TableName
  /** The primary key, or the first column of it; a positive whole number everywhere. */
  readonly key: 'id' | 'device_id'
  /** The whole primary key: rows that share the first column of it are copied and compared together. */
  readonly order: readonly string[]
  readonly columns: readonly string[]
  /**
   * `grows`: rows come above the others, and hardly one changes later, so that a copy goes on after the last row that it has.
   * `changes`: of any row something may have changed since; a few rows a device, which are looked at again each time.
   */
  readonly habit: 'grows' | 'changes'
  /** What stands in the copy whatever stands in the source. */
  readonly constants: Row
}

/**
 * Every column, so that a new one does not compile until it is copied. Columns that a database computes by itself are in no
 * `Tables`, and are not copied.
 */
const COLUMNS = {
  devices: {
    id: true,
    name: true,
    host: true,
    port: true,
    transport: true,
    proven_transport: true,
    timezone: true,
    is_active: true,
    comm_key_sealed: true,
    serial_number: true,
    model: true,
    firmware: true,
    platform: true,
    last_synced_at: true,
    last_error: true,
    created_at: true,
    updated_at: true,
    is_live: true,
    sets_clock: true,
    live_state: true,
    records_on_device: true,
    log_capacity: true,
    people_read_at: true,
  },
  device_users: {
    id: true,
    device_id: true,
    uid: true,
    user_id: true,
    name: true,
    first_seen_local: true,
    last_seen_local: true,
  },
  checkpoints: {
    device_id: true,
    record_count: true,
    counter: true,
    layout: true,
    firmware: true,
    updated_at: true,
    tail: true,
    compared_at: true,
    is_trusted: true,
    takes_slices: true,
    oldest_local: true,
  },
  coverage_spans: {
    id: true,
    device_id: true,
    proven_from: true,
    proven_until: true,
    seen_until: true,
    because: true,
  },
  device_leases: { device_id: true, holder: true, token: true, ttl_ms: true, expires_at: true, is_wanted: true },
  sync_jobs: {
    id: true,
    device_id: true,
    state: true,
    is_failed: true,
    tries: true,
    token: true,
    queued_at: true,
    not_before: true,
    started_at: true,
    holder: true,
    expires_at: true,
    failed_at: true,
    error_code: true,
    error_message: true,
    error_stack: true,
  },
  accounts: { id: true, email: true, role: true, is_disabled: true, created_at: true, updated_at: true },
  account_logins: {
    id: true,
    account_id: true,
    provider: true,
    subject: true,
    password_hash: true,
    created_at: true,
    updated_at: true,
  },
  api_tokens: {
    id: true,
    name: true,
    role: true,
    prefix: true,
    token_sha256: true,
    created_at: true,
    last_used_at: true,
    revoked_at: true,
  },
  audit_entries: { id: true, created_at: true, who: true, action: true, subject: true, details: true },
  clock_readings: { id: true, device_id: true, read_at: true, local_time: true, drift_s: true, kind: true },
  sync_runs: {
    id: true,
    device_id: true,
    mode: true,
    status: true,
    started_at: true,
    finished_at: true,
    records_on_device: true,
    counter_before: true,
    counter_after: true,
    count_proof: true,
    received: true,
    inserted: true,
    duplicates: true,
    quarantined: true,
    bytes: true,
    error_code: true,
    error_message: true,
    full_because: true,
    missed_by_tail: true,
  },
  device_tags: { device_id: true, tag: true },
  quarantined_records: { id: true, device_id: true, raw: true, reason: true, created_at: true },
  attendance_logs: {
    id: true,
    device_id: true,
    device_user_id: true,
    punched_at: true,
    local_time: true,
    time_note: true,
    punch_state: true,
    verify_mode: true,
    work_code: true,
    source: true,
    record_layout: true,
    raw_record: true,
    sync_run_id: true,
    created_at: true,
    clock_drift_s: true,
  },
} satisfies { [Name in TableName]: Record<keyof Tables[Name], true> }

const GROWING: readonly TableName[] = [
  'attendance_logs',
  'sync_runs',
  'quarantined_records',
  'clock_readings',
  'audit_entries',
]
/** A lease arrives as one that was given back: whoever holds it in the source holds nothing in the copy. Its token goes along. */
const GIVEN_BACK: Row = { holder: null, ttl_ms: 0, expires_at: null, is_wanted: 0 }

/** In the order in which rows may be inserted: devices and accounts first, which the others name. The large one comes last. */
export const COPIED_TABLES: readonly CopiedTable[] = (Object.keys(COLUMNS) as TableName[]).map(name => {
  const columns = Object.keys(COLUMNS[name])
  const key = columns.includes('id') ? 'id' : 'device_id'
  return {
    name,
    key,
    order: name === 'device_tags' ? ['device_id', 'tag'] : [key],
    columns,
    habit: GROWING.includes(name) ? 'grows' : 'changes',
    constants: name === 'device_leases' ? GIVEN_BACK : {},
  }
})

export const NUMBERED_TABLES = COPIED_TABLES.filter(({ key }) => key === 'id').map(({ name }) => name as NumberedTable)

/** The tables without the types of their columns, for queries over whichever table comes. */
export function anyTable(kysely: Kysely<Tables>): Kysely<Record<string, Record<string, Value>>> {
  return kysely as unknown as Kysely<Record<string, Record<string, Value>>>
}

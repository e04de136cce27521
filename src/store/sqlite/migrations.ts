import { type Migrations, statements } from '../migrate.ts'

/**
 * Every change of the schema, in order of name. One that was published is never edited: databases that have it would
 * differ from those that get it. What the columns mean stands in docs/database.md.
 */
export const MIGRATIONS: Migrations = {
  '0001-initial': statements(initial()),
  '0002-tails-live-coverage-clocks': statements(tailsLiveCoverageClocks()),
  '0003-sync-jobs': statements(syncJobs()),
  '0004-retention': statements(retention()),
  '0005-quarantine-pages': statements(quarantinePages()),
  '0006-feed': statements(feed()),
  '0007-accounts': statements(accounts()),
  '0008-quarantine': statements(quarantine()),
  '0009-tags': statements(tags()),
}

function initial(): readonly string[] {
  return [
    `create table devices (
      id integer primary key autoincrement,
      name text not null,
      host text not null,
      port integer not null,
      transport text not null check (transport in ('auto', 'tcp', 'udp')),
      proven_transport text check (proven_transport in ('tcp', 'udp')),
      timezone text not null,
      is_active integer not null check (is_active in (0, 1)),
      comm_key_sealed text,
      serial_number text,
      model text,
      firmware text,
      platform text,
      last_synced_at text,
      last_error text,
      created_at text not null,
      updated_at text not null
    ) strict`,
    `create table attendance_logs (
      id integer primary key autoincrement,
      device_id integer not null references devices on delete cascade,
      device_user_id text not null,
      punched_at text not null,
      local_time text not null,
      time_note text check (time_note in ('repeated', 'skipped')),
      punch_state integer not null,
      verify_mode integer not null,
      work_code integer not null,
      source text not null check (source in ('poll', 'live', 'push')),
      record_layout text not null,
      raw_record blob not null,
      sync_run_id integer,
      created_at text not null
    ) strict`,
    'create unique index attendance_logs_punch on attendance_logs (device_id, device_user_id, local_time)',
    'create index attendance_logs_newest on attendance_logs (punched_at, id)',
    'create index attendance_logs_newest_of_device on attendance_logs (device_id, punched_at, id)',
    'create index attendance_logs_newest_of_user on attendance_logs (device_user_id, punched_at, id)',
    `create table sync_runs (
      id integer primary key autoincrement,
      device_id integer not null references devices on delete cascade,
      mode text not null check (mode in ('full', 'tail', 'unchanged')),
      status text not null check (status in ('ok', 'failed')),
      started_at text not null,
      finished_at text,
      records_on_device integer,
      counter_before integer,
      counter_after integer,
      count_proof text check (count_proof in ('counter', 'announced-size', 'mismatch')),
      received integer not null,
      inserted integer not null,
      duplicates integer not null,
      quarantined integer not null,
      bytes integer not null,
      error_code text,
      error_message text
    ) strict`,
    'create index sync_runs_of_device on sync_runs (device_id, id)',
    'create index sync_runs_by_yield on sync_runs (inserted, started_at)',
    `create table quarantined_records (
      id integer primary key autoincrement,
      device_id integer not null references devices on delete cascade,
      raw text not null,
      reason text not null,
      created_at text not null
    ) strict`,
    'create unique index quarantined_records_once on quarantined_records (device_id, reason, raw)',
    `create table device_users (
      id integer primary key autoincrement,
      device_id integer not null references devices on delete cascade,
      uid integer not null,
      user_id text not null,
      name text not null,
      first_seen_local text not null,
      last_seen_local text not null
    ) strict`,
    'create index device_users_of_device on device_users (device_id, first_seen_local, id)',
    `create table device_leases (
      device_id integer primary key references devices on delete cascade,
      holder text,
      token integer not null,
      ttl_ms integer not null,
      expires_at text
    ) strict`,
    `create table checkpoints (
      device_id integer primary key references devices on delete cascade,
      record_count integer not null,
      counter integer,
      layout text,
      firmware text,
      updated_at text not null
    ) strict`,
  ]
}

/** A checkpoint from before knows no tail, so it is not trusted: the next run reads everything. */
function tailsLiveCoverageClocks(): readonly string[] {
  return [
    'alter table device_leases add column is_wanted integer not null default 0 check (is_wanted in (0, 1))',
    'alter table devices add column is_live integer not null default 0 check (is_live in (0, 1))',
    'alter table devices add column sets_clock integer not null default 0 check (sets_clock in (0, 1))',
    `alter table devices add column live_state text check (live_state in ('listening', 'unsupported', 'down'))`,
    'alter table devices add column records_on_device integer',
    'alter table devices add column log_capacity integer',
    'alter table devices add column people_read_at text',
    'create index devices_serial_number on devices (serial_number)',
    'alter table attendance_logs add column clock_drift_s integer',
    'alter table sync_runs add column full_because text',
    'alter table sync_runs add column missed_by_tail integer not null default 0',
    `alter table checkpoints add column tail blob not null default x''`,
    'alter table checkpoints add column compared_at text',
    'alter table checkpoints add column is_trusted integer not null default 0 check (is_trusted in (0, 1))',
    'alter table checkpoints add column takes_slices integer not null default 1 check (takes_slices in (0, 1))',
    `create table coverage_spans (
      id integer primary key autoincrement,
      device_id integer not null references devices on delete cascade,
      proven_from text not null,
      proven_until text not null,
      seen_until text not null,
      because text not null check (because in ('first-read', 'log-was-empty', 'log-cleared', 'log-overwritten'))
    ) strict`,
    'create index coverage_spans_of_device on coverage_spans (device_id, id)',
    `create table clock_readings (
      id integer primary key autoincrement,
      device_id integer not null references devices on delete cascade,
      read_at text not null,
      local_time text not null,
      drift_s integer not null,
      kind text not null check (kind in ('read', 'set'))
    ) strict`,
    'create index clock_readings_of_device on clock_readings (device_id, id)',
  ]
}

function syncJobs(): readonly string[] {
  return [
    `create table sync_jobs (
      id integer primary key autoincrement,
      device_id integer not null,
      state text not null check (state in ('waiting', 'active', 'failed')),
      is_failed integer not null check (is_failed = (state = 'failed')),
      tries integer not null,
      token integer not null,
      queued_at text not null,
      not_before text,
      started_at text,
      holder text,
      expires_at text,
      failed_at text,
      error_code text,
      error_message text,
      error_stack text
    ) strict`,
    'create unique index sync_jobs_once on sync_jobs (device_id, is_failed)',
    'create index sync_jobs_next on sync_jobs (state, not_before, id)',
  ]
}

/** A checkpoint from before does not know the oldest record of its log, so that nothing of its device is removed yet. */
function retention(): readonly string[] {
  return ['alter table checkpoints add column oldest_local text']
}

/** The newest of one device, without sorting all that it has. */
function quarantinePages(): readonly string[] {
  return ['create index quarantined_records_of_device on quarantined_records (device_id, id)']
}

/** People, their sessions, the tokens of programs, and what they changed. */
function accounts(): readonly string[] {
  return [
    `create table accounts (
      id integer primary key autoincrement,
      email text not null,
      role text not null check (role in ('viewer', 'admin')),
      is_disabled integer not null check (is_disabled in (0, 1)),
      created_at text not null,
      updated_at text not null
    ) strict`,
    'create unique index accounts_email on accounts (email)',
    `create table account_logins (
      id integer primary key autoincrement,
      account_id integer not null references accounts on delete cascade,
      provider text not null,
      subject text not null,
      password_hash text,
      created_at text not null,
      updated_at text not null
    ) strict`,
    'create unique index account_logins_subject on account_logins (provider, subject)',
    'create index account_logins_of_account on account_logins (account_id)',
    `create table account_sessions (
      id integer primary key autoincrement,
      account_id integer not null references accounts on delete cascade,
      token_sha256 text not null,
      ip_address text,
      user_agent text,
      expires_at text not null,
      created_at text not null,
      updated_at text not null
    ) strict`,
    'create unique index account_sessions_token on account_sessions (token_sha256)',
    'create index account_sessions_of_account on account_sessions (account_id)',
    'create index account_sessions_expiry on account_sessions (expires_at)',
    `create table first_admin_links (
      id integer primary key check (id = 1),
      token_sha256 text not null,
      expires_at text not null
    ) strict`,
    `create table sign_in_tries (
      id integer primary key autoincrement,
      key_sha256 text not null,
      tries integer not null,
      ends_at text not null
    ) strict`,
    'create unique index sign_in_tries_key on sign_in_tries (key_sha256)',
    'create index sign_in_tries_end on sign_in_tries (ends_at)',
    `create table api_tokens (
      id integer primary key autoincrement,
      name text not null,
      role text not null check (role in ('viewer', 'admin')),
      prefix text not null,
      token_sha256 text not null,
      created_at text not null,
      last_used_at text,
      revoked_at text
    ) strict`,
    'create unique index api_tokens_hash on api_tokens (token_sha256)',
    `create table audit_entries (
      id integer primary key autoincrement,
      created_at text not null,
      who text not null,
      action text not null,
      subject text,
      details text not null
    ) strict`,
  ]
}

/** What happened before is not told. */
function feed(): readonly string[] {
  return [
    `create table feed (
      position integer primary key,
      kind text not null check (kind in ('logs', 'run', 'device')),
      device_id integer not null,
      first_id integer,
      last_id integer,
      logs integer,
      run_id integer,
      created_at text not null
    ) strict`,
    `create table feed_waiting (
      id integer primary key autoincrement,
      kind text not null check (kind in ('logs', 'run', 'device')),
      device_id integer not null,
      first_id integer,
      last_id integer,
      logs integer,
      run_id integer,
      created_at text not null
    ) strict`,
    'create table feed_head (id integer primary key check (id = 1), position integer not null) strict',
    'insert into feed_head (id, position) values (1, 0)',
  ]
}

/** Records from before are open: nobody could dismiss one. */
function quarantine(): readonly string[] {
  return [
    'alter table quarantined_records add column dismissed_at text',
    'alter table quarantined_records add column dismissed_by text',
    'alter table quarantined_records add column note text',
    'create index quarantined_records_dismissed on quarantined_records (dismissed_at, id)',
    'create index quarantined_records_dismissed_of_device on quarantined_records (dismissed_at, device_id, id)',
  ]
}

function tags(): readonly string[] {
  return [
    `create table device_tags (
      device_id integer not null references devices on delete cascade,
      tag text not null,
      primary key (device_id, tag)
    ) strict, without rowid`,
  ]
}

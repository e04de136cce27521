import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Migrations, statements } from '../migrate.ts'
import type { Tables } from '../tables.ts'

const ID = 'id bigint primary key auto_increment'
const INSTANT = 'datetime(3)'
const OF_DEVICE = 'foreign key (device_id) references devices (id) on delete cascade'

/**
 * Every change of the schema, in order of name. One that was published is never edited: databases that have it would
 * differ from those that get it. What the columns mean stands in docs/database.md.
 *
 * This engine cannot undo a change of the schema, and a process may be killed between two: each statement can be repeated.
 */
export function migrations(collation: string): Migrations {
  return {
    '0001-initial': statements(initial(collation)),
    '0002-feed': statements(feed(collation)),
    '0003-accounts': statements(created(accounts(), collation)),
    '0004-quarantine': quarantine(),
    '0005-tags': statements(created(tags(), collation)),
  }
}

/**
 * The collation in which texts are compared byte for byte, trailing spaces included: MySQL and MariaDB have each their own.
 */
export async function exactCollation(kysely: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(kysely)
  return /mariadb/i.test(rows[0]?.version ?? '') ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'
}

function initial(collation: string): readonly string[] {
  return created([...devices(), ...attendanceLogs(), ...runs(), ...readings(), ...jobs()], collation)
}

function created(tables: readonly string[], collation: string): readonly string[] {
  return tables.map(
    table => `create table if not exists ${table} engine = InnoDB default character set utf8mb4 collate ${collation}`,
  )
}

function devices(): readonly string[] {
  return [
    `devices (
      ${ID},
      name text not null,
      host text not null,
      port int not null,
      transport varchar(16) not null check (transport in ('auto', 'tcp', 'udp')),
      proven_transport varchar(16) check (proven_transport in ('tcp', 'udp')),
      timezone text not null,
      is_active boolean not null,
      comm_key_sealed text,
      serial_number text,
      model text,
      firmware text,
      platform text,
      last_synced_at ${INSTANT},
      last_error text,
      created_at ${INSTANT} not null,
      updated_at ${INSTANT} not null,
      is_live boolean not null default 0,
      sets_clock boolean not null default 0,
      live_state varchar(16) check (live_state in ('listening', 'unsupported', 'down')),
      records_on_device bigint,
      log_capacity bigint,
      people_read_at ${INSTANT},
      key devices_serial_number (serial_number(64))
    )`,
    `device_users (
      ${ID},
      device_id bigint not null,
      uid bigint not null,
      user_id varchar(255) not null,
      name text not null,
      first_seen_local varchar(32) not null,
      last_seen_local varchar(32) not null,
      key device_users_of_device (device_id, first_seen_local, id),
      ${OF_DEVICE}
    )`,
    `device_leases (
      device_id bigint primary key,
      holder text,
      token bigint not null,
      ttl_ms bigint not null,
      expires_at ${INSTANT},
      is_wanted boolean not null default 0,
      ${OF_DEVICE}
    )`,
    `checkpoints (
      device_id bigint primary key,
      record_count bigint not null,
      counter bigint,
      layout text,
      firmware text,
      updated_at ${INSTANT} not null,
      tail mediumblob not null,
      compared_at ${INSTANT},
      is_trusted boolean not null default 0,
      takes_slices boolean not null default 1,
      oldest_local varchar(32),
      ${OF_DEVICE}
    )`,
  ]
}

function attendanceLogs(): readonly string[] {
  return [
    `attendance_logs (
      ${ID},
      device_id bigint not null,
      device_user_id varchar(64) not null,
      punched_at ${INSTANT} not null,
      local_time varchar(32) not null,
      time_note varchar(16) check (time_note in ('repeated', 'skipped')),
      punch_state int not null,
      verify_mode int not null,
      work_code bigint not null,
      source varchar(16) not null check (source in ('poll', 'live', 'push')),
      record_layout varchar(64) not null,
      raw_record blob not null,
      sync_run_id bigint,
      created_at ${INSTANT} not null,
      clock_drift_s bigint,
      unique key attendance_logs_punch (device_id, device_user_id, local_time),
      key attendance_logs_newest (punched_at, id),
      key attendance_logs_newest_of_device (device_id, punched_at, id),
      key attendance_logs_newest_of_user (device_user_id, punched_at, id),
      ${OF_DEVICE}
    )`,
    `quarantined_records (
      ${ID},
      device_id bigint not null,
      raw mediumtext not null,
      raw_hash binary(32) generated always as (unhex(sha2(raw, 256))) stored,
      reason varchar(64) not null,
      created_at ${INSTANT} not null,
      -- The record itself can be longer than an index takes.
      unique key quarantined_records_once (device_id, reason, raw_hash),
      key quarantined_records_of_device (device_id, id),
      ${OF_DEVICE}
    )`,
  ]
}

function runs(): readonly string[] {
  return [
    `sync_runs (
      ${ID},
      device_id bigint not null,
      mode varchar(16) not null check (mode in ('full', 'tail', 'unchanged')),
      status varchar(16) not null check (status in ('ok', 'failed')),
      started_at ${INSTANT} not null,
      finished_at ${INSTANT},
      records_on_device bigint,
      counter_before bigint,
      counter_after bigint,
      count_proof varchar(16) check (count_proof in ('counter', 'announced-size', 'mismatch')),
      received bigint not null,
      inserted bigint not null,
      duplicates bigint not null,
      quarantined bigint not null,
      bytes bigint not null,
      error_code text,
      error_message text,
      full_because text,
      missed_by_tail bigint not null default 0,
      key sync_runs_of_device (device_id, id),
      key sync_runs_by_yield (inserted, started_at),
      ${OF_DEVICE}
    )`,
    `coverage_spans (
      ${ID},
      device_id bigint not null,
      proven_from ${INSTANT} not null,
      proven_until ${INSTANT} not null,
      seen_until ${INSTANT} not null,
      because varchar(16) not null check (because in ('first-read', 'log-was-empty', 'log-cleared', 'log-overwritten')),
      key coverage_spans_of_device (device_id, id),
      ${OF_DEVICE}
    )`,
  ]
}

function readings(): readonly string[] {
  return [
    `clock_readings (
      ${ID},
      device_id bigint not null,
      read_at ${INSTANT} not null,
      local_time varchar(32) not null,
      drift_s bigint not null,
      kind varchar(16) not null check (kind in ('read', 'set')),
      key clock_readings_of_device (device_id, id),
      ${OF_DEVICE}
    )`,
  ]
}

function jobs(): readonly string[] {
  return [
    `sync_jobs (
      ${ID},
      device_id bigint not null,
      state varchar(16) not null check (state in ('waiting', 'active', 'failed')),
      is_failed boolean not null check (is_failed = (state = 'failed')),
      tries int not null,
      token bigint not null,
      queued_at ${INSTANT} not null,
      not_before ${INSTANT},
      started_at ${INSTANT},
      holder text,
      expires_at ${INSTANT},
      failed_at ${INSTANT},
      error_code text,
      error_message text,
      error_stack text,
      unique key sync_jobs_once (device_id, is_failed),
      key sync_jobs_next (state, not_before, id)
    )`,
  ]
}

/** People, their sessions, the tokens of programs, and what they changed. */
function accounts(): readonly string[] {
  return [
    `accounts (
      ${ID},
      email varchar(255) not null,
      role varchar(16) not null check (role in ('viewer', 'admin')),
      is_disabled boolean not null,
      created_at ${INSTANT} not null,
      updated_at ${INSTANT} not null,
      unique key accounts_email (email)
    )`,
    `account_logins (
      ${ID},
      account_id bigint not null,
      provider varchar(64) not null,
      subject varchar(255) not null,
      password_hash text,
      created_at ${INSTANT} not null,
      updated_at ${INSTANT} not null,
      unique key account_logins_subject (provider, subject),
      key account_logins_of_account (account_id),
      foreign key (account_id) references accounts (id) on delete cascade
    )`,
    `account_sessions (
      ${ID},
      account_id bigint not null,
      token_sha256 varchar(64) not null,
      ip_address text,
      user_agent text,
      expires_at ${INSTANT} not null,
      created_at ${INSTANT} not null,
      updated_at ${INSTANT} not null,
      unique key account_sessions_token (token_sha256),
      key account_sessions_of_account (account_id),
      key account_sessions_expiry (expires_at),
      foreign key (account_id) references accounts (id) on delete cascade
    )`,
    `first_admin_links (
      id bigint primary key check (id = 1),
      token_sha256 varchar(64) not null,
      expires_at ${INSTANT} not null
    )`,
    `sign_in_tries (
      ${ID},
      key_sha256 varchar(64) not null,
      tries bigint not null,
      ends_at ${INSTANT} not null,
      unique key sign_in_tries_key (key_sha256),
      key sign_in_tries_end (ends_at)
    )`,
    `api_tokens (
      ${ID},
      name text not null,
      role varchar(16) not null check (role in ('viewer', 'admin')),
      prefix text not null,
      token_sha256 varchar(64) not null,
      created_at ${INSTANT} not null,
      last_used_at ${INSTANT},
      revoked_at ${INSTANT},
      unique key api_tokens_hash (token_sha256)
    )`,
    `audit_entries (
      ${ID},
      created_at ${INSTANT} not null,
      who text not null,
      action varchar(64) not null,
      subject text,
      details text not null
    )`,
  ]
}

/** What happened before is not told. */
function feed(collation: string): readonly string[] {
  const tables = [
    `feed (
      position bigint primary key,
      kind varchar(16) not null check (kind in ('logs', 'run', 'device')),
      device_id bigint not null,
      first_id bigint,
      last_id bigint,
      logs bigint,
      run_id bigint,
      created_at ${INSTANT} not null
    )`,
    `feed_waiting (
      ${ID},
      kind varchar(16) not null check (kind in ('logs', 'run', 'device')),
      device_id bigint not null,
      first_id bigint,
      last_id bigint,
      logs bigint,
      run_id bigint,
      created_at ${INSTANT} not null
    )`,
    'feed_head (id int primary key check (id = 1), position bigint not null)',
  ]
  return [
    ...created(tables, collation),
    'insert into feed_head (id, position) values (1, 0) on duplicate key update id = id',
  ]
}

/**
 * Records from before are open: nobody could dismiss one. One statement, which is done whole or not at all; MySQL cannot say `if not
 * exists` of a column, so it is looked for.
 */
function quarantine(): Migration {
  return {
    async up(kysely: Kysely<unknown>): Promise<void> {
      const { rows } = await sql`select 1 from information_schema.columns where table_schema = database()
        and table_name = 'quarantined_records' and column_name = 'dismissed_at'`.execute(kysely)
      if (rows.length > 0) return
      await sql
        .raw(`alter table quarantined_records
          add column dismissed_at ${INSTANT},
          add column dismissed_by text,
          add column note text,
          add key quarantined_records_dismissed (dismissed_at, id),
          add key quarantined_records_dismissed_of_device (dismissed_at, device_id, id)`)
        .execute(kysely)
    },
  }
}

function tags(): readonly string[] {
  return [
    `device_tags (
      device_id bigint not null,
      tag varchar(64) not null,
      primary key (device_id, tag),
      ${OF_DEVICE}
    )`,
  ]
}

import { ERROR_CODES } from '../base/errors.ts'
import { type ClockReading, type Device, deviceStatus, type PersonSpan } from '../model/device.ts'
import type { SyncJob } from '../model/job-queue.ts'
import { QUARANTINE_REASONS, type QuarantinedRecord } from '../model/punch.ts'
import type { SyncRun } from '../model/store.ts'
import type { ClockReadingJson, DeviceJson, PersonJson } from './api/devices.ts'
import type { JobJson, QuarantinedRecordJson, SyncRunJson } from './api/runs.ts'

/** Never the comm key: only whether there is one. */
export function deviceJson(device: Device): DeviceJson {
  return {
    id: device.id,
    name: device.name,
    host: device.host,
    port: device.port,
    transport: device.transport,
    timezone: device.timezone,
    tags: [...device.tags],
    is_active: device.isActive,
    is_live: device.isLive,
    live_state: device.liveState,
    sets_clock: device.setsClock,
    has_comm_key: device.hasCommKey,
    serial_number: device.serialNumber,
    model: device.model,
    firmware: device.firmware,
    records_on_device: device.recordsOnDevice,
    log_capacity: device.logCapacity,
    status: deviceStatus(device),
    last_synced_at: device.lastSyncedAt?.toISOString() ?? null,
    last_error: device.lastError,
    created_at: device.createdAt.toISOString(),
    updated_at: device.updatedAt.toISOString(),
  }
}

export function personJson({ uid, userId, name, firstSeenLocal, lastSeenLocal }: PersonSpan): PersonJson {
  return { uid, user_id: userId, name, first_seen_local: firstSeenLocal, last_seen_local: lastSeenLocal }
}

export function clockReadingJson({ readAt, localTime, driftSeconds, kind }: ClockReading): ClockReadingJson {
  return { read_at: readAt.toISOString(), local_time: localTime, drift_s: driftSeconds, kind }
}

export function syncRunJson(run: SyncRun): SyncRunJson {
  return {
    id: run.id,
    device_id: run.deviceId,
    mode: run.mode,
    status: run.status,
    started_at: run.startedAt.toISOString(),
    finished_at: run.finishedAt?.toISOString() ?? null,
    records_on_device: run.recordsOnDevice,
    counter_before: run.counterBefore,
    counter_after: run.counterAfter,
    count_proof: run.countProof,
    received: run.received,
    inserted: run.inserted,
    duplicates: run.duplicates,
    quarantined: run.quarantined,
    bytes: run.bytes,
    full_because: run.fullBecause,
    missed_by_tail: run.missedByTail,
    ...errorJson(run.error),
  }
}

export function quarantinedRecordJson(
  record: QuarantinedRecord & { id: number; deviceId: number; createdAt: Date },
): QuarantinedRecordJson {
  return {
    id: record.id,
    device_id: record.deviceId,
    raw: record.raw.toHex(),
    reason: record.reason,
    reason_text: QUARANTINE_REASONS[record.reason],
    created_at: record.createdAt.toISOString(),
  }
}

/** Without the stack of its error: that is for the log file. */
export function jobJson(job: SyncJob): JobJson {
  return {
    id: job.id,
    device_id: job.deviceId,
    state: job.state,
    tries: job.tries,
    queued_at: job.queuedAt.toISOString(),
    not_before: job.notBefore?.toISOString() ?? null,
    started_at: job.startedAt?.toISOString() ?? null,
    failed_at: job.failedAt?.toISOString() ?? null,
    ...errorJson(job.error),
  }
}

function errorJson(error: { code: keyof typeof ERROR_CODES; message: string } | null) {
  return {
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
    next_step: error ? (ERROR_CODES[error.code]?.nextStep ?? null) : null,
  }
}

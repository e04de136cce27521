import type { CoverageJson } from '../http/api/devices.ts'
import type { BeatJson, DeviceDetailJson, DeviceStandingJson } from '../http/api/standings.ts'
import { deviceJson } from '../http/views.ts'
import type { Coverage } from './coverage.ts'
import type { DeviceStanding } from './device-standing.ts'
import type { StandingRun } from './device-state.ts'
import type { Standing } from './standings.ts'

export function standingJson(standing: Standing): DeviceStandingJson {
  const { device, memory } = standing
  return {
    device: deviceJson(device),
    state: standing.state,
    sentence: standing.sentence,
    next_step: standing.nextStep,
    last_contact_at: standing.lastContactAt?.toISOString() ?? null,
    last_punch_at: standing.lastPunchAt?.toISOString() ?? null,
    drift_s: standing.newestReading?.driftSeconds ?? null,
    memory: {
      records: memory.records,
      capacity: memory.capacity,
      percent_full: memory.percentFull,
      full_in_days: memory.fullInDays,
    },
    quarantined: standing.quarantined,
    beats: standing.runs.map(beatJson).reverse(),
  }
}

export function deviceDetailJson(standing: DeviceStanding): DeviceDetailJson {
  const { device, coverage, words, memory } = standing
  return {
    ...standingJson(standing),
    attendance_logs: standing.attendanceLogs,
    coverage: coverageJson(device.id, coverage),
    words: { ...words, memory: memory.text },
  }
}

export function coverageJson(deviceId: number, { provenUntil, standing, line, stretches }: Coverage): CoverageJson {
  return {
    device_id: deviceId,
    proven_until: provenUntil?.toISOString() ?? null,
    standing,
    line,
    stretches: stretches.map(stretch => ({
      kind: stretch.kind,
      from: stretch.from.toISOString(),
      until: stretch.until?.toISOString() ?? null,
      reason: stretch.kind === 'gap' ? stretch.reason : stretch.because,
      why: stretch.kind === 'gap' ? stretch.why : null,
      missing: stretch.kind === 'gap' ? stretch.missing : null,
    })),
  }
}

/** Until it has its end, a run is kept with the error that a crash would leave. */
function beatJson({ id, state, startedAt, inserted, error }: StandingRun): BeatJson {
  return {
    run_id: id,
    state,
    started_at: startedAt.toISOString(),
    inserted,
    error_code: state === 'running' ? null : (error?.code ?? null),
  }
}

import { ERROR_CODES } from '../base/errors.ts'
import type { ClockReading, Device } from '../model/device.ts'
import type { Checkpoint, Store, SyncRun } from '../model/store.ts'
import { type Coverage, coverageOf } from './coverage.ts'
import { forecastMemory, growthOfLog, type MemoryForecast } from './memory-forecast.ts'
import { agoText, driftText } from './span-words.ts'

/** As many runs as one looks at to see a pattern. */
const RUNS_SHOWN = 10
/** A clock that is set as often as that is told by its newest reading alone. */
const READINGS_LOOKED_AT = 100

/** A run as it stands: one without an end is `running` while its device is held, and `interrupted` otherwise. */
export interface StandingRun extends SyncRun {
  readonly state: 'ok' | 'failed' | 'running' | 'interrupted'
}

/** How a device stands, for people: values beside words. */
export interface DeviceStanding {
  readonly device: Device
  /** What mends the last failure; null where there is none. */
  readonly nextStep: string | null
  readonly attendanceLogs: number
  readonly checkpoint: Checkpoint | null
  readonly coverage: Coverage
  readonly memory: MemoryForecast
  readonly clock: { readonly newest: ClockReading; readonly setAt: Date | null } | null
  /** The newest first, ten at most. */
  readonly runs: readonly StandingRun[]
  readonly words: {
    /** How its punches come. */
    readonly mode: string
    readonly clock: string
    /** The layout of its records, and how sure that is. */
    readonly layout: string
  }
}

/** @throws StoreError `NOT_FOUND`. */
export async function readDeviceStanding(store: Store, id: number, nowMs: number): Promise<DeviceStanding> {
  const device = await store.devices.get(id)
  const checkpoint = await store.punches.checkpoint(id)
  const spans = await store.coverage.spans(id)
  const readings = await store.clocks.series(id, { limit: READINGS_LOOKED_AT })
  const isHeld = (await store.leases.holderOf(id)) !== null
  const latest = await store.punches.runs({ deviceId: id, limit: RUNS_SHOWN })
  const runs = latest.map((run, index) => ({ ...run, state: stateOf(run, { isNewest: index === 0, isHeld }) }))
  const [newest] = readings
  const clock = newest ? { newest, setAt: readings.find(reading => reading.kind === 'set')?.readAt ?? null } : null
  return {
    device,
    nextStep: nextStepOf(device, runs),
    attendanceLogs: await store.logs.count({ deviceIds: [id] }),
    checkpoint,
    coverage: coverageOf(spans, device, nowMs),
    memory: forecastMemory(
      { records: device.recordsOnDevice ?? checkpoint?.recordCount ?? null, capacity: device.logCapacity },
      await growthOfLog(store.logs, { id, spans }, nowMs),
    ),
    clock,
    runs,
    words: { mode: modeText(device, isHeld), clock: clockText(clock, nowMs), layout: layoutText(device, checkpoint) },
  }
}

/** A device is spoken to by one process at a time, so only its newest run can be under way. */
function stateOf(run: SyncRun, standing: { isNewest: boolean; isHeld: boolean }): StandingRun['state'] {
  if (run.finishedAt !== null) return run.status
  return standing.isNewest && standing.isHeld ? 'running' : 'interrupted'
}

/** The device itself remembers the sentence of its last failure alone. */
function nextStepOf(device: Device, runs: readonly StandingRun[]): string | null {
  if (device.lastError === null) return null
  const failure = runs.find(run => run.state === 'failed')?.error
  return failure ? ERROR_CODES[failure.code].nextStep : null
}

const LIVE_UNMET = 'live is wished for; attendance:sync listens to it while it runs'

function modeText(device: Device, isHeld: boolean): string {
  if (!device.isActive) return 'disabled: it is not read'
  if (!device.isLive) return 'polled'
  switch (device.liveState) {
    case 'listening':
      // Whoever listened may have been killed.
      return isHeld ? 'live: its punches come as they happen' : LIVE_UNMET
    case 'unsupported':
      return 'polled: live is wished for, but its firmware does not tell punches as they happen'
    case 'down':
      return 'polled until live is back: the open connection was lost'
    case null:
      return LIVE_UNMET
    default:
      return device.liveState satisfies never
  }
}

function clockText(clock: DeviceStanding['clock'], nowMs: number): string {
  if (clock === null) return 'not read yet'
  const { newest, setAt } = clock
  const read = `${driftText(newest.driftSeconds)}, read ${agoText(newest.readAt, nowMs)}`
  return setAt === null ? read : `${read}; set by Rollcall ${agoText(setAt, nowMs)}`
}

function layoutText(device: Device, checkpoint: Checkpoint | null): string {
  if (checkpoint === null) return 'not proven yet: its log has not been read whole'
  const { layout, firmware, isTrusted, takesSlices } = checkpoint
  if (layout === null) return 'not proven yet: an empty log proves none'
  const proof =
    firmware === device.firmware
      ? 'proven on this firmware'
      : `proven on another firmware (${firmware ?? 'which did not tell its name'}), to be proven again`
  const doubts = [
    ...(isTrusted ? [] : ['the next run reads everything again']),
    ...(takesSlices ? [] : ['read whole each time, since this firmware does not send the part that is asked for']),
  ]
  return [`${layout}, ${proof}`, ...doubts].join('; ')
}

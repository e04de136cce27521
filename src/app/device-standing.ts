import assert from 'node:assert/strict'
import type { ClockReading, Device } from '../model/device.ts'
import type { Checkpoint, Store } from '../model/store.ts'
import { type Coverage, coverageOf } from './coverage.ts'
import { agoText, driftText } from './span-words.ts'
import { readStandings, type Standing } from './standings.ts'

/** A clock that is set as often as that is told by its newest reading alone. */
const READINGS_LOOKED_AT = 100

/** How one device stands, for people: values beside words. */
export interface DeviceStanding extends Standing {
  readonly attendanceLogs: number
  readonly checkpoint: Checkpoint | null
  readonly coverage: Coverage
  readonly clock: { readonly newest: ClockReading; readonly setAt: Date | null } | null
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
  const [standing] = await readStandings(store, [device], nowMs)
  assert(standing)
  const checkpoint = await store.punches.checkpoint(id)
  const spans = await store.coverage.spans(id)
  const readings = await store.clocks.series(id, { limit: READINGS_LOOKED_AT })
  const [newest] = readings
  const clock = newest ? { newest, setAt: readings.find(reading => reading.kind === 'set')?.readAt ?? null } : null
  const { isHeld } = standing
  return {
    ...standing,
    attendanceLogs: await store.logs.count({ deviceIds: [id] }),
    checkpoint,
    coverage: coverageOf(spans, device, nowMs),
    clock,
    words: { mode: modeText(device, isHeld), clock: clockText(clock, nowMs), layout: layoutText(device, checkpoint) },
  }
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

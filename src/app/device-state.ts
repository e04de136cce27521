import { ERROR_CODES } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import type { HeldLease } from '../model/standing-reader.ts'
import type { SyncRun } from '../model/store.ts'
import { agoText, spanText } from './span-words.ts'

/**
 * No process knows at which interval another one reads, so that it is told by the runs of the device itself: three times their usual
 * distance. A contact that finds nothing new leaves no run, so that the usual distance is rather too long than too short.
 */
const RHYTHMS_LATE = 3
/** Reads of one device take minutes where its log is long and its line slow, and whoever is tried again waits some. */
const LATE_AFTER_MS_MIN = 10 * 60_000
/** A device where nobody punches has a run a day, for the comparison; three days without a contact are no rhythm. */
const LATE_AFTER_MS_MAX = 26 * 3_600_000

/**
 * `down`: its last contact failed. `late`: the last one was good, and is longer ago than it should be. `new`: not reached yet.
 * `paused`: not active.
 */
export type DeviceState = 'online' | 'late' | 'down' | 'new' | 'paused'

/** A run as it stands: one without an end is `running` while its device is held, and `interrupted` otherwise. */
export interface StandingRun extends SyncRun {
  readonly state: 'ok' | 'failed' | 'running' | 'interrupted'
}

/** What is known of the contacts with a device. */
export interface Contacts {
  readonly device: Device
  /** Null where nobody holds it now. */
  readonly lease: HeldLease | null
  /** The newest first. */
  readonly runs: readonly StandingRun[]
}

/** The last moment at which the device answered. One that is listened to answers as long as its lease is renewed. */
export function lastContactOf({ device, lease }: Pick<Contacts, 'device' | 'lease'>): Date | null {
  const { lastSyncedAt } = device
  const heardAt = isHeard({ device, lease }) ? (lease?.renewedAt ?? null) : null
  if (lastSyncedAt === null || heardAt === null) return heardAt ?? lastSyncedAt
  return heardAt > lastSyncedAt ? heardAt : lastSyncedAt
}

/** Whoever listened may have been killed: then nobody holds the device any more. */
function isHeard({ device, lease }: Pick<Contacts, 'device' | 'lease'>): boolean {
  return device.isLive && device.liveState === 'listening' && lease !== null
}

export function stateOf(contacts: Contacts, nowMs: number): DeviceState {
  const { device, runs } = contacts
  if (!device.isActive) return 'paused'
  if (device.lastError !== null) return 'down'
  const last = lastContactOf(contacts)
  if (last === null) return 'new'
  return nowMs - last.getTime() > lateAfterMs(runs) ? 'late' : 'online'
}

/** Whether a device is late at all only by its runs; before that they need not be read. */
export function mayBeLate(contacts: Omit<Contacts, 'runs'>, nowMs: number): boolean {
  return stateOf({ ...contacts, runs: [] }, nowMs) === 'late'
}

/** A device is spoken to by one process at a time, so only its newest run can be under way. */
export function standingRuns(runs: readonly SyncRun[], lease: HeldLease | null): StandingRun[] {
  return runs.map((run, index) => {
    const open = index === 0 && lease !== null ? 'running' : 'interrupted'
    return { ...run, state: run.finishedAt === null ? open : run.status }
  })
}

export function sentenceOf(contacts: Contacts, nowMs: number): string {
  const { device, runs } = contacts
  const state = stateOf(contacts, nowMs)
  const last = lastContactOf(contacts)
  const now = runs[0]?.state === 'running' ? '; it is being read now' : ''
  switch (state) {
    case 'paused':
      return `paused: it is not read${last ? `; last contact ${agoText(last, nowMs)}` : ''}`
    case 'new':
      return `not reached yet; added ${agoText(device.createdAt, nowMs)}${now}`
    case 'down':
      return `down for ${sinceText(downSince(contacts), nowMs)}: ${device.lastError}`
    case 'late':
      return `no contact for ${sinceText(last, nowMs)}; the last one was good${now}`
    case 'online':
      return isHeard(contacts) ? 'live: its punches come as they happen' : `in contact ${agoText(last, nowMs)}${now}`
    default:
      return state satisfies never
  }
}

/** The device itself remembers the sentence of its last failure alone. */
export function nextStepOf(contacts: Contacts, nowMs: number): string | null {
  const state = stateOf(contacts, nowMs)
  if (state === 'late') return 'see whether a process reads it: rollcall start, attendance:sync, or queue:work'
  if (contacts.device.lastError === null) return null
  const failure = contacts.runs.find(run => run.state === 'failed')?.error
  return failure ? ERROR_CODES[failure.code].nextStep : null
}

/** When the first failure came since it last answered; where its runs do not reach back to that, when it last answered. */
function downSince({ device: { lastSyncedAt }, runs }: Contacts): Date | null {
  const isSince = (run: SyncRun) => lastSyncedAt === null || run.startedAt >= lastSyncedAt
  if (lastSyncedAt !== null && runs.every(isSince)) return lastSyncedAt
  return runs.findLast(run => run.state === 'failed' && isSince(run))?.startedAt ?? lastSyncedAt
}

function sinceText(since: Date | null, nowMs: number): string {
  return since === null ? 'a time that is not known' : spanText(Math.max(0, nowMs - since.getTime()))
}

/** How long after a good contact the next one is missed. */
function lateAfterMs(runs: readonly SyncRun[]): number {
  const gaps = runs.slice(1).map((run, i) => (runs[i]?.startedAt.getTime() ?? 0) - run.startedAt.getTime())
  const usual = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0
  return Math.min(Math.max(RHYTHMS_LATE * usual, LATE_AFTER_MS_MIN), LATE_AFTER_MS_MAX)
}

import assert from 'node:assert/strict'
import { afterEach, beforeEach } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { type ErrorCode, StoreError } from '../../../src/base/errors.ts'
import type { Device, DeviceSettings } from '../../../src/model/device.ts'
import type { ZonedPunch } from '../../../src/model/punch.ts'
import type {
  Checkpoint,
  Lease,
  LogFilter,
  PunchCommit,
  RunEnd,
  RunOutcome,
  SecretBox,
  Store,
  SyncRun,
} from '../../../src/model/store.ts'

/** A clock that stands until it is moved. Its sleeps are real: a store sleeps only while it waits for another one. */
export class StandingClock {
  ms = Date.UTC(2026, 0, 5, 8, 0, 0)

  now(): number {
    return this.ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }
}

/** What a store is opened with. */
export interface StoreParts {
  readonly clock: StandingClock
  readonly secrets: SecretBox
}

/** One fresh database under test. */
export interface OpenedStore {
  readonly store: Store
  /** Opens the same database once more, as another process would, while the first store stays open or crashed. */
  reopen(): Promise<Store>
  /** Closes everything and deletes the database. */
  dispose(): Promise<void>
}

export type OpenStore = (parts: StoreParts) => Promise<OpenedStore>

/** Turns the text around: enough to see that what is stored was sealed, and that what was sealed is opened. */
export const turningBox: SecretBox = {
  seal: text => `turned:${[...text].reverse().join('')}`,
  open: sealed => [...sealed.slice('turned:'.length)].reverse().join(''),
}

/** A fresh store for every test of a group. */
export function freshStores(open: OpenStore): { store: Store; clock: StandingClock; reopen: () => Promise<Store> } {
  let opened: OpenedStore
  let clock: StandingClock
  beforeEach(async () => {
    clock = new StandingClock()
    opened = await open({ clock, secrets: turningBox })
  })
  afterEach(() => opened.dispose())
  return {
    get store() {
      return opened.store
    },
    get clock() {
      return clock
    },
    reopen: () => opened.reopen(),
  }
}

export function settings(changes: Partial<DeviceSettings> = {}): DeviceSettings {
  return {
    name: 'Main Entrance',
    host: '192.168.1.201',
    port: 4370,
    transport: 'auto',
    timezone: 'Europe/Berlin',
    isActive: true,
    isLive: false,
    setsClock: false,
    commKey: 0,
    ...changes,
  }
}

export async function takeLease(store: Store, deviceId: number, holder = 'one'): Promise<Lease> {
  const taken = await store.leases.acquire({ deviceId, holder, ttlMs: 60_000, isDead: () => false })
  assert('lease' in taken, `held by ${JSON.stringify(taken)}`)
  return taken.lease
}

/** A run under way. */
export interface Running {
  readonly device: Device
  readonly lease: Lease
  readonly runId: number
}

/** Adds a device, takes its lease, begins a run. */
export async function startRun(store: Store, holder = 'one'): Promise<Running> {
  const device = await store.devices.add(settings())
  const lease = await takeLease(store, device.id, holder)
  return { device, lease, runId: await store.punches.beginRun(lease, 'full') }
}

/** A punch some seconds into 2026; its zone is UTC. */
export function punch(userId: string, second: number, changes: Partial<ZonedPunch> = {}): ZonedPunch {
  const punchedAtMs = Date.UTC(2026, 0, 1) + second * 1000
  return {
    userId,
    localTime: new Date(punchedAtMs).toISOString().slice(0, 19).replace('T', ' '),
    punchState: 0,
    verifyMode: 1,
    workCode: 0,
    layout: '40',
    raw: Uint8Array.of(second & 0xff, 0xfe, 0, 1),
    punchedAtMs,
    timeNote: null,
    ...changes,
  }
}

/** `count` punches of 50 users, one a second. */
export function manyPunches(count: number, from = 0): ZonedPunch[] {
  return Array.from({ length: count }, (_, i) => punch(String((from + i) % 50), from + i))
}

export function batchOf(run: Running, changes: Partial<PunchCommit> = {}): PunchCommit {
  return {
    lease: run.lease,
    runId: run.runId,
    source: 'poll',
    driftSeconds: null,
    punches: [],
    quarantined: [],
    ...changes,
  }
}

export function outcome(changes: Partial<RunOutcome> = {}): RunOutcome {
  return {
    mode: 'full',
    status: 'ok',
    recordsOnDevice: 0,
    counterBefore: 0,
    counterAfter: 0,
    countProof: 'counter',
    received: 0,
    inserted: 0,
    duplicates: 0,
    quarantined: 0,
    bytes: 0,
    fullBecause: null,
    missedByTail: 0,
    error: null,
    ...changes,
  }
}

export function checkpointOf(changes: Partial<Checkpoint> = {}): Checkpoint {
  return {
    recordCount: 120,
    counter: 120,
    layout: '40',
    firmware: 'Ver 6.60 Apr 28 2017',
    tail: Uint8Array.of(1, 2, 0, 255),
    comparedAt: new Date(Date.UTC(2026, 0, 5)),
    isTrusted: true,
    takesSlices: true,
    oldestLocal: '2026-01-01 00:00:00',
    ...changes,
  }
}

/** The end of a run that went well and brought nothing, unless told otherwise. */
export function endOf(run: Running, changes: Partial<RunEnd> = {}): RunEnd {
  return { lease: run.lease, runId: run.runId, outcome: outcome(), checkpoint: null, coverage: null, ...changes }
}

/** Every punch that is stored, as `user@local time`, in the order of storing. */
export async function storedPunches(store: Store, filter: LogFilter = {}): Promise<string[]> {
  const found: string[] = []
  for await (const log of store.logs.scan(filter)) found.push(`${log.deviceUserId}@${log.localTime}`)
  return found
}

export async function onlyRun(store: Store): Promise<SyncRun> {
  const [run, ...more] = await store.punches.runs({ limit: 10 })
  assert(run && more.length === 0)
  return run
}

export async function rejectsWith(code: ErrorCode, promise: Promise<unknown>): Promise<StoreError> {
  try {
    await promise
  } catch (error) {
    assert(error instanceof StoreError, `not a StoreError: ${error}`)
    assert.equal(error.code, code, error.message)
    return error
  }
  return assert.fail(`it should have failed with ${code}`)
}

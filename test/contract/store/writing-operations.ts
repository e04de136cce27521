import assert from 'node:assert/strict'
import { systemClock } from '../../../src/base/clock.ts'
import type { ZonedPunch } from '../../../src/model/punch.ts'
import type { Checkpoint, CoverageProof, Lease, PunchCommit, RunOutcome, Store } from '../../../src/model/store.ts'

const settings = {
  name: 'Main Entrance',
  host: 'h',
  port: 4370,
  transport: 'auto',
  timezone: 'UTC',
  isActive: true,
  isLive: true,
  setsClock: false,
  commKey: 1,
  tags: ['one', 'two'],
} as const

export interface Prepared {
  readonly store: Store
  readonly lease: Lease
  readonly runId: number
}

/** Every operation that writes, each from the state that `prepared` makes. */
export const WRITING_OPERATIONS: Readonly<Record<string, (prepared: Prepared) => Promise<unknown>>> = {
  'add a device': ({ store }) => store.devices.add(settings),
  'edit a device': ({ store, lease }) =>
    store.devices.edit(lease.deviceId, { name: 'other', commKey: 2, tags: ['three'] }),
  'remove a device': ({ store, lease }) => store.devices.remove(lease.deviceId),
  'record an identity': ({ store, lease }) => {
    const told = { serialNumber: 'S', model: 'M', firmware: 'F', platform: 'P', transport: 'udp' } as const
    return store.devices.recordIdentity(lease.deviceId, told)
  },
  'record people': ({ store, lease }) => {
    const people = [1, 2, 3].map(uid => ({ uid, userId: `${uid % 2}`, name: `N${uid}` }))
    return store.people.record(lease.deviceId, people, { from: '2026-02-01 00:00:00', until: '2026-02-01 00:00:00' })
  },
  'acquire a lease': ({ store, lease }) =>
    store.leases.acquire({ deviceId: lease.deviceId, holder: 'two', ttlMs: 1000, isDead: () => true }),
  'renew a lease': ({ store, lease }) => store.leases.renew(lease, 1000),
  'release a lease': ({ store, lease }) => store.leases.release(lease),
  'begin a run': ({ store, lease }) => store.punches.beginRun(lease, 'full'),
  'commit a batch': prepared => prepared.store.punches.commit(batch(prepared)),
  'commit what was told live': prepared =>
    prepared.store.punches.commit({ ...batch(prepared), runId: null, source: 'live' }),
  'lengthen a span': ({ store, lease }) => store.coverage.lengthen(lease, proof.atMs + 1000),
  'record the clock': ({ store, lease }) =>
    store.clocks.record(lease.deviceId, { readAt: new Date(), localTime: '', driftSeconds: 9, kind: 'read' }),
  'record the live state': ({ store, lease }) => store.devices.recordLiveState(lease.deviceId, 'down'),
  'record the counters': ({ store, lease }) =>
    store.devices.recordCounters(lease.deviceId, { records: 6, capacity: 100 }),
  'remove old attendance logs': ({ store, lease }) =>
    store.retention.remove({ deviceId: lease.deviceId, before: new Date(proof.atMs), after: null }),
  'finish a run': prepared => {
    const checkpoint = { ...earlierCheckpoint, recordCount: 6, counter: 6 }
    const coverage = { ...proof, atMs: proof.atMs + 1000, because: 'log-cleared' } as const
    return prepared.store.punches.finish({ ...prepared, outcome, checkpoint, coverage }, batch(prepared))
  },
}

/** Moves on at each look: a row is older than the checkpoint that follows it. */
export class TickingClock {
  #ms = systemClock.now()

  now(): number {
    return this.#ms++
  }

  sleep(ms: number): Promise<void> {
    return systemClock.sleep(ms)
  }
}

/** A device with a lease, an earlier run with a punch that its log no longer holds, people, and a run under way. */
export async function prepare(store: Store): Promise<Prepared> {
  const { id: deviceId } = await store.devices.add(settings)
  const taken = await store.leases.acquire({ deviceId, holder: 'one', ttlMs: 60_000, isDead: () => false })
  assert('lease' in taken)
  const { lease } = taken
  const earlier = { store, lease, runId: await store.punches.beginRun(lease, 'full') }
  const gone = { ...punchAt(0), localTime: '2025-01-01 00:00:00', punchedAtMs: Date.UTC(2025, 0, 1) }
  await store.punches.finish(
    { ...earlier, outcome, checkpoint: earlierCheckpoint, coverage: proof },
    { ...batch(earlier), punches: [gone] },
  )
  await store.people.record(deviceId, [{ uid: 1, userId: '1', name: 'A' }], {
    from: '2026-01-01 00:00:00',
    until: '2026-01-01 00:00:00',
  })
  return { ...earlier, runId: await store.punches.beginRun(lease, 'full') }
}

const proof: CoverageProof = {
  atMs: Date.UTC(2026, 0, 1),
  isSeen: true,
  continues: false,
  fromMs: 0,
  because: 'first-read',
}

const earlierCheckpoint: Checkpoint = {
  recordCount: 5,
  counter: 5,
  layout: '40',
  firmware: 'F',
  tail: Uint8Array.of(1),
  comparedAt: new Date(proof.atMs),
  isTrusted: true,
  takesSlices: true,
  oldestLocal: '2026-01-01 00:00:00',
}

const outcome: RunOutcome = {
  mode: 'full',
  status: 'ok',
  recordsOnDevice: 6,
  counterBefore: 6,
  counterAfter: 6,
  countProof: 'counter',
  received: 6,
  inserted: 0,
  duplicates: 0,
  quarantined: 1,
  bytes: 240,
  fullBecause: null,
  missedByTail: 0,
  error: null,
}

function batch({ lease, runId }: Omit<Prepared, 'store'>): PunchCommit {
  const punches = Array.from({ length: 5 }, (_, second) => punchAt(second))
  const raw = Uint8Array.of(runId)
  return { lease, runId, source: 'poll', driftSeconds: 1, punches, quarantined: [{ raw, reason: 'NO_TIME' }] }
}

function punchAt(second: number): ZonedPunch {
  return {
    userId: '1',
    localTime: `2026-01-01 00:00:0${second}`,
    punchState: 0,
    verifyMode: 1,
    workCode: 0,
    layout: '40',
    raw: Uint8Array.of(second),
    punchedAtMs: Date.UTC(2026, 0, 1) + second * 1000,
    timeNote: null,
  }
}

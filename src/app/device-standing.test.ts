import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import {
  batchOf,
  checkpointOf,
  endOf,
  manyPunches,
  outcome,
  type Running,
  StandingClock,
  settings,
  startRun,
  turningBox,
} from '../../test/contract/store/fixture.ts'
import type { CoverageProof, Store } from '../model/store.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import { type DeviceStanding, readDeviceStanding } from './device-standing.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const IDENTITY = { serialNumber: 'CJ1', model: 'K40', firmware: 'Ver 6.60', platform: null, transport: 'tcp' } as const

describe('how a device stands', () => {
  let store: Store
  let clock: StandingClock
  beforeEach(async () => {
    clock = new StandingClock()
    store = await openSqliteStore({ path: ':memory:', clock, secrets: turningBox })
  })
  afterEach(() => store[Symbol.asyncDispose]())

  const standing = (id: number): Promise<DeviceStanding> => readDeviceStanding(store, id, clock.ms)
  const states = async (id: number) => (await standing(id)).runs.map(run => run.state)

  /** A run that read everything two days after the first punch, with a trusted checkpoint. */
  async function readWhole(): Promise<Running> {
    const run = await startRun(store)
    const { id } = run.device
    await store.devices.recordIdentity(id, IDENTITY)
    await store.devices.recordCounters(id, { records: 59_000, capacity: 100_000 })
    const readAt = new Date(clock.ms)
    await store.clocks.record(id, { readAt, localTime: '2026-01-05 09:00:37', driftSeconds: 37, kind: 'read' })
    const coverage: CoverageProof = {
      atMs: clock.ms,
      isSeen: true,
      continues: false,
      fromMs: clock.ms - 2 * DAY_MS,
      because: 'first-read',
    }
    const checkpoint = checkpointOf({ firmware: IDENTITY.firmware })
    const punches = manyPunches(200).map((punch, i) => ({ ...punch, punchedAtMs: clock.ms - i * 60_000 }))
    const end = endOf(run, { outcome: outcome({ received: 200 }), checkpoint, coverage })
    await store.punches.finish(end, batchOf(run, { punches }))
    return run
  }

  test('before the first contact everything is said to be unknown', async () => {
    const { id } = await store.devices.add(settings())
    const { words, memory, coverage, clock, runs, nextStep, checkpoint } = await standing(id)
    assert.deepEqual(words, {
      mode: 'polled',
      clock: 'not read yet',
      layout: 'not proven yet: its log has not been read whole',
    })
    assert.equal(memory.text, 'not told: the device has not counted its records')
    assert.equal(coverage.line, 'nothing is proven yet')
    assert.deepEqual([clock, runs, nextStep, checkpoint], [null, [], null, null])
  })

  test('after a whole read it tells memory, drift, layout and coverage', async () => {
    const { device } = await readWhole()
    clock.ms += 180_000
    const { words, memory, coverage, attendanceLogs, nextStep } = await standing(device.id)
    assert.deepEqual(words, {
      mode: 'polled',
      clock: '37 s ahead, read 3 min ago',
      layout: '40, proven on this firmware',
    })
    assert.deepEqual(
      [memory.records, memory.capacity, memory.growthPerDay, memory.fullInDays],
      [59_000, 100_000, 100, 410],
    )
    assert.equal(memory.text, '59000 of 100000 records (59 %), full in 410 days')
    assert.equal(coverage.line, 'complete from 2026-01-03 09:00:00 until 3 min ago')
    assert.deepEqual([attendanceLogs, nextStep], [200, null])
  })

  test('a clock that was set is told with its newest reading', async () => {
    const { device } = await readWhole()
    clock.ms += HOUR_MS
    const set = { readAt: new Date(clock.ms), localTime: '2026-01-05 10:00:00', driftSeconds: 0, kind: 'set' } as const
    await store.clocks.record(device.id, set)
    clock.ms += HOUR_MS
    await store.clocks.record(device.id, { ...set, readAt: new Date(clock.ms), driftSeconds: -2, kind: 'read' })
    clock.ms += 60_000
    const { words } = await standing(device.id)
    assert.equal(words.clock, '2 s behind, read 60 s ago; set by Rollcall 61 min ago')
  })

  test('a layout is told with what it was proven on, and what is doubtful', async () => {
    const run = await readWhole()
    const layoutAfter = async (changes: Parameters<typeof checkpointOf>[0]) => {
      const runId = await store.punches.beginRun(run.lease, 'full')
      await store.punches.finish({ ...endOf(run, { checkpoint: checkpointOf(changes) }), runId })
      return (await standing(run.device.id)).words.layout
    }
    assert.equal(await layoutAfter({ firmware: 'Ver 5' }), '40, proven on another firmware (Ver 5), to be proven again')
    assert.match(await layoutAfter({ firmware: null }), /which did not tell its name/)
    assert.equal(
      await layoutAfter({ firmware: IDENTITY.firmware, isTrusted: false, takesSlices: false }),
      '40, proven on this firmware; the next run reads everything again; read whole each time, since this firmware does not send the part that is asked for',
    )
    assert.equal(await layoutAfter({ layout: null }), 'not proven yet: an empty log proves none')
  })

  test('how its punches come follows the wish and what became of it', async () => {
    const { id } = await store.devices.add(settings({ isLive: true }))
    const mode = async () => (await standing(id)).words.mode
    assert.match(await mode(), /^live is wished for; attendance:sync listens/)
    for (const [state, text] of [
      ['listening', /^live/],
      ['unsupported', /^polled: .* firmware does not tell/],
      ['down', /^polled until live is back/],
    ] as const) {
      await store.devices.recordLiveState(id, state)
      assert.match(await mode(), text)
    }
    await store.devices.edit(id, { isActive: false })
    assert.match(await mode(), /^disabled/)
  })

  test('a run without an end is under way while its device is held, and only the newest', async () => {
    const run = await readWhole()
    const { device, lease } = run
    await store.punches.beginRun(lease, 'tail')
    await store.punches.beginRun(lease, 'full')
    assert.deepEqual(await states(device.id), ['running', 'interrupted', 'ok'])
    await store.leases.release(lease)
    assert.deepEqual(await states(device.id), ['interrupted', 'interrupted', 'ok'])
  })

  test('a lease that has expired is no sign of life', async () => {
    const { device } = await startRun(store)
    assert.deepEqual(await states(device.id), ['running'])
    clock.ms += 60_001
    assert.deepEqual(await states(device.id), ['interrupted'])
  })

  test('a failing device says what to do, also while it is tried again', async () => {
    const run = await readWhole()
    const { device, lease } = run
    const error = { code: 'CONNECTION_REFUSED', message: 'connection refused at h:4370' } as const
    const runId = await store.punches.beginRun(lease, 'full')
    await store.punches.finish({ ...endOf(run, { outcome: outcome({ status: 'failed', error }) }), runId })
    await store.punches.beginRun(lease, 'full')
    const { nextStep, coverage, runs } = await standing(device.id)
    assert.deepEqual(
      runs.map(each => each.state),
      ['running', 'failed', 'ok'],
    )
    assert.match(nextStep ?? '', /check the address and the port/)
    assert.match(coverage.standing, /since then not read: connection refused at h:4370\.$/)
  })

  test('twenty runs at most', async () => {
    const { device, lease } = await readWhole()
    for (let i = 0; i < 22; i++) await store.punches.beginRun(lease, 'full')
    assert.equal((await standing(device.id)).runs.length, 20)
  })
})

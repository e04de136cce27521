import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import {
  endOf,
  outcome,
  type Running,
  StandingClock,
  settings,
  startRun,
  takeLease,
  turningBox,
} from '../../test/contract/store/fixture.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import { countStates, readStandings } from './standings.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const REFUSED = { code: 'CONNECTION_REFUSED', message: 'connection refused at h:4370' } as const

describe('the state of a device', () => {
  let store: Store
  let clock: StandingClock
  beforeEach(async () => {
    clock = new StandingClock()
    store = await openSqliteStore({ path: ':memory:', clock, secrets: turningBox })
  })
  afterEach(() => store[Symbol.asyncDispose]())

  async function standing(id = 1) {
    const device = await store.devices.get(id)
    const [told] = await readStandings(store, [device], clock.ms)
    assert(told)
    const counts = await countStates(store, [device], clock.ms)
    assert.deepEqual(counts, { online: 0, late: 0, down: 0, new: 0, paused: 0, [told.state]: 1 })
    return told
  }

  const stateAfter = async (ms: number) => {
    clock.ms += ms
    const { state, sentence } = await standing()
    return `${state}: ${sentence}`
  }

  /** Runs at these distances, each of which ends at once. */
  async function runs(distances: readonly number[], changes: Parameters<typeof outcome>[0] = {}): Promise<Running> {
    const run = await startRun(store)
    await store.punches.finish(endOf(run, { outcome: outcome(changes) }))
    for (const ms of distances) await another(run, ms, changes)
    await store.leases.release(run.lease)
    return run
  }

  async function another(run: Running, afterMs: number, changes: Parameters<typeof outcome>[0] = {}): Promise<void> {
    clock.ms += afterMs
    const runId = await store.punches.beginRun(run.lease, 'tail')
    await store.punches.finish({ ...endOf(run, { outcome: outcome(changes) }), runId })
  }

  test('a device of one run is late after ten minutes, and says what to look at', async () => {
    await runs([])
    assert.equal(await stateAfter(10 * MINUTE_MS), 'online: in contact 10 min ago')
    assert.equal((await standing()).nextStep, null)
    assert.equal(await stateAfter(1), 'late: no contact for 10 min; the last one was good')
    assert.match((await standing()).nextStep ?? '', /rollcall start, attendance:sync/)
  })

  test('a device that is read once an hour is late after three, whatever a person asked for between', async () => {
    await runs([HOUR_MS, HOUR_MS, 5_000, HOUR_MS, HOUR_MS])
    assert.match(await stateAfter(3 * HOUR_MS), /^online/)
    assert.match(await stateAfter(1), /^late: no contact for 3 h/)
  })

  test('a device with a run a day is late after a day and some', async () => {
    await runs([DAY_MS, DAY_MS, DAY_MS])
    assert.match(await stateAfter(26 * HOUR_MS), /^online/)
    assert.match(await stateAfter(1), /^late/)
  })

  test('a look at the counter is a contact, though it leaves no run', async () => {
    await runs([])
    clock.ms += HOUR_MS
    await store.coverage.lengthen(await takeLease(store, 1), clock.ms)
    assert.equal(await stateAfter(30_000), 'online: in contact 30 s ago')
  })

  test('down tells since when it is, by its first failure since it last answered', async () => {
    const run = { ...(await runs([])), lease: await takeLease(store, 1) }
    const failed = { status: 'failed', error: REFUSED } as const
    await another(run, 5 * MINUTE_MS, failed)
    clock.ms += MINUTE_MS
    await store.coverage.lengthen(run.lease, clock.ms)
    await another(run, MINUTE_MS, failed)
    await another(run, 2 * MINUTE_MS, failed)
    assert.equal(await stateAfter(10 * MINUTE_MS), `down: down for 12 min: ${REFUSED.message}`)
    assert.match((await standing()).nextStep ?? '', /check the address and the port/)
    for (let i = 0; i < 20; i++) await another(run, HOUR_MS, failed)
    // Its runs do not reach back to the first failure: then it is the moment when it last answered.
    assert.equal(await stateAfter(0), `down: down for 20 h: ${REFUSED.message}`)
  })

  test('one that has never answered is new while nobody has tried, and down afterwards', async () => {
    const { id } = await store.devices.add(settings())
    assert.equal(await stateAfter(5 * MINUTE_MS), 'new: not reached yet; added 5 min ago')
    assert.equal((await standing(id)).nextStep, null)
    const { device } = await runs([MINUTE_MS], { status: 'failed', error: REFUSED })
    clock.ms += MINUTE_MS
    const { sentence, lastContactAt } = await standing(device.id)
    assert.deepEqual([sentence, lastContactAt], [`down for 2 min: ${REFUSED.message}`, null])
  })

  test('one that is listened to is in contact as long as somebody holds it', async () => {
    await runs([])
    await store.devices.edit(1, { isLive: true })
    await store.devices.recordLiveState(1, 'listening')
    const lease = await takeLease(store, 1)
    clock.ms += DAY_MS
    await store.leases.renew(lease, 60_000)
    assert.equal(await stateAfter(30_000), 'online: live: its punches come as they happen')
    assert.equal((await standing()).lastContactAt?.getTime(), clock.ms - 30_000)
    assert.match(await stateAfter(HOUR_MS), /^late: no contact for 25 h/)
  })

  test('paused is paused, also where its last contact failed', async () => {
    const { device } = await runs([], { status: 'failed', error: REFUSED })
    await store.devices.edit(device.id, { isActive: false })
    assert.equal(await stateAfter(0), 'paused: paused: it is not read')
    const read = await runs([])
    await store.devices.edit(read.device.id, { isActive: false })
    clock.ms += HOUR_MS
    assert.equal((await standing(read.device.id)).sentence, 'paused: it is not read; last contact 60 min ago')
  })

  test('a run under way is told beside', async () => {
    const { device } = await startRun(store)
    assert.equal((await standing(device.id)).sentence, 'not reached yet; added just now; it is being read now')
  })
})

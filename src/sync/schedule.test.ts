import assert from 'node:assert/strict'
import { test } from 'vitest'
import { DeviceError } from '../base/errors.ts'
import { seededRandom } from '../base/random.ts'
import type { Device } from '../model/device.ts'
import { Schedule } from './schedule.ts'

const BUSY = new DeviceError('DEVICE_BUSY', 'busy')
const INTERVAL = { intervalMs: 30_000 }

function device(id: number, changedAtMs = 0): Device {
  return {
    id,
    name: `device ${id}`,
    host: 'gate',
    port: 4370,
    transport: 'auto',
    provenTransport: null,
    timezone: 'UTC',
    tags: [],
    isActive: true,
    isLive: false,
    setsClock: false,
    liveState: null,
    recordsOnDevice: null,
    peopleReadAt: null,
    logCapacity: null,
    serialNumber: null,
    model: null,
    firmware: null,
    hasCommKey: false,
    lastSyncedAt: null,
    lastError: null,
    createdAt: new Date(0),
    updatedAt: new Date(changedAtMs),
  }
}

/** Moves a little at each look, as the clock of a machine does. */
function restlessClock() {
  const clock = { nowMs: 0, monotonicMs: () => (clock.nowMs += 0.01) }
  const base = {
    clock: { ...clock, now: () => 0, sleep: async () => {}, after: () => ({ [Symbol.dispose]() {} }) },
    random: seededRandom(1),
  }
  return { schedule: new Schedule({ ...base, clock: { ...base.clock, monotonicMs: clock.monotonicMs } }), clock }
}

test('a new device is due at once, though the clock moves while it is looked at', () => {
  const { schedule } = restlessClock()
  assert.deepEqual(
    schedule.due([device(1), device(2)]).map(({ id }) => id),
    [1, 2],
  )
})

test('a device is due its interval after it succeeded, and at once when a person changed it', () => {
  const { schedule, clock } = restlessClock()
  schedule.due([device(1)])
  assert.equal(schedule.succeeded(device(1), 30_000), null)
  assert.deepEqual(schedule.due([device(1)]), [])
  assert.deepEqual(schedule.due([device(1, 99)]).length, 1)
  schedule.succeeded(device(1, 99), 30_000)
  clock.nowMs += 30_001
  assert.equal(schedule.due([device(1, 99)]).length, 1)
})

test('the longest overdue is first', () => {
  const { schedule, clock } = restlessClock()
  schedule.due([device(1), device(2), device(3)])
  schedule.succeeded(device(3), 10_000)
  schedule.succeeded(device(1), 20_000)
  schedule.succeeded(device(2), 15_000)
  clock.nowMs += 60_000
  assert.deepEqual(
    schedule.due([device(1), device(2), device(3)]).map(({ id }) => id),
    [3, 2, 1],
  )
})

test('only the first failure in a row is news, and the next success tells how long it lasted', () => {
  const { schedule, clock } = restlessClock()
  assert.equal(schedule.failed(device(1), { error: BUSY, ...INTERVAL }).isFirst, true)
  clock.nowMs += 60_000
  const second = schedule.failed(device(1), { error: BUSY, ...INTERVAL })
  assert.equal(second.isFirst, false)
  assert(second.retryInMs > 40_000)
  clock.nowMs += 40_000
  const downForMs = schedule.succeeded(device(1), 30_000) ?? 0
  assert(Math.abs(downForMs - 100_000) < 1, `${downForMs} ms`)
  assert.equal(schedule.failed(device(1), { error: BUSY, ...INTERVAL }).isFirst, true)
})

test('a device that another process reads is looked at soon again, and told of once', () => {
  const { schedule, clock } = restlessClock()
  assert.equal(schedule.heldElsewhere(device(1), 1_000), true)
  assert.deepEqual(schedule.due([device(1)]), [])
  clock.nowMs += 1_001
  assert.equal(schedule.due([device(1)]).length, 1)
  assert.equal(schedule.heldElsewhere(device(1), 1_000), false)
  schedule.succeeded(device(1), 0)
  assert.equal(schedule.heldElsewhere(device(1), 1_000), true)
})

test('a device that was removed is forgotten', () => {
  const { schedule } = restlessClock()
  schedule.failed(device(1), { error: BUSY, ...INTERVAL })
  schedule.due([])
  assert.equal(schedule.due([device(1)]).length, 1)
})

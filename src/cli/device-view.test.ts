import assert from 'node:assert/strict'
import { test } from 'vitest'
import { deviceJson } from '../app/device-view.ts'
import type { Device } from '../model/device.ts'
import { statusAndWishes } from './device-view.ts'

const DEVICE: Device = {
  id: 1,
  name: 'Gate',
  host: 'h',
  port: 4370,
  transport: 'auto',
  provenTransport: null,
  timezone: 'UTC',
  tags: [],
  isActive: true,
  isLive: false,
  setsClock: false,
  liveState: null,
  serialNumber: null,
  model: null,
  firmware: null,
  recordsOnDevice: 12,
  peopleReadAt: null,
  logCapacity: 100_000,
  hasCommKey: true,
  lastSyncedAt: null,
  lastError: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
}

for (const [changes, text] of [
  [{}, 'new'],
  [{ isLive: true }, 'new, live'],
  [{ isLive: true, liveState: 'listening', lastSyncedAt: new Date(0) }, 'ok, live'],
  [{ isLive: true, liveState: 'down', lastError: 'lost' }, 'failing, live (down)'],
  [{ isLive: true, liveState: 'unsupported', setsClock: true }, 'new, live (unsupported), auto-clock'],
  [{ isActive: false, setsClock: true }, 'disabled, auto-clock'],
] as const)
  test(`a device is told as ${text}`, () => assert.equal(statusAndWishes({ ...DEVICE, ...changes }), text))

test('the JSON of a device has its wishes and counters, and no comm key', () => {
  const json = deviceJson({ ...DEVICE, isLive: true, liveState: 'down', setsClock: true })
  assert.deepEqual(
    { ...json },
    {
      ...json,
      is_live: true,
      live_state: 'down',
      sets_clock: true,
      records_on_device: 12,
      log_capacity: 100_000,
      has_comm_key: true,
      status: 'new',
    },
  )
  assert(!('comm_key' in json))
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { DeviceJson } from '../../api/types.ts'
import { changesBetween, isCommKey, isPort, newDeviceOf, newValues, targetOf, valuesOf } from './device-values.ts'

const NEW = { ...newValues('Asia/Dubai'), name: 'Gate', host: '10.0.0.7' }

test('a new device is as the API takes it; no comm key is 0', () => {
  assert.deepEqual(newDeviceOf(NEW), {
    name: 'Gate',
    host: '10.0.0.7',
    port: 4370,
    transport: 'auto',
    timezone: 'Asia/Dubai',
    is_live: true,
    sets_clock: false,
    comm_key: 0,
  })
  assert.deepEqual(newDeviceOf({ ...NEW, tags: ['north'], comm_key: '0815' }), {
    ...newDeviceOf(NEW),
    tags: ['north'],
    comm_key: 815,
  })
})

test('a test of unsaved settings takes the way to the device alone', () => {
  assert.deepEqual(targetOf({ ...NEW, comm_key: '5' }), {
    host: '10.0.0.7',
    port: 4370,
    transport: 'auto',
    timezone: 'Asia/Dubai',
    comm_key: 5,
  })
})

test('only what is changed is sent', () => {
  assert.equal(changesBetween(NEW, { ...NEW, tags: [] }), null)
  assert.deepEqual(changesBetween(NEW, { ...NEW, name: 'Door', is_live: false }), { name: 'Door', is_live: false })
  assert.deepEqual(changesBetween(NEW, { ...NEW, tags: ['a'] }), { tags: ['a'] })
})

test('the comm key stays unless one is typed, and 0 removes it', () => {
  assert.deepEqual(changesBetween(NEW, { ...NEW, comm_key: '0' }), { comm_key: 0 })
  assert.equal(changesBetween(NEW, { ...NEW, comm_key: '' }), null)
})

test('the comm key of a saved device is not in its form', () => {
  const device = { name: 'Gate', has_comm_key: true, tags: ['north'] } as Partial<DeviceJson> as DeviceJson
  assert.equal(valuesOf(device).comm_key, '')
  assert.deepEqual(valuesOf(device).tags, ['north'])
})

test('ports and comm keys', () => {
  for (const port of [1, 4370, 65_535]) assert(isPort(port), String(port))
  for (const port of ['', '4370', 0, 65_536, 1.5]) assert(!isPort(port), String(port))
  for (const key of ['', '0', '007', '4294967295']) assert(isCommKey(key), key)
  for (const key of ['-1', '4294967296', '1.5', 'x', '99999999999']) assert(!isCommKey(key), key)
})

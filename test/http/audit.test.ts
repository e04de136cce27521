import assert from 'node:assert/strict'
import { test } from 'vitest'
import { StoreError } from '../../src/base/errors.ts'
import { HttpScene } from './scene.ts'

const DEVICE = { name: 'Gate', host: '127.0.0.1', port: 1, comm_key: 471_193 }

test('a change whose entry cannot be written is answered as done, and the log file has the entry', async () => {
  const audit = {
    record: async () => {
      throw new StoreError('STORE_UNREACHABLE', 'the server of the database is away')
    },
  }
  await using scene = await HttpScene.open({ audit })
  const added = await scene.ask('POST', '/api/v1/devices', { body: DEVICE })
  assert.equal(added.status, 201)
  const path = `/api/v1/devices/${added.json.id}`
  const edited = await scene.ask('PATCH', path, { body: { name: 'Back door' } })
  assert.deepEqual([edited.status, edited.json.name], [200, 'Back door'])
  const paused = await scene.ask('POST', '/api/v1/devices/actions', { body: { action: 'pause', ids: [added.json.id] } })
  assert.deepEqual(paused.json.results, [{ device_id: added.json.id, status: 'paused' }])
  assert.equal((await scene.ask('DELETE', path)).status, 204)
  const errors = scene.logged.filter(line => line.startsWith('error'))
  const told = errors.map(line => JSON.parse(line.slice(line.indexOf('{'))))
  assert.deepEqual(
    told.map(({ who, action, subject }) => [who, action, subject]),
    [
      ['token the admin', 'device.added', 'device 1'],
      ['token the admin', 'device.edited', 'device 1'],
      ['token the admin', 'devices.paused', null],
      ['token the admin', 'device.removed', 'device 1'],
    ],
  )
  assert.equal(JSON.parse(told[0].details).comm_key, 'set')
  assert(!errors.join().includes('471193'))
})

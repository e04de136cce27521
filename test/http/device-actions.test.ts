import assert from 'node:assert/strict'
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest'
import { DeviceActionsDone } from '../../src/http/api/standings.ts'
import { HttpScene } from './scene.ts'

describe('the same for several devices', () => {
  let scene: HttpScene
  let ids: [active: number, other: number, idle: number]
  beforeAll(async () => {
    scene = await HttpScene.open()
  })
  beforeEach(async () => {
    const added = []
    for (const isActive of [true, true, false]) added.push((await scene.addDevice({ isActive })).id)
    ids = added as typeof ids
    scene.audited.length = 0
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  async function act(action: string, on: readonly number[]): Promise<Array<[number, string]>> {
    const { status, json } = await scene.ask('POST', '/api/v1/devices/actions', { body: { action, ids: on } })
    assert.equal(status, 200)
    assert.deepEqual(DeviceActionsDone.parse(json), json)
    return json.results.map((result: { device_id: number; status: string }) => [result.device_id, result.status])
  }
  const activity = async () => (await scene.store.devices.list({ ids })).map(device => device.isActive)

  test('they are paused and resumed, and one entry of the audit log names those that were', async () => {
    const [a, b, idle] = ids
    assert.deepEqual(await act('pause', [b, idle, 999, a, b]), [
      [b, 'paused'],
      [idle, 'unchanged'],
      [999, 'not_found'],
      [a, 'paused'],
    ])
    assert.deepEqual(await activity(), [false, false, false])
    assert.deepEqual(await act('resume', [a, idle]), [
      [a, 'resumed'],
      [idle, 'resumed'],
    ])
    assert.deepEqual(await activity(), [true, false, true])
    const who = 'token the admin'
    assert.deepEqual(scene.audited, [
      { who, action: 'devices.paused', subject: null, details: { ids: [b, a] } },
      { who, action: 'devices.resumed', subject: null, details: { ids: [a, idle] } },
    ])
  })

  test('a sync is begun of each that is active, once', async () => {
    const [a, b, idle] = ids
    // Nobody listens at their address: what becomes of the syncs is told elsewhere.
    assert.deepEqual(await act('sync', [a, idle, 999, b]), [
      [a, 'started'],
      [idle, 'inactive'],
      [999, 'not_found'],
      [b, 'started'],
    ])
    assert.deepEqual(
      scene.audited.map(({ action, details }) => [action, details]),
      [['devices.synced', { ids: [a, b] }]],
    )
  })

  test('where nothing is done nothing is noted down', async () => {
    assert.deepEqual(await act('pause', [999, ids[2]]), [
      [999, 'not_found'],
      [ids[2], 'unchanged'],
    ])
    assert.deepEqual(scene.audited, [])
  })

  for (const [what, body, field] of [
    ['no action that is known', { action: 'remove', ids: [1] }, 'action'],
    ['no device', { action: 'sync', ids: [] }, 'ids'],
    ['more devices than can be meant', { action: 'sync', ids: Array(1001).fill(1) }, 'ids'],
    ['an id that is none', { action: 'sync', ids: [0] }, 'ids.0'],
    ['a mistyped field', { action: 'sync', ids: [1], id: 1 }, 'id'],
  ] as const)
    test(`${what} is refused by name`, async () => {
      const { status, json } = await scene.ask('POST', '/api/v1/devices/actions', { body })
      assert.deepEqual([status, json.errors[0].in, json.errors[0].field], [422, 'body', field])
    })

  test('a viewer may not', async () => {
    const body = { action: 'pause', ids: [ids[0]] }
    assert.equal((await scene.ask('POST', '/api/v1/devices/actions', { as: 'viewer', body })).status, 403)
    assert.deepEqual(await activity(), [true, true, false])
  })
})

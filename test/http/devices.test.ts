import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import { HttpScene } from './scene.ts'

describe('devices', () => {
  let scene: HttpScene
  beforeAll(async () => {
    scene = await HttpScene.open()
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  test('are added, read, changed and removed, and the comm key is never told', async () => {
    const body = { name: ' Main Entrance ', host: '192.168.1.201', comm_key: 4711, timezone: 'europe/berlin' }
    const added = await scene.ask('POST', '/api/v1/devices', { body })
    assert.equal(added.status, 201)
    const { id } = added.json
    assert.equal(added.headers.get('location'), `/api/v1/devices/${id}`)
    assert.deepEqual(
      [added.json.name, added.json.port, added.json.transport, added.json.timezone, added.json.has_comm_key],
      ['Main Entrance', 4370, 'auto', 'Europe/Berlin', true],
    )
    assert.equal(await scene.store.devices.commKey(id), 4711)
    const path = `/api/v1/devices/${id}`
    assert.deepEqual((await scene.get(path, { as: 'viewer' })).json, added.json)
    const edited = await scene.ask('PATCH', path, { body: { is_active: false, comm_key: 0 } })
    assert.deepEqual([edited.json.is_active, edited.json.status, edited.json.has_comm_key], [false, 'disabled', false])
    const refused = await scene.ask('POST', `${path}/sync`)
    assert.deepEqual([refused.status, refused.json.code], [409, 'DEVICE_INACTIVE'])
    assert.equal((await scene.ask('DELETE', path)).status, 204)
    assert.deepEqual([(await scene.get(path)).status, (await scene.get(path)).json.code], [404, 'NOT_FOUND'])
    const audited = scene.audited.map(({ who, action, subject }) => `${who}: ${action} ${subject}`)
    assert.deepEqual(
      audited.slice(-3),
      ['added', 'edited', 'removed'].map(what => `token the admin: device.${what} device ${id}`),
    )
    assert(![JSON.stringify(scene.audited), scene.logged.join('\n'), added.text, edited.text].join().includes('4711'))
  })

  for (const [what, body, field] of [
    ['no name', { host: 'a' }, 'name'],
    ['an empty name', { name: ' ', host: 'a' }, 'name'],
    ['a name with a line break', { name: 'a\nb', host: 'a' }, 'name'],
    ['a host with a scheme', { name: 'a', host: 'http://a' }, 'host'],
    ['a host with a port', { name: 'a', host: 'a:4370' }, 'host'],
    ['a port of 0', { name: 'a', host: 'a', port: 0 }, 'port'],
    ['a zone that is none', { name: 'a', host: 'a', timezone: 'Berlin' }, 'timezone'],
    ['a tag with a comma', { name: 'a', host: 'a', tags: ['x', 'a,b'] }, 'tags'],
    ['an empty tag', { name: 'a', host: 'a', tags: [' '] }, 'tags'],
    ['a tag that is too long', { name: 'a', host: 'a', tags: ['x'.repeat(41)] }, 'tags'],
    ['too many tags', { name: 'a', host: 'a', tags: Array.from({ length: 21 }, (_, i) => `${i}`) }, 'tags'],
    ['a comm key as text', { name: 'a', host: 'a', comm_key: '1' }, 'comm_key'],
    ['a comm key that is too large', { name: 'a', host: 'a', comm_key: 2 ** 32 }, 'comm_key'],
    ['a mistyped setting', { name: 'a', host: 'a', comkey: 1 }, 'comkey'],
  ] as const)
    test(`${what} is refused by name`, async () => {
      const { status, json } = await scene.ask('POST', '/api/v1/devices', { body })
      assert.equal(status, 422)
      assert.deepEqual(
        json.errors.map((error: { in: string; field: string }) => [error.in, error.field]),
        [['body', field]],
      )
    })

  test('have tags, which are changed as a whole', async () => {
    const body = { name: 'a', host: 'a', tags: [' payroll ', 'Plant 2', 'PAYROLL', 'gate'] }
    const added = await scene.ask('POST', '/api/v1/devices', { body })
    assert.deepEqual([added.status, added.json.tags], [201, ['gate', 'payroll', 'Plant 2']])
    const path = `/api/v1/devices/${added.json.id}`
    const edit = async (changes: object) => (await scene.ask('PATCH', path, { body: changes })).json.tags
    assert.deepEqual(await edit({ name: 'b' }), ['gate', 'payroll', 'Plant 2'])
    assert.deepEqual(await edit({ tags: ['x'] }), ['x'])
    assert.deepEqual(scene.audited.at(-1)?.details, { tags: ['x'] })
    assert.deepEqual((await scene.get(path, { as: 'viewer' })).json.tags, ['x'])
    assert.deepEqual(await edit({ tags: [] }), [])
    assert.equal((await scene.ask('DELETE', path)).status, 204)
    const plain = await scene.ask('POST', '/api/v1/devices', { body: { name: 'a', host: 'a' } })
    assert.deepEqual(plain.json.tags, [])
    await scene.store.devices.remove(plain.json.id)
  })

  test('come in pages', async () => {
    const ids: number[] = []
    for (let i = 0; i < 5; i++) ids.push((await scene.addDevice({ name: `d${i}` })).id)
    const first = (await scene.get('/api/v1/devices?limit=2')).json
    const second = (await scene.get(`/api/v1/devices?limit=2&cursor=${first.next_cursor}`)).json
    const third = (await scene.get(`/api/v1/devices?limit=2&cursor=${second.next_cursor}`)).json
    assert.deepEqual(
      [...first.data, ...second.data, ...third.data].map(device => device.id),
      ids,
    )
    assert.equal(third.next_cursor, null)
    assert.equal((await scene.ask('PATCH', `/api/v1/devices/${ids[0]}`, { body: {} })).status, 422)
    for (const id of ids) await scene.store.devices.remove(id)
  })

  test('a sync is begun, stored by this process and counted', async () => {
    const virtual = new VirtualDevice({ seed: 5 }, { clock: systemClock })
    virtual.fillLog(30)
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    const { id } = await scene.addDevice({ port: listener.port })
    const begun = await scene.ask('POST', `/api/v1/devices/${id}/sync`)
    assert.deepEqual([begun.status, begun.json], [202, { device_id: id, status: 'started' }])
    let runs: Array<Record<string, unknown>> = []
    for (let tries = 0; tries < 200 && runs[0]?.status !== 'ok'; tries++) {
      await systemClock.sleep(25)
      runs = (await scene.get(`/api/v1/sync-runs?device_id=${id}`, { as: 'viewer' })).json.data
    }
    assert.deepEqual([runs[0]?.mode, runs[0]?.inserted, runs[0]?.full_because], ['full', 30, 'first-read'])
    const metrics = (await scene.get('/metrics', { as: 'viewer' })).text
    assert.match(metrics, /^rollcall_punches_stored_total 30$/m)
    assert.match(metrics, /^rollcall_devices\{status="ok"\} 1$/m)
    assert.match(
      metrics,
      new RegExp(`^rollcall_device_last_sync_age_seconds\\{device_id="${id}",device="Gate"\\} `, 'm'),
    )
    assert.match(metrics, /^rollcall_queue_up 1$/m)
    assert.match(
      metrics,
      /rollcall_http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/devices\/:id\/sync",status="202"\} 1/,
    )
    assert.equal((await scene.get(`/api/v1/devices/${id}`)).json.status, 'ok')
    assert((await scene.get(`/api/v1/devices/${id}/coverage`)).json.stretches.length > 0)
    assert((await scene.get(`/api/v1/devices/${id}/people?limit=1`)).json.data.length === 1)
    assert((await scene.get(`/api/v1/devices/${id}/clock-readings`)).json.data[0].local_time)
    const [log] = (await scene.get('/api/v1/attendance-logs?limit=1')).json.data
    const explained = (await scene.get(`/api/v1/attendance-logs/${log.id}`)).json
    assert.deepEqual(explained.attendance_log, log)
    assert.deepEqual([explained.run.id, explained.device.id], [runs[0]?.id, id])
    const fields = Object.fromEntries(
      explained.record.fields.map((field: { name: string; value: unknown }) => [field.name, field.value]),
    )
    assert.deepEqual([fields.user_id, fields.punch_state], [log.device_user_id, log.punch_state])
    assert.equal(explained.time.utc_offset, '+00:00')
  })

  test('a connection is tested before it is saved and after, at once or stage by stage', async () => {
    const virtual = new VirtualDevice({ seed: 6, commKey: 12 }, { clock: systemClock })
    virtual.fillLog(3)
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    const body = { host: '127.0.0.1', port: listener.port, transport: 'tcp', comm_key: 12 }
    const tested = await scene.ask('POST', '/api/v1/devices/test', { body })
    assert.deepEqual([tested.status, tested.json.ok, tested.json.attendance_records], [200, true, 3])
    const wrong = await scene.ask('POST', '/api/v1/devices/test', { body: { ...body, comm_key: 13 } })
    assert.deepEqual(
      [wrong.status, wrong.json.result, wrong.json.verdicts[0].code],
      [200, 'failed', 'COMM_KEY_REFUSED'],
    )
    assert(wrong.json.verdicts[0].next_step.length > 10)
    const { id } = await scene.addDevice({ port: listener.port, commKey: 12 })
    const streamed = await scene.ask('POST', `/api/v1/devices/${id}/test`, { headers: { accept: 'text/event-stream' } })
    assert.match(streamed.headers.get('content-type') ?? '', /^text\/event-stream/)
    assert.match(streamed.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    const events = streamed.text
      .split('\n\n')
      .filter(text => text !== '')
      .map(text => /^event: (.*)\ndata: (.*)$/.exec(text))
    assert.deepEqual([events[0]?.[1], events.at(-1)?.[1]], ['test.stage', 'test.finished'])
    assert.equal(JSON.parse(events.at(-1)?.[2] ?? '').stages.length, events.length - 1)
    assert.equal((await scene.ask('POST', '/api/v1/devices/99999/test')).status, 404)
  })
})

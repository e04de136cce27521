import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { QueueError } from '../../src/base/errors.ts'
import { DeviceDetail, DeviceStandingPage, Overview } from '../../src/http/api/standings.ts'
import type { Device } from '../../src/model/device.ts'
import type { Lease } from '../../src/model/store.ts'
import { endOf, outcome, punch } from '../contract/store/fixture.ts'
import { HttpScene } from './scene.ts'

/** Punches are of now: an overview is of today. */
const NOW_MS = systemClock.now()
const REFUSED = { code: 'CONNECTION_REFUSED', message: 'connection refused at 192.168.1.202:4370' } as const

describe('how devices stand', () => {
  let scene: HttpScene
  const devices = new Map<string, Device>()
  beforeAll(async () => {
    scene = await HttpScene.open()
    for (const name of ['read', 'failing', 'untouched', 'idle', 'heard']) {
      devices.set(name, await scene.addDevice({ name, isActive: name !== 'idle', isLive: name === 'heard' }))
    }
    await ended('read', {})
    await ended('failing', {})
    await ended('failing', { status: 'failed', error: REFUSED })
    await scene.store.devices.recordLiveState(idOf('heard'), 'listening')
    await leaseOf('heard')
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  function idOf(name: string): number {
    const device = devices.get(name)
    assert(device)
    return device.id
  }

  async function leaseOf(name: string): Promise<Lease> {
    const request = { deviceId: idOf(name), holder: 'test', ttlMs: 60_000, isDead: () => false }
    const taken = await scene.store.leases.acquire(request)
    assert('lease' in taken)
    return taken.lease
  }

  /** A run with one punch now and one record that cannot be one. */
  async function ended(name: string, changes: Parameters<typeof outcome>[0]): Promise<void> {
    const device = devices.get(name)
    assert(device)
    const lease = await leaseOf(name)
    const run = { device, lease, runId: await scene.store.punches.beginRun(lease, 'full') }
    const punches = [punch('7', 0, { punchedAtMs: NOW_MS })]
    const quarantined = [{ raw: Uint8Array.of(1, 2), reason: 'NO_TIME' as const }]
    const batch = { lease, runId: run.runId, source: 'poll' as const, driftSeconds: 3, punches, quarantined }
    await scene.store.punches.finish(endOf(run, { outcome: outcome(changes) }), batch)
    await scene.store.leases.release(lease)
  }

  test('each in a state, with a sentence and what mends it', async () => {
    const { json } = await scene.get('/api/v1/device-standings', { as: 'viewer' })
    assert.deepEqual(DeviceStandingPage.parse(json), json)
    const told = (json.data as Array<{ device: { name: string }; state: string; sentence: string }>).map(
      ({ device, state, sentence }) => [device.name, state, sentence.replace(/just now|\d+ s( ago)?/, '…')],
    )
    assert.deepEqual(told, [
      ['read', 'online', 'in contact …'],
      ['failing', 'down', `down for …: ${REFUSED.message}`],
      ['untouched', 'new', 'not reached yet; added …'],
      ['idle', 'paused', 'paused: it is not read'],
      ['heard', 'online', 'live: its punches come as they happen'],
    ])
    const [read, failing, untouched] = json.data
    assert.deepEqual([read.next_step, untouched.next_step], [null, null])
    assert.match(failing.next_step, /check the address and the port/)
    assert.deepEqual([read.quarantined, failing.quarantined, untouched.quarantined], [1, 1, 0])
    assert.deepEqual([untouched.last_contact_at, untouched.last_punch_at, untouched.drift_s], [null, null, null])
    assert.equal(read.last_punch_at, new Date(NOW_MS).toISOString())
    assert(Date.parse(json.data[4].last_contact_at) > 0)
    assert.deepEqual(
      failing.beats.map((beat: { state: string; error_code: string | null }) => [beat.state, beat.error_code]),
      [
        ['ok', null],
        ['failed', 'CONNECTION_REFUSED'],
      ],
    )
  })

  test('a page at a time', async () => {
    const names: string[] = []
    let cursor = ''
    for (let pages = 1; pages <= 3; pages++) {
      const { json } = await scene.get(`/api/v1/device-standings?limit=2${cursor}`)
      names.push(...json.data.map(({ device }: { device: { name: string } }) => device.name))
      assert.equal(json.next_cursor === null, pages === 3)
      cursor = `&cursor=${json.next_cursor}`
    }
    assert.deepEqual(names, [...devices.keys()])
    const foreign = (await scene.get('/api/v1/devices?limit=2')).json.next_cursor
    assert.equal((await scene.get(`/api/v1/device-standings?cursor=${foreign}`)).status, 422)
  })

  test('one of them in detail', async () => {
    const { json } = await scene.get(`/api/v1/devices/${idOf('failing')}/standing`, { as: 'viewer' })
    assert.deepEqual(DeviceDetail.parse(json), json)
    assert.deepEqual([json.state, json.attendance_logs, json.words.mode], ['down', 1, 'polled'])
    assert.equal(json.coverage.device_id, idOf('failing'))
    const gone = await scene.get('/api/v1/devices/999/standing')
    assert.deepEqual([gone.status, gone.json.code], [404, 'NOT_FOUND'])
  })

  test('the fleet at a glance', async () => {
    await scene.queue.enqueue([idOf('read')])
    const { json } = await scene.get('/api/v1/overview?timezone=asia/kathmandu', { as: 'viewer' })
    assert.deepEqual(Overview.parse(json), json)
    assert.deepEqual(json.devices, { all: 5, online: 2, late: 0, down: 1, new: 1, paused: 1 })
    assert.deepEqual([json.quarantined, json.jobs], [2, { waiting: 1, active: 0, failed: 0 }])
    const { today } = json
    const now = Temporal.Instant.fromEpochMilliseconds(NOW_MS).toZonedDateTimeISO('Asia/Kathmandu')
    assert.deepEqual([today.timezone, today.hours.length, today.punches], ['Asia/Kathmandu', 24, 2])
    assert.equal(today.date, now.toPlainDate().toString())
    const from = now.round({ smallestUnit: 'hour', roundingMode: 'floor' }).epochMilliseconds
    assert.deepEqual(
      today.hours.filter(({ punches }: { punches: number }) => punches > 0),
      [{ from: new Date(from).toISOString(), punches: 2 }],
    )
  })

  test('the fleet at a glance while the queue does not answer', async () => {
    const counts = scene.queue.counts.bind(scene.queue)
    scene.queue.counts = async () => {
      throw new QueueError('QUEUE_UNAVAILABLE', 'Redis is away')
    }
    try {
      const { status, json } = await scene.get('/api/v1/overview')
      assert.equal(status, 200)
      assert.deepEqual(Overview.parse(json), json)
      assert.deepEqual([json.jobs, json.devices.all], [null, 5])
    } finally {
      scene.queue.counts = counts
    }
  })

  test('a zone that is none is refused by name, and none at all is that of the server', async () => {
    for (const timezone of ['Berlin', '', '%2B02:00', 'x'.repeat(65)]) {
      const { status, json } = await scene.get(`/api/v1/overview?timezone=${timezone}`)
      assert.equal(status, 422)
      assert.deepEqual([json.errors[0].in, json.errors[0].field], ['query', 'timezone'])
    }
    assert.equal((await scene.get('/api/v1/overview')).json.today.timezone, Temporal.Now.timeZoneId())
  })
})

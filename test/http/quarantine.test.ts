import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { decodeAgain } from '../../src/app/decode-again.ts'
import { RollcallError } from '../../src/base/errors.ts'
import { type LayoutName, newAttendanceRecord } from '../../src/codec/binary/attendance-record.ts'
import { encodePackedTime } from '../../src/codec/binary/packed-time.ts'
import { DecodedAgain, type DecodedAgainJson, QuarantinedRecordPage } from '../../src/http/api/quarantine.ts'
import type { Device } from '../../src/model/device.ts'
import type { Punch, QuarantineReason } from '../../src/model/punch.ts'
import { ZoneTable } from '../../src/sync/zone-table.ts'
import { zonedPunch } from '../../src/sync/zoned-batches.ts'
import { checkpointOf, outcome, takeLease } from '../contract/store/fixture.ts'
import { HttpScene } from './scene.ts'

const LIST = '/api/v1/quarantined-records'
const NOON = { year: 2026, month: 7, day: 1, hour: 12, minute: 30, second: 5 }
const LOCAL = '2026-07-01 12:30:05'

describe('quarantine', () => {
  let scene: HttpScene
  let device: Device
  beforeEach(async () => {
    scene = await HttpScene.open()
    device = await scene.addDevice({ name: 'Back door', timezone: 'Europe/Berlin' })
  })
  afterEach(async () => await scene[Symbol.asyncDispose]())

  test('is looked through by device and by state, with the names of devices', async () => {
    const other = await scene.addDevice({ name: 'Gate' })
    const ids = [
      await keep(recordOf({ userId: '' })),
      await keep(Uint8Array.of(1)),
      await keep(Uint8Array.of(2), other),
    ]
    await scene.ask('POST', `${LIST}/dismiss`, { body: { ids: ids.slice(0, 1), note: ' seen ' } })
    const listed = async (query: string) => {
      const { json } = await scene.get(`${LIST}${query}`)
      assert.deepEqual(QuarantinedRecordPage.parse(json), json)
      return json.data.map((record: { id: number; device: string; note: string }) => [
        record.id,
        record.device,
        record.note,
      ])
    }
    const [first, second, third] = [
      [ids[0], 'Back door', 'seen'],
      [ids[1], 'Back door', null],
      [ids[2], 'Gate', null],
    ]
    assert.deepEqual(await listed(''), [third, second, first])
    assert.deepEqual(await listed('?state=open'), [third, second])
    assert.deepEqual(await listed(`?state=open&device_id=${device.id}`), [second])
    assert.deepEqual(await listed('?state=dismissed'), [first])
    const { json } = await scene.get(`${LIST}?state=open&limit=1`)
    assert.deepEqual(await listed(`?state=open&limit=1&cursor=${json.next_cursor}`), [second])
    assert.equal((await scene.get(`${LIST}?state=closed`)).json.errors[0].field, 'state')
  })

  test('a record is dismissed once, by whom and why is kept and noted down', async () => {
    const id = await keep(Uint8Array.of(1))
    const dismiss = (body: unknown) => scene.ask('POST', `${LIST}/dismiss`, { body })
    assert.deepEqual((await dismiss({ ids: [id, 999], note: 'a clock of 2000' })).json, { dismissed: 1 })
    assert.deepEqual((await dismiss({ ids: [id], note: 'again' })).json, { dismissed: 0 })
    const [record] = (await scene.get(LIST)).json.data
    assert.deepEqual([record.dismissed_by, record.note], ['token the admin', 'a clock of 2000'])
    assert(Math.abs(Date.parse(record.dismissed_at) - Date.now()) < 60_000)
    const entry = scene.audited.find(({ action }) => action === 'quarantined_records.dismissed')
    assert.deepEqual(entry?.details, { ids: [id, 999], note: 'a clock of 2000', dismissed: 1 })
    for (const [body, field] of [
      [{ ids: [id], note: '  ' }, 'note'],
      [{ ids: [], note: 'none' }, 'ids'],
      [{ ids: [id] }, 'note'],
      [{ ids: [id], note: 'x', all: true }, 'all'],
    ] as const) {
      const { status, json } = await dismiss(body)
      assert.deepEqual([status, json.errors[0].field], [422, field])
    }
  })

  test('what is a punch by the rules of today becomes an attendance log, once', async () => {
    const id = await keep(recordOf({ userId: '007', punchState: 1 }))
    const decoded = await decode(id)
    assert.deepEqual([decoded.outcome, decoded.layout], ['stored', '40'])
    const log = decoded.attendance_log
    assert.deepEqual(
      [log?.device_user_id, log?.local_time, log?.punched_at, log?.punch_state, log?.source, log?.clock_drift_s],
      ['007', LOCAL, '2026-07-01T10:30:05.000Z', 1, 'poll', null],
    )
    assert.equal(decoded.fields?.find(({ name }) => name === 'packed_time')?.meaning, LOCAL)
    assert.deepEqual([decoded.record.note, decoded.record.dismissed_by], ['became attendance log 1', 'token the admin'])
    assert.deepEqual((await scene.get('/api/v1/attendance-logs')).json.data, [log])
    assert.deepEqual(scene.audited.at(-1), {
      who: 'token the admin',
      action: 'quarantined_record.decoded',
      subject: `quarantined record ${id}`,
      details: { outcome: 'stored', attendance_log: 1 },
    })
    const again = await decode(id)
    assert.deepEqual([again.outcome, again.attendance_log?.id], ['duplicate', 1])
    assert.equal(again.record.note, 'became attendance log 1')
    assert.equal(await scene.store.logs.count({}), 1)
    assert.equal((await scene.store.leases.holderOf(device.id)) ?? 'nobody', 'nobody')
  })

  test('what cannot be a punch today either stays open, with the reason of today', async () => {
    const id = await keep(recordOf({ userId: '' }), device, 'NO_TIME')
    const decoded = await decode(id)
    assert.deepEqual(
      [decoded.outcome, decoded.attendance_log, decoded.record.dismissed_at],
      ['quarantined', null, null],
    )
    assert.match(decoded.sentence, /layout 40 .*names nobody/)
    assert.equal(decoded.record.reason, 'NO_TIME')
  })

  test('of two records in one second the second names the log that has its place', async () => {
    await keepLog(recordOf({ userId: '7', punchState: 0 }))
    const decoded = await decode(await keep(recordOf({ userId: '7', punchState: 1 }), device, 'SAME_SECOND'))
    assert.deepEqual([decoded.outcome, decoded.attendance_log?.id], ['quarantined', 1])
    assert.match(decoded.sentence, /attendance log 1 is of the same person and second .*the first one is stored/)
    assert.equal(decoded.record.dismissed_at, null)
    assert.equal(await scene.store.logs.count({}), 1)
  })

  test('bytes without a layout, a live event, and two layouts that fit are told as what they are', async () => {
    for (const [length, sentence] of [
      [2, /2 bytes fit no layout/],
      [12, /live event.*a sync reads and stores it/],
      [52, /live event/],
      [8, /layouts 8A and 8B.*sync it, and try again/],
    ] as const) {
      const decoded = await decode(await keep(new Uint8Array(length).fill(7)))
      assert.deepEqual([decoded.outcome, decoded.layout, decoded.fields], ['undecodable', null, null])
      assert.match(decoded.sentence, sentence)
    }
  })

  test('the layout that the device is known to have, and its people, decide what 8 bytes mean', async () => {
    const raw = recordOf({ layout: '8B', uid: 3 })
    await remember('8B')
    const id = await keep(raw, device, 'UNKNOWN_UID')
    assert.match((await decode(id)).sentence, /nobody in that slot/)
    const person = { uid: 3, userId: '0042', name: 'Ada' }
    await scene.store.people.record(device.id, [person], { from: LOCAL, until: LOCAL })
    const decoded = await decode(id)
    assert.deepEqual([decoded.outcome, decoded.layout], ['stored', '8B'])
    assert.deepEqual([decoded.attendance_log?.device_user_id, decoded.attendance_log?.name], ['0042', 'Ada'])
  })

  test('who is in conversation with the device is waited for, and in the end told', async () => {
    const id = await keep(recordOf({ userId: '9' }))
    const lease = await takeLease(scene.store, device.id, 'somebody else')
    let ms = 0
    const hasty = { monotonicMs: () => (ms += 10_000), sleep: async () => {} }
    const { base } = scene.rollcall
    const parts = { ...scene.rollcall, base: { ...base, clock: { ...base.clock, ...hasty } } }
    const refused = decodeAgain(parts, { id, by: 'x' }, AbortSignal.timeout(60_000))
    await assert.rejects(refused, (error: unknown) => error instanceof RollcallError && error.code === 'LEASE_HELD')
    assert.deepEqual([await scene.store.logs.count({}), (await scene.store.quarantine.get(id)).dismissal], [0, null])
    const waiting = decode(id)
    await scene.store.leases.release(lease)
    assert.equal((await waiting).outcome, 'stored')
  })

  test('a record that is not there is not found', async () => {
    const { status, json } = await scene.ask('POST', `${LIST}/999/decode`)
    assert.deepEqual([status, json.code], [404, 'NOT_FOUND'])
  })

  async function decode(id: number): Promise<DecodedAgainJson> {
    const { status, json } = await scene.ask('POST', `${LIST}/${id}/decode`)
    assert.equal(status, 200, JSON.stringify(json))
    assert.deepEqual(DecodedAgain.parse(json), json)
    return json
  }

  /** @returns the id of the record. */
  async function keep(raw: Uint8Array, of = device, reason: QuarantineReason = 'UNREADABLE_USER_ID'): Promise<number> {
    const lease = await takeLease(scene.store, of.id)
    const origin = { lease, runId: null, source: 'poll', driftSeconds: null } as const
    await scene.store.punches.commit({ ...origin, punches: [], quarantined: [{ raw, reason }] })
    await scene.store.leases.release(lease)
    const [newest] = await scene.store.quarantine.page({ limit: 1 })
    return newest?.id ?? 0
  }

  async function keepLog(raw: Uint8Array): Promise<void> {
    const lease = await takeLease(scene.store, device.id)
    const punch: Punch = {
      userId: '7',
      localTime: LOCAL,
      punchState: 0,
      verifyMode: 1,
      workCode: 0,
      layout: '40',
      raw,
    }
    const punches = [zonedPunch(punch, new ZoneTable('Europe/Berlin'))]
    const origin = { lease, runId: null, source: 'poll', driftSeconds: null } as const
    await scene.store.punches.commit({ ...origin, punches, quarantined: [] })
    await scene.store.leases.release(lease)
  }

  /** As after a whole read that has proven the layout. */
  async function remember(layout: string): Promise<void> {
    const lease = await takeLease(scene.store, device.id)
    const runId = await scene.store.punches.beginRun(lease, 'full')
    const checkpoint = checkpointOf({ layout })
    await scene.store.punches.finish({ lease, runId, outcome: outcome(), checkpoint, coverage: null })
    await scene.store.leases.release(lease)
  }
})

function recordOf(fields: { layout?: LayoutName; uid?: number; userId?: string; punchState?: number }): Uint8Array {
  const { layout = '40', uid = 1, userId = '', punchState = 0 } = fields
  const codes = { verifyMode: 1, punchState, workCode: 0 }
  return newAttendanceRecord({ layout, uid, userId, packedTime: encodePackedTime(NOON), ...codes }).raw
}

import { describe, expect, test } from 'vitest'
import { deviceForTest, RawClient } from '../../../test/raw-client.ts'
import { decodeAttendanceRecord, type LayoutName } from '../../codec/binary/attendance-record.ts'
import { Command } from '../../codec/binary/commands.ts'
import { packedTimeFault } from '../../codec/binary/packed-time.ts'
import { userIdFault } from '../../codec/binary/text.ts'
import { decodeUserRecord } from '../../codec/binary/user-record.ts'
import type { FaultName, FaultSetting } from '../faults.ts'

/** The records of a log of 60 punches, as a client reads them, beside what the device says stands there. */
function logWith(fault: FaultName | FaultSetting, layout: LayoutName = '40') {
  const { device } = deviceForTest({ faults: [fault], layout })
  device.fillLog(60)
  const client = new RawClient(device)
  client.connect()
  const block = client.read()
  const bytes = device.log.recordBytes
  const records = Array.from({ length: block.length / bytes }, (_, index) =>
    decodeAttendanceRecord(block.subarray(index * bytes, (index + 1) * bytes), layout),
  )
  return { device, client, records, punches: device.punches }
}

describe('faults of records', () => {
  test('impossible-dates: every 20th by default, 31st of a short month', () => {
    const { records, punches } = logWith('impossible-dates')
    const faulty = records.flatMap((record, index) => (packedTimeFault(record.packedTime) ? [index] : []))
    expect(faulty).toEqual([19, 39, 59])
    for (const index of faulty) {
      expect(punches[index]).toMatchObject({ faulty: 'IMPOSSIBLE_DATE', localTime: null })
      expect(packedTimeFault(records[index]?.packedTime ?? 0)).toBe('IMPOSSIBLE_DATE')
    }
  })

  test('zero-times: no time at all', () => {
    const { records, punches } = logWith({ name: 'zero-times', value: 5 })
    const times = punches.flatMap((punch, index) => (punch.faulty === 'NO_TIME' ? [records[index]?.packedTime] : []))
    expect(times.length).toBe(12)
    expect(new Set(times)).toEqual(new Set([0, 0xffff_ffff]))
  })

  test('duplicate-records: every tenth stands there twice', () => {
    const { records, punches } = logWith('duplicate-records')
    expect(records.length).toBe(66)
    expect(records[9]?.raw).toEqual(records[10]?.raw)
    expect(punches[10]).toEqual(punches[9])
  })

  test('same-second-different-codes: another state, the second one faulty', () => {
    const { records, punches } = logWith('same-second-different-codes')
    expect(records.length).toBe(66)
    expect(punches[10]).toMatchObject({ userId: punches[9]?.userId, localTime: punches[9]?.localTime })
    expect(punches[10]?.punchState).not.toBe(punches[9]?.punchState)
    expect([punches[9]?.faulty, punches[10]?.faulty]).toEqual([null, 'SAME_SECOND'])
  })

  test('garbage-after-nul: texts are as they were, what stands behind them is not zero', () => {
    const { device, client, records, punches } = logWith('garbage-after-nul')
    expect(records.map(record => record.userId)).toEqual(punches.map(punch => punch.userId))
    expect(records.some(record => record.raw.subarray(4, 26).some(byte => byte !== 0))).toBe(true)
    const users = client.read(Command.UserTempRrq)
    const first = decodeUserRecord(users.subarray(0, 72), 72)
    expect(first).toMatchObject({ userId: '1', name: device.users.list()[0]?.name })
    expect(first.nameBytes.subarray(-2).every(byte => byte === 0)).toBe(false)
    expect(logWith('garbage-after-nul').records[0]?.raw).toEqual(records[0]?.raw)
  })

  for (const layout of ['40', '16'] as const) {
    test(`empty-user-ids: names nobody in layout ${layout}`, () => {
      const { records, punches } = logWith('empty-user-ids', layout)
      const nameless = records.flatMap((record, index) => (record.userId === '' ? [index] : []))
      expect(nameless).toEqual([19, 39, 59])
      for (const index of nameless) expect(punches[index]).toMatchObject({ faulty: 'EMPTY_USER_ID', userId: '' })
    })
  }

  test('empty-user-ids: in layouts of slots it is an unknown slot', () => {
    const { records, punches } = logWith('empty-user-ids', '8B')
    expect(records[19]?.uid).toBe(0)
    expect(punches[19]).toMatchObject({ faulty: 'UNKNOWN_UID' })
  })

  test('unreadable-user-ids: bytes that are no text', () => {
    const { records, punches } = logWith('unreadable-user-ids')
    for (const [index, record] of records.entries()) {
      const isFaulty = userIdFault(record.raw.subarray(2, 26)) === 'UNREADABLE_USER_ID'
      expect(punches[index]?.faulty === 'UNREADABLE_USER_ID').toBe(isFaulty)
    }
    expect(punches.filter(punch => punch.faulty !== null).length).toBe(3)
  })

  test('unknown-uids: in layouts of slots nobody has the slot, in others nobody has the user id', () => {
    const slots = logWith('unknown-uids', '8A')
    expect(slots.punches[19]).toMatchObject({ faulty: 'UNKNOWN_UID', userId: '' })
    expect(slots.device.users.at(slots.records[19]?.uid ?? 0)).toBeUndefined()
    const texts = logWith('unknown-uids')
    expect(texts.punches[19]?.faulty).toBeNull()
    expect(texts.records[19]?.userId).toBe(texts.punches[19]?.userId)
    expect(texts.device.users.byUserId(texts.punches[19]?.userId ?? '')).toBeUndefined()
  })

  test('slot-reused: old records carry the slot of somebody else now', () => {
    const { device } = deviceForTest({ layout: '8B' })
    device.addUser({ userId: '100', name: 'Leaving', uid: 1 })
    device.punch({ userId: '100' })
    device.setFault('slot-reused', 'on')
    expect(device.users.at(1)?.userId).not.toBe('100')
    expect(device.punches[0]).toMatchObject({ userId: '100', uid: 1 })
    const newcomer = device.users.at(1)?.userId ?? ''
    expect(device.punch({ userId: newcomer })).toMatchObject({ userId: newcomer, uid: 1 })
  })

  test('slot-reused: on a device made with it, before the first client comes', () => {
    const { device } = logWith('slot-reused', '8B')
    expect(device.users.byUserId('1')).toBeUndefined()
    expect(device.users.at(1)?.name).toBe('New Here')
  })

  for (const userLayout of [28, 72] as const) {
    test(`user-names-gbk: names of ${userLayout}-byte users are GBK and no UTF-8`, () => {
      const { device } = deviceForTest({ faults: ['user-names-gbk'], userLayout })
      device.addPeople(7)
      const client = new RawClient(device)
      client.connect()
      const users = client.read(Command.UserTempRrq)
      const [offset, width] = userLayout === 28 ? [8, 8] : [11, 24]
      for (let at = 0; at < users.length; at += userLayout) {
        const field = users.subarray(at + offset, at + offset + width)
        const name = field.subarray(0, field.indexOf(0) < 0 ? width : field.indexOf(0))
        expect(new TextDecoder('gbk', { fatal: true }).decode(name)).toMatch(/^\p{Script=Han}{2,3}$/u)
        expect(() => new TextDecoder('utf-8', { fatal: true }).decode(name)).toThrow()
      }
    })
  }

  test('a chance below 1 strikes by the seed', () => {
    const faulty = (seed: number) => {
      const { device } = deviceForTest({ seed, faults: [{ name: 'zero-times', value: 0.2 }] })
      device.fillLog(200)
      return device.punches.flatMap((punch, index) => (punch.faulty ? [index] : []))
    }
    expect(faulty(3)).toEqual(faulty(3))
    expect(faulty(3)).not.toEqual(faulty(4))
    expect(faulty(3).length).toBeGreaterThan(15)
    expect(faulty(3).length).toBeLessThan(80)
  })
})

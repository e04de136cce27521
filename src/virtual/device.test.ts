import { describe, expect, test } from 'vitest'
import { deviceForTest, START_MS } from '../../test/raw-client.ts'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { seededRandom } from '../base/random.ts'
import { layoutsOfSize } from '../codec/binary/attendance-record.ts'
import { VirtualDevice } from './device.ts'
import { inventPeople } from './people.ts'
import { schedulePunches } from './puncher.ts'

describe('the log of a virtual device', () => {
  test('a punch is stored with all its codes, and given back as a reader must find it', () => {
    const { device } = deviceForTest()
    device.addUser({ userId: '007', name: 'Ines Costa', uid: 3 })
    const punch = device.punch({ userId: '007', verifyMode: 15, punchState: 4, workCode: 12 })
    expect(punch).toEqual({
      userId: '007',
      localTime: '2026-03-02 07:00:00',
      punchState: 4,
      verifyMode: 15,
      workCode: 12,
      uid: 3,
      faulty: null,
    })
    expect(device.punches).toEqual([punch])
  })

  test('a punch at another time', () => {
    const { device } = deviceForTest()
    const at = { year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 58 }
    expect(device.punch({ userId: 'A1', at })?.localTime).toBe('2024-02-29 23:59:58')
  })

  for (const layout of ['8A', '8B', '16', '36', '40', '49', '40+24'] as const) {
    test(`layout ${layout}: whom the bytes mean, even where they carry the slot alone`, () => {
      const { device } = deviceForTest({ layout })
      device.addUser({ userId: '501', name: 'Wei', uid: 9 })
      device.punch({ userId: '501' })
      device.fillLog(3)
      expect(layoutsOfSize(device.log.snapshot(0).length / 4)).toContain(layout)
      expect(device.punches[0]).toMatchObject({ userId: '501', faulty: null })
    })
  }

  test('layouts of slots: somebody unknown to the list cannot be named', () => {
    const { device } = deviceForTest({ layout: '8A' })
    expect(device.punch({ userId: '9' })).toMatchObject({ faulty: 'UNKNOWN_UID', uid: 0 })
  })

  test('firmware with numbers for ids loses leading zeros and takes no letters', () => {
    const { device } = deviceForTest({ profile: 'black-and-white' })
    expect(device.addUser({ userId: '0042', name: 'A very long name' })).toMatchObject({
      userId: '42',
      name: 'A very l',
    })
    expect(device.punch({ userId: '0042' })?.userId).toBe('42')
    expect(() => device.addUser({ userId: 'X1', name: '' })).toThrow(RangeError)
  })

  test('a filled log rises up to now, within the people, the same for the same seed', () => {
    const make = () => {
      const { device } = deviceForTest()
      device.fillLog(500)
      device.fillLog(20)
      return device
    }
    const device = make()
    const times = device.punches.map(punch => punch.localTime ?? '')
    expect(times).toEqual(times.toSorted())
    expect(times.at(-1) ?? '').toMatch(/^2026-03-02 0[67]:/)
    expect(new Set(times.slice(0, 500)).size).toBe(500)
    expect(device.users.count).toBe(40)
    expect(make().punches).toEqual(device.punches)
  })

  test('a clock that fell back has recorded its history before; the first second of 2000 is no time', () => {
    const { device } = deviceForTest({ faults: ['clock-reset-2000'] })
    device.fillLog(3)
    expect(device.punch({ userId: '1' })).toMatchObject({ localTime: null, faulty: 'NO_TIME' })
    device.shiftClock(1000)
    device.punch({ userId: '1' })
    const times = device.punches.map(punch => punch.localTime?.slice(0, 10) ?? null)
    expect(times).toEqual(['2026-03-02', '2026-03-02', '2026-03-02', null, '2000-01-01'])
  })

  test('half a million records fit', () => {
    const { device } = deviceForTest()
    device.fillLog(500_000)
    expect(device.recordCount).toBe(500_000)
    expect(device.log.snapshot(0).length).toBe(20_000_000)
    expect(device.punch({ userId: '1' })).toBeNull()
  })

  test('full: refuses, without an event', () => {
    const { device } = deviceForTest({ capacity: 10 })
    device.fillLog(10)
    expect(device.punch({ userId: '1' })).toBeNull()
    expect([device.recordCount, device.stats.refusedPunches]).toEqual([10, 1])
  })

  test('full: deletes the oldest', () => {
    const { device } = deviceForTest({ capacity: 10, whenFull: 'delete-oldest' })
    device.fillLog(10)
    const [oldest, second] = device.punches
    device.punch({ userId: '1' })
    expect([device.recordCount, device.punches[0], device.departedPunches]).toEqual([10, second, [oldest]])
  })

  test('full: loops, the count stays, and the record number stands in the reserved bytes', () => {
    const { device } = deviceForTest({ capacity: 10, whenFull: 'loop' })
    device.fillLog(10)
    const before = device.log.snapshot(0)
    const kept = before.slice()
    const [oldest] = device.punches
    const punch = device.punch({ userId: '1' })
    expect([device.recordCount, device.punches[0], device.departedPunches]).toEqual([10, punch, [oldest]])
    expect(device.log.snapshot(0)[36]).toBe(10)
    expect(before).toEqual(kept)
  })

  test('cleared: what stood there has departed', () => {
    const { device } = deviceForTest()
    device.fillLog(3)
    const before = device.punches
    device.clearLog()
    device.punch({ userId: '1' })
    expect([device.recordCount, device.departedPunches]).toEqual([1, before])
  })
})

describe('the people of a virtual device', () => {
  test('the lowest free slot is used again', () => {
    const { device } = deviceForTest()
    for (const userId of ['1', '2', '3']) device.addUser({ userId, name: userId })
    expect(device.removeUser('2')).toBe(true)
    expect(device.removeUser('2')).toBe(false)
    expect(device.addUser({ userId: '9', name: 'Nine' }).uid).toBe(2)
  })

  test('one user id has one slot', () => {
    const { device } = deviceForTest()
    device.addUser({ userId: '5', name: 'Old', uid: 7 })
    device.addUser({ userId: '5', name: 'New', uid: 8 })
    expect(device.users.list()).toEqual([{ uid: 8, userId: '5', name: 'New', privilege: 0 }])
  })

  test('names are invented, fit, and are not cut inside a character', () => {
    const people = inventPeople({ count: 300, firstUserId: 1, random: seededRandom(1) })
    expect(new Set(people.map(person => person.userId)).size).toBe(300)
    const { device } = deviceForTest({ userLayout: 28 })
    device.addUser({ userId: '1', name: 'Łłłłłłł' })
    expect(device.users.at(1)?.name).toBe('Łłłł')
  })

  test('names become bytes and come back', () => {
    const { device } = deviceForTest()
    device.addPeople(50)
    const bytes = device.userRecords()
    for (const [index, { name }] of device.users.list().entries()) {
      const field = Buffer.from(bytes.subarray(index * 72 + 11, index * 72 + 35))
      expect(field.toString().replaceAll('\0', '')).toBe(name)
    }
  })

  test('they punch at random until nobody is left to listen', async () => {
    const clock = new VirtualClock(START_MS)
    const devices = [1, 2].map(seed => new VirtualDevice({ seed }, { clock }))
    for (const device of devices) device.addPeople(5)
    let told = 0
    const schedule = schedulePunches({
      devices,
      clock,
      random: seededRandom(1),
      everyMs: 1000,
      onPunch: ({ device, user, punch }) => {
        expect(device.users.byUserId(user.userId)).toEqual(user)
        expect(device.punches.at(-1)).toEqual(punch)
        told++
      },
    })
    await clock.advance(100_000)
    schedule[Symbol.dispose]()
    await clock.runUntilIdle()
    expect(told).toBe(devices.reduce((sum, device) => sum + device.recordCount, 0))
    expect(told).toBeGreaterThan(80)
    expect(told).toBeLessThan(125)
    expect(devices.every(device => device.recordCount > 20)).toBe(true)
  })
})

describe('the device itself', () => {
  test('one seed, one device; its serial number looks like none of a real one', () => {
    const clock = new VirtualClock()
    expect(new VirtualDevice({ seed: 5 }, { clock }).serialNumber).toBe('VIRT0000000005')
    expect(new VirtualDevice({ seed: 5, serialNumber: 'S9' }, { clock }).serialNumber).toBe('S9')
  })

  test('forgets the oldest UDP address that has no session', () => {
    const { device } = deviceForTest()
    for (let port = 0; port < 400; port++) device.connect('udp', `10.0.0.9:${port}`)
    expect([...device.peers].length).toBe(256)
  })

  test('faults switch on and off, the newest last, and whoever watches is told', () => {
    const { device } = deviceForTest({ faults: ['menu-open'] })
    let told = 0
    using watch = device.watchFaults(() => told++)
    device.setFault('lost-packets', 'on')
    device.setFault({ name: 'menu-open', value: 1 }, 'on')
    expect(device.faults.map(({ name }) => name)).toEqual(['lost-packets', 'menu-open'])
    device.setFault('lost-packets', 'off')
    device.clearFaults()
    expect(device.faults).toEqual([])
    watch[Symbol.dispose]()
    device.setFault('menu-open', 'on')
    expect(told).toBe(4)
  })
})

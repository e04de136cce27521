import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { StandingClock, settings, takeLease, turningBox } from '../../test/contract/store/fixture.ts'
import type { Clock } from '../base/clock.ts'
import { DeviceError, type ErrorCode, RollcallError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { seededRandom } from '../base/random.ts'
import type { DeviceSettings } from '../model/device.ts'
import type { DeviceDriver, DeviceTime, OpenDevice } from '../model/device-driver.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import { setDeviceClock } from './set-clock.ts'

const NEVER = new AbortController().signal

/** Time that passes only while somebody sleeps. */
class PassingClock extends StandingClock implements Clock {
  monotonicMs(): number {
    return this.ms
  }

  override async sleep(ms: number): Promise<void> {
    this.ms += ms
  }

  after(): Disposable {
    return { [Symbol.dispose]() {} }
  }
}

/** A device that has nothing but a clock. */
class OnlyClock implements DeviceDriver {
  readonly asked: string[] = []
  serialNumber: string | null = 'CJ1'
  time: DeviceTime | null
  /** What it shows after it was set; null: it cannot be read. */
  onSet: (localTime: string) => DeviceTime | null

  constructor(clock: Clock) {
    this.time = { localTime: '2026-01-05 08:59:23', readAtMs: clock.now() }
    this.onSet = localTime => ({ localTime, readAtMs: clock.now() })
  }

  async open(): Promise<OpenDevice> {
    this.asked.push('open')
    const device: Partial<OpenDevice> = {
      serialNumber: this.serialNumber,
      transport: 'tcp',
      time: this.time,
      setTime: async localTime => {
        this.asked.push(`set ${localTime}`)
        return this.onSet(localTime)
      },
      [Symbol.asyncDispose]: async () => {
        this.asked.push('goodbye')
      },
    }
    return device as OpenDevice
  }
}

describe('setting the clock of a device', () => {
  let store: Store
  let clock: PassingClock
  let driver: OnlyClock
  let waits: string[]
  beforeEach(async () => {
    clock = new PassingClock()
    driver = new OnlyClock(clock)
    waits = []
    store = await openSqliteStore({ path: ':memory:', clock, secrets: turningBox })
  })
  afterEach(() => store[Symbol.asyncDispose]())

  async function add(changes: Partial<DeviceSettings> = {}): Promise<number> {
    return (await store.devices.add(settings(changes))).id
  }
  function setClock(id: number) {
    const base = { clock, random: seededRandom(1), log: silentLog }
    const onWait = (holder: string) => waits.push(holder)
    return setDeviceClock({ store, driver, base, holder: 'us' }, id, { onWait }, NEVER)
  }
  async function refused(code: ErrorCode, id: number): Promise<RollcallError> {
    const error = await setClock(id).then(
      () => assert.fail(`it should have failed with ${code}`),
      (reason: unknown) => reason,
    )
    assert(error instanceof RollcallError && error.code === code, `${error}`)
    assert.equal(await store.leases.holderOf(id), null)
    return error
  }
  const kinds = async (id: number) =>
    (await store.clocks.series(id, { limit: 9 })).map(reading => [reading.kind, reading.driftSeconds])

  test('gives it the true time of its zone, reads it back and keeps both readings', async () => {
    const id = await add()
    const { before, after, device } = await setClock(id)
    assert.deepEqual(before, { localTime: '2026-01-05 08:59:23', driftSeconds: -37 })
    assert.deepEqual(after, { localTime: '2026-01-05 09:00:01', driftSeconds: 0 })
    assert.equal(device.id, id)
    assert.deepEqual(driver.asked, ['open', 'set 2026-01-05 09:00:01', 'goodbye'])
    assert.deepEqual(await kinds(id), [
      ['set', 0],
      ['read', -37],
    ])
    assert.equal(await store.leases.holderOf(id), null)
  })

  test('is sent when a second begins, also by a timer that fires early', async () => {
    const id = await add()
    const startMs = clock.ms
    for (const earlyMs of [0, 2]) {
      clock.ms = startMs + 501
      const sleep = clock.sleep.bind(clock)
      clock.sleep = ms => sleep(ms - earlyMs)
      await setClock(id)
      assert.equal(driver.asked.at(-2), 'set 2026-01-05 09:00:01')
      assert.equal(clock.ms, startMs + 1000 - earlyMs)
    }
  })

  test('is done once where automatic setting is on too, and for a device that is disabled', async () => {
    const id = await add({ setsClock: true, isActive: false })
    const { before } = await setClock(id)
    assert.equal(before?.driftSeconds, -37)
    assert.equal(driver.asked.length, 3)
  })

  test('in the hour that comes twice, the clock is compared as a clock', async () => {
    const id = await add()
    clock.ms = Date.parse('2026-10-25T01:30:00Z')
    driver.time = { localTime: '2026-10-25 03:30:00', readAtMs: clock.ms }
    const { before, after } = await setClock(id)
    assert.equal(before?.driftSeconds, 3600)
    assert.deepEqual(after, { localTime: '2026-10-25 02:30:01', driftSeconds: 0 })
  })

  test('a clock that cannot be read is set all the same', async () => {
    const id = await add()
    driver.time = null
    driver.onSet = () => null
    const { before, after } = await setClock(id)
    assert.deepEqual([before, after], [null, null])
    assert.deepEqual(await kinds(id), [])
  })

  test('a device that refuses is told as such, with what it answered', async () => {
    const id = await add()
    driver.onSet = () => {
      throw new DeviceError('COMMAND_FAILED', 'the device answered 2001')
    }
    const error = await refused('COMMAND_FAILED', id)
    assert.match(error.message, /did not let its clock be set: the device answered 2001/)
    assert.deepEqual(await kinds(id), [['read', -37]])
    assert.equal(driver.asked.at(-1), 'goodbye')
  })

  test('a device that takes the time and goes on showing another is found out', async () => {
    const id = await add()
    driver.onSet = () => ({ localTime: '2026-01-05 08:59:23', readAtMs: clock.ms })
    const error = await refused('COMMAND_FAILED', id)
    assert.match(error.message, /took the time 2026-01-05 09:00:01 and shows 2026-01-05 08:59:23/)
    assert.deepEqual(await kinds(id), [['read', -37]])
  })

  test('another device at the address is left alone', async () => {
    const id = await add()
    const told = { serialNumber: 'CJ2', model: null, firmware: null, platform: null, transport: 'tcp' } as const
    await store.devices.recordIdentity(id, told)
    await refused('SERIAL_MISMATCH', id)
    assert.deepEqual(driver.asked, ['open', 'goodbye'])
  })

  test('whoever has the device is waited for, and told', async () => {
    const id = await add()
    const lease = await takeLease(store, id, 'pid 7 on gate (start 1, boot 2, namespaces 3/4, #5)')
    const sleep = clock.sleep.bind(clock)
    clock.sleep = async ms => {
      await store.leases.release(lease)
      return sleep(ms)
    }
    assert.equal((await setClock(id)).after?.driftSeconds, 0)
    assert.deepEqual(waits, ['pid 7 on gate'])
  })

  test('whoever keeps the device is named, with what to do', async () => {
    const id = await add({ isLive: true })
    const sleep = clock.sleep.bind(clock)
    const lease = await takeLease(store, id, 'pid 7 on gate (start 1, boot 2, namespaces 3/4, #5)')
    clock.sleep = async ms => {
      await store.leases.renew(lease, 60_000)
      return sleep(ms)
    }
    const error = await setClock(id).catch((reason: unknown) => reason)
    assert(error instanceof RollcallError && error.code === 'LEASE_HELD')
    assert.match(error.message, /^pid 7 on gate is in conversation with this device; try again when it is done$/)
    assert.deepEqual([driver.asked, waits], [[], ['pid 7 on gate']])
  })

  test('a device that does not exist is NOT_FOUND', async () => {
    await refused('NOT_FOUND', 77)
  })
})

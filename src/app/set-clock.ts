import { startDeadline } from '../base/clock.ts'
import { ConnectionError, DeviceError } from '../base/errors.ts'
import type { ClockReading, Device } from '../model/device.ts'
import type { DeviceTime } from '../model/device-driver.ts'
import { type Contact, driftSecondsOf, openContact } from '../sync/contact.ts'
import { leaseForPerson } from './device-lease.ts'
import type { Rollcall } from './rollcall.ts'

/** To reach and greet the device, set its clock and read it back. */
const BUDGET_MS = 60_000
/** On a slow link a time arrives some seconds late, and is shown so. */
const DRIFT_S_MAX = 5

/** What the clock of a device showed, and how far it was ahead of the true time in its zone. */
export type SeenTime = Pick<ClockReading, 'localTime' | 'driftSeconds'>

export interface ClockSetting {
  readonly device: Device
  /** Null where the clock could not be read. */
  readonly before: SeenTime | null
  /** Null where the device took the time and its clock could not be read back. */
  readonly after: SeenTime | null
}

/**
 * Sets the clock of a device to the true time of its zone, and reads it back. Changes nothing else on the device.
 *
 * @param options.onWait told once, when another process has the device and is waited for.
 * @throws StoreError `NOT_FOUND`, `LEASE_HELD`; ConnectionError; DeviceError where the device is another one, refuses, or
 * takes the time and shows another.
 */
export async function setDeviceClock(
  rollcall: Pick<Rollcall, 'store' | 'driver' | 'base' | 'holder'>,
  id: number,
  options: { onWait: (holder: string) => void },
  signal: AbortSignal,
): Promise<ClockSetting> {
  const { store, base } = rollcall
  const saved = await store.devices.get(id)
  await using kept = await leaseForPerson(rollcall, saved, options, signal)
  const device = await store.devices.get(id)
  using deadline = startDeadline(base.clock, {
    ms: BUDGET_MS,
    parent: kept.signal,
    onExpiry: () =>
      new ConnectionError(
        'TIME_BUDGET_SPENT',
        `the device at ${device.host}:${device.port} took too long to set its clock`,
      ),
  })
  // The clock is set here and by nobody else, so that both readings can be told.
  await using contact = await openContact({ ...device, setsClock: false }, rollcall, deadline.signal)
  const before = contact.open.time && seen(contact.open.time, contact)
  const after = await set(contact, rollcall, deadline.signal)
  base.log.info(`Device ${device.name}: clock set, ${driftOf(before)} before and ${driftOf(after)} after`)
  return { device, before, after }
}

async function set(
  contact: Contact,
  { store, base }: Pick<Rollcall, 'store' | 'base'>,
  signal: AbortSignal,
): Promise<SeenTime | null> {
  const { open, zone, device } = contact
  // Clocks are set by whole seconds: sent in the middle of one, the time would be off by half of it.
  await base.clock.sleep(1000 - (base.clock.now() % 1000), signal)
  // A timer may fire a moment too early.
  const wanted = zone.localTimeAt(base.clock.now() + 500)
  const time = await open.setTime(wanted, signal).catch((error: unknown) => {
    if (!(error instanceof DeviceError)) throw error
    throw new DeviceError(error.code, `the device did not let its clock be set: ${error.message}`, { cause: error })
  })
  if (time === null) return null
  const after = seen(time, contact)
  const isRight = Math.abs(after.driftSeconds) <= DRIFT_S_MAX
  await store.clocks.record(device.id, {
    ...after,
    readAt: new Date(time.readAtMs),
    kind: isRight ? 'set' : 'read',
  })
  if (isRight) return after
  throw new DeviceError(
    'COMMAND_FAILED',
    `the device took the time ${wanted} and shows ${after.localTime} all the same; set its clock in its menu`,
  )
}

function seen(time: DeviceTime, { zone }: Contact): SeenTime {
  return { localTime: time.localTime, driftSeconds: driftSecondsOf(time, zone) }
}

function driftOf(time: SeenTime | null): string {
  return time === null ? 'unknown' : `${time.driftSeconds} s`
}

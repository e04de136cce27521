import { systemLookUp } from './connection-test/look-up.ts'
import { leaseForPerson } from './device-lease.ts'
import type { Rollcall } from './rollcall.ts'
import { type ConnectionReport, type ConnectionTarget, type TestParts, testConnection } from './test-connection.ts'

export interface TestOptions extends Pick<TestParts, 'onStart' | 'onStage' | 'punch'> {
  /** Told once when a sync of the device is under way and is waited for. */
  readonly onWait: (holder: string) => void
}

/** Test Connection for a device that is saved already. @throws StoreError `NOT_FOUND`, `LEASE_HELD`. */
export async function testDevice(
  rollcall: Rollcall,
  id: number,
  options: TestOptions,
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const { store } = rollcall
  const device = await store.devices.get(id)
  const commKey = await store.devices.commKey(id)
  await using lease = await leaseForPerson(rollcall, device, options, signal)
  const { host, port, transport, timezone, serialNumber: expectedSerialNumber } = device
  const target = { deviceId: id, address: { host, port }, transport, commKey, timezone, expectedSerialNumber }
  return await test(rollcall, target, options, lease.signal)
}

/** Test Connection for an address, before it is saved. An address that belongs to a saved device is waited for, too. */
export async function testAddress(
  rollcall: Rollcall,
  target: Omit<ConnectionTarget, 'deviceId' | 'expectedSerialNumber'>,
  options: TestOptions,
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const { host, port } = target.address
  const saved = (await rollcall.store.devices.list()).find(device => device.host === host && device.port === port)
  await using lease = saved ? await leaseForPerson(rollcall, saved, options, signal) : null
  return await test(
    rollcall,
    { ...target, deviceId: null, expectedSerialNumber: null },
    options,
    lease?.signal ?? signal,
  )
}

function test(rollcall: Rollcall, target: ConnectionTarget, options: TestOptions, signal: AbortSignal) {
  const { onStart, onStage, punch } = options
  const parts = { network: rollcall.network, lookUp: systemLookUp, base: rollcall.base, onStart, onStage, punch }
  return testConnection(target, parts, signal)
}

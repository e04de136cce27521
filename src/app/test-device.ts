import { StoreError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import { type KeptLease, keepLease } from '../sync/lease-keeper.ts'
import { systemLookUp } from './connection-test/look-up.ts'
import { describeHolder, isHolderDead } from './holder.ts'
import type { Rollcall } from './rollcall.ts'
import { type ConnectionReport, type ConnectionTarget, type TestParts, testConnection } from './test-connection.ts'

/** Most devices serve one connection at a time, so a test waits for a sync under way: as long as a person bears. */
const LEASE_WAIT_MS = 30_000
const LEASE_POLL_MS = 500

export interface TestOptions extends Pick<TestParts, 'onStage' | 'punch'> {
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
  await using lease = await leaseOf(rollcall, device, options, signal)
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
  await using lease = saved ? await leaseOf(rollcall, saved, options, signal) : null
  return await test(
    rollcall,
    { ...target, deviceId: null, expectedSerialNumber: null },
    options,
    lease?.signal ?? signal,
  )
}

function test(rollcall: Rollcall, target: ConnectionTarget, { onStage, punch }: TestOptions, signal: AbortSignal) {
  const parts = { network: rollcall.network, lookUp: systemLookUp, base: rollcall.base, onStage, punch }
  return testConnection(target, parts, signal)
}

async function leaseOf(
  { store, base, holder }: Rollcall,
  device: Device,
  options: TestOptions,
  signal: AbortSignal,
): Promise<KeptLease> {
  const giveUpAtMs = base.clock.monotonicMs() + LEASE_WAIT_MS
  const request = { deviceId: device.id, holder, isDead: isHolderDead }
  for (let isTold = false; ; isTold = true) {
    const taken = await keepLease(store.leases, request, base, signal)
    if ('lease' in taken) return taken
    const by = describeHolder(taken.heldBy)
    if (base.clock.monotonicMs() > giveUpAtMs) throw new StoreError('LEASE_HELD', `${by} is reading this device`)
    if (!isTold) options.onWait(by)
    await base.clock.sleep(LEASE_POLL_MS, signal)
  }
}

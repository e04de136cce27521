import { StoreError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import { type KeptLease, keepLease } from '../sync/lease-keeper.ts'
import { describeHolder, isHolderDead } from './holder.ts'
import type { Rollcall } from './rollcall.ts'

/**
 * Most devices serve one connection at a time, so a sync under way is waited for: as long as a person bears. A process that
 * listens to the device gives way within ten seconds.
 */
const LEASE_WAIT_MS = 30_000
const LEASE_POLL_MS = 500

/**
 * Takes the lease of a device for a person who waits.
 *
 * @param options.onWait told once, when another process has it.
 * @throws StoreError `LEASE_HELD` once the patience is spent; the reason of `signal`.
 */
export async function leaseForPerson(
  rollcall: Pick<Rollcall, 'store' | 'base' | 'holder'>,
  device: Device,
  options: { onWait: (holder: string) => void },
  signal: AbortSignal,
): Promise<KeptLease> {
  const { store, base, holder } = rollcall
  const giveUpAtMs = base.clock.monotonicMs() + LEASE_WAIT_MS
  const request = { deviceId: device.id, holder, isDead: isHolderDead, isUrgent: true }
  for (let isTold = false; ; isTold = true) {
    const taken = await keepLease(store.leases, request, base, signal)
    if ('lease' in taken) return taken
    const by = describeHolder(taken.heldBy)
    if (base.clock.monotonicMs() > giveUpAtMs) {
      throw new StoreError('LEASE_HELD', `${by} is in conversation with this device; try again when it is done`)
    }
    if (!isTold) options.onWait(by)
    await base.clock.sleep(LEASE_POLL_MS, signal)
  }
}

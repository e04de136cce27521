import type { Base } from '../base/base.ts'
import { RollcallError, StoreError } from '../base/errors.ts'
import type { Lease, LeaseStore } from '../model/store.ts'

/** How long a lease outlives a holder that vanished without a trace. */
export const LEASE_TTL_MS = 30_000
/** Three chances to renew before it expires. */
const RENEW_MS = LEASE_TTL_MS / 3

/** A held lease that renews itself. Its signal fires when the lease is lost, or with the reason of the parent signal. */
export interface KeptLease extends AsyncDisposable {
  readonly lease: Lease
  readonly signal: AbortSignal
  /** Fires when somebody waits for the lease who should not wait long: a person, or one pass over the devices. */
  readonly wanted: AbortSignal
}

/** Takes the lease of a device, or returns who holds it. */
export async function keepLease(
  leases: LeaseStore,
  request: {
    deviceId: number
    holder: string
    isDead: (holder: string) => boolean
    isUrgent?: boolean
    /** Told a lease that could not be given back. It expires by itself, unless it is given back later. */
    onLeft?: (lease: Lease) => void
  },
  base: Pick<Base, 'clock'>,
  parent: AbortSignal,
): Promise<KeptLease | { heldBy: string; expiresInMs: number }> {
  const taken = await leases.acquire({ ...request, ttlMs: LEASE_TTL_MS })
  if (!('lease' in taken)) return taken
  const { lease } = taken
  const lost = new AbortController()
  const wanted = new AbortController()
  let expiresAtMs = base.clock.monotonicMs() + LEASE_TTL_MS
  let timer: Disposable | null = null
  let renewal: Promise<void> = Promise.resolve()
  const renew = async () => {
    const startedAtMs = base.clock.monotonicMs()
    try {
      const { isWanted } = await leases.renew(lease, LEASE_TTL_MS)
      if (isWanted) wanted.abort(new Error('somebody waits for the device'))
      expiresAtMs = startedAtMs + LEASE_TTL_MS
    } catch (error) {
      // A database that is away for a moment costs a renewal; one that stays away costs the lease before it expires.
      const isLost =
        (error instanceof RollcallError && error.code === 'LEASE_LOST') ||
        base.clock.monotonicMs() + RENEW_MS > expiresAtMs
      if (isLost) return lost.abort(leaseLost(lease.deviceId, error))
    }
    if (timer) schedule()
  }
  const schedule = () => {
    timer = base.clock.after(RENEW_MS, () => {
      renewal = renew()
    })
  }
  schedule()
  return {
    lease,
    signal: AbortSignal.any([lost.signal, parent]),
    wanted: wanted.signal,
    async [Symbol.asyncDispose]() {
      timer?.[Symbol.dispose]()
      timer = null
      await renewal
      // What cannot be given back expires by itself; how the run ended matters more.
      await leases.release(lease).catch(() => request.onLeft?.(lease))
    },
  }
}

function leaseLost(deviceId: number, cause: unknown): StoreError {
  return new StoreError('LEASE_LOST', `the lease of device ${deviceId} was lost`, { cause })
}

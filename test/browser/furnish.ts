import { type BrowserSite, patiently } from './browser-site.ts'

export interface Furnished {
  readonly deviceId: number
  /** The attendance log of the one punch. */
  readonly logId: number
}

/** Something on every page: a device that was read, one that refuses, a record in quarantine, a failed job. */
export async function furnish(site: BrowserSite): Promise<Furnished> {
  const { device, listener } = await site.device()
  device.addUser({ userId: '4711', name: 'Ada' })
  device.setFault({ name: 'impossible-dates', value: 1 }, 'on')
  device.punch({ userId: '4711' })
  device.clearFaults()
  device.punch({ userId: '4711' })
  const deviceId = await site.addDevice('Gate of a name that is as long as such names become', {
    port: listener.port,
    tags: ['building-one', 'ground-floor'],
  })
  const locked = await site.device({ seed: 12, commKey: 5 })
  const lockedId = await site.addDevice('Vault', { port: locked.listener.port, comm_key: 6 })
  // Its job would pause where it met the lease of the poll; after a refusal the poll leaves it alone for minutes.
  const stateOf = async (id: number) => (await site.api('GET', `/api/v1/devices/${id}/standing`)).state
  await patiently.poll(() => stateOf(lockedId)).toBe('down')
  await site.installation.run(['attendance:live-sync', '--once'])
  const has = (path: string) => async () => ((await site.api('GET', path)).data as unknown[]).length > 0
  for (const path of ['attendance-logs', 'quarantined-records', 'jobs?state=failed'])
    await patiently.poll(has(`/api/v1/${path}`), path).toBe(true)
  const [log] = (await site.api('GET', '/api/v1/attendance-logs')).data as Array<{ id: number }>
  return { deviceId, logId: Number(log?.id) }
}

/** Every address below the frame. */
export function addressesOf({ deviceId, logId }: Furnished): readonly string[] {
  const tabs = ['logs', 'runs', 'coverage', 'people', 'clock', 'settings']
  return [
    '/',
    '/devices',
    '/devices/new',
    ...tabs.map(tab => `/devices/${deviceId}?tab=${tab}`),
    '/attendance',
    `/attendance?explain=${logId}`,
    '/queue?state=waiting',
    '/queue?state=failed',
    '/quarantine',
    '/quarantine?state=dismissed',
    ...['me', 'accounts', 'tokens', 'audit'].map(tab => `/settings?tab=${tab}`),
  ]
}

/** Those on which an admin changes things. */
export function changingAddressesOf({ deviceId }: Furnished): readonly string[] {
  return [
    '/devices',
    `/devices/${deviceId}?tab=settings`,
    '/queue?state=failed',
    '/quarantine',
    '/settings?tab=accounts',
    '/settings?tab=tokens',
  ]
}

/** For a test that opens all of them, on a busy machine. */
export const WALK = { timeout: 240_000 }

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { makeToken } from '../src/app/accounts.ts'
import { readConfig } from '../src/app/config.ts'
import { openRollcall, type Rollcall } from '../src/app/rollcall.ts'
import { systemClock } from '../src/base/clock.ts'
import { type Log, silentLog } from '../src/base/log.ts'
import { systemRandom } from '../src/base/random.ts'

/** As of a company with many doors; each of its devices knows everybody. */
export const SITE_DEVICES = 20

/** Everything that the server does for a page of logs, but that the answer is a text made before: what is measured against. */
export const CONSTANT = '/api/v1/constant'

/** A whole installation in a folder, on SQLite, as `rollcall serve` opens it. */
export async function openSite(folder: string, log: Log = silentLog): Promise<Rollcall> {
  return await openRollcall(siteConfig(folder), { clock: systemClock, random: systemRandom, log })
}

export function siteConfig(folder: string) {
  return readConfig({ environment: { ROLLCALL_STORAGE: folder }, workingDirectory: folder })
}

export function siteDatabase(folder: string): string {
  return join(folder, 'rollcall.db')
}

/** Devices, the names of their people, a token, and so many logs. */
export async function fillSite(folder: string, logs: number): Promise<{ token: string }> {
  // Not with this module: the servers that are measured load it too, and would load the drivers of all engines along.
  const { fillLargeTable, LARGE_TABLE_USERS } = await import('./large-table.ts')
  await using site = await openSite(folder)
  const { store } = site
  const address = { host: '127.0.0.1', transport: 'tcp', timezone: 'UTC', commKey: 0 } as const
  const wishes = { isActive: true, isLive: false, setsClock: false }
  // Each has a log at each device; of a small site, as few as that leaves.
  const people = Array.from({ length: Math.min(LARGE_TABLE_USERS, Math.ceil(logs / SITE_DEVICES)) }, (_, i) => ({
    uid: i + 1,
    userId: String(i + 1),
    name: `Person ${i + 1}`,
  }))
  for (let id = 1; id <= SITE_DEVICES; id++) {
    const device = await store.devices.add({ name: `Gate ${id}`, port: id, ...address, ...wishes })
    assert.equal(device.id, id)
    await store.people.record(id, people, { from: '2023-01-01 00:00:00', until: '2026-01-01 00:00:00' })
  }
  await fillLargeTable({ engine: 'sqlite', path: siteDatabase(folder) }, { logs, devices: SITE_DEVICES })
  const { secret } = await makeToken(store, 'bench', { name: 'bench', role: 'viewer' })
  return { token: secret }
}

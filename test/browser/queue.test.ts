import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import { BrowserSite, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'

/** So seldom that devices are read by jobs alone. */
const SELDOM_S = 3_600

describe.skipIf(!mayTestPages('failed jobs on their page'))('failed jobs', () => {
  let site: BrowserSite
  beforeAll(async () => {
    site = await BrowserSite.open({ interval: SELDOM_S })
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('stand there with their reason; once the devices are mended, one is retried, then all', async () => {
    const devices = await Promise.all(['Gate', 'Vault', 'Yard'].map(addRefusing))
    const { page, troubles } = await site.page('admin')
    await page.goto('/queue?state=failed')
    await patiently(page.getByText('No job has failed')).toBeVisible()
    assert.equal((await site.installation.run(['attendance:live-sync', '--once'])).status, 0)
    const table = page.getByRole('table', { name: 'Jobs that failed' })
    const rowOf = (name: string) => table.getByRole('row').filter({ hasText: name })
    for (const { name } of devices) {
      await patiently(rowOf(name)).toContainText('read the comm key in the device menu')
      await patiently(rowOf(name)).toContainText('COMM_KEY_REFUSED')
    }

    for (const { id } of devices) await site.api('PATCH', `/api/v1/devices/${id}`, { comm_key: 5 })
    await page.getByRole('button', { name: 'Retry: Vault' }).click()
    await patiently(rowOf('Vault')).toHaveCount(0)
    await patiently(page.getByRole('button', { name: 'Retry all 2 failed jobs' })).toBeVisible()
    await assertStored('Vault')

    await page.getByRole('button', { name: 'Retry all 2 failed jobs' }).click()
    const dialogue = page.getByRole('dialog', { name: 'Put failed jobs back?' })
    await patiently(dialogue).toContainText('2 jobs wait again, with all their tries.')
    await dialogue.getByRole('button', { name: 'Retry all 2 failed jobs' }).click()
    await patiently(dialogue).toHaveCount(0)
    await patiently(page.getByText('No job has failed')).toBeVisible()
    for (const { name } of devices) await assertStored(name)
    for (const count of ['0 Waiting', '0 Active', '0 Failed'])
      await patiently(page.getByRole('link', { name: count })).toBeVisible()
    assert.deepEqual(troubles, [])
  })

  async function addRefusing(
    name: string,
    index: number,
  ): Promise<{ name: string; id: number; device: VirtualDevice }> {
    const { device, listener } = await site.device({ seed: 20 + index, commKey: 5 })
    device.punch({ userId: '7' })
    const id = await site.addDevice(name, { port: listener.port, comm_key: 6 })
    // A job that meets the first read of the device waits its turn for longer than a test does.
    await expect
      .poll(async () => (await site.api('GET', `/api/v1/devices/${id}`)).status, { timeout: 20_000 })
      .toBe('failing')
    return { name, id, device }
  }

  /** Its one punch has come: the job was done. */
  async function assertStored(name: string): Promise<void> {
    const stored = async () => {
      const logs = (await site.api('GET', '/api/v1/attendance-logs')).data as Array<{ device: string }>
      return logs.filter(({ device }) => device === name).length
    }
    await patiently.poll(stored).toBe(1)
  }
})

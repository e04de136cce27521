import assert from 'node:assert/strict'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { BrowserSite, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'

/** Ids of the logs on the page, the newest first. */
async function shownLogs(page: Page): Promise<number[]> {
  const rows = page.locator('[data-log]')
  return await rows.evaluateAll(all => all.map(row => Number(row.getAttribute('data-log'))))
}

describe.skipIf(!mayTestPages('what open pages show while things happen'))('a page that stays open', () => {
  let site: BrowserSite
  beforeAll(async () => {
    site = await BrowserSite.open()
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('a punch appears without reload, on the overview, in the attendance and at its device', async () => {
    const { device, listener } = await site.device()
    const id = await site.addDevice('Gate', { port: listener.port, is_live: true })
    const pages = await Promise.all(['/', '/attendance', `/devices/${id}`].map(path => openAt(site, path)))
    for (const { page } of pages) await patiently(page.getByText('Live', { exact: true })).toBeVisible()
    for (const { page } of pages) await page.evaluate('globalThis.stayed = true')
    device.punch({ userId: '4711' })
    for (const { page } of pages) await patiently(page.locator('[data-log]').filter({ hasText: '4711' })).toBeVisible()
    for (const { page, troubles } of pages) {
      assert.deepEqual(troubles, [])
      assert.equal(await page.evaluate('globalThis.stayed'), true, 'the page was loaded anew')
    }
    await Promise.all(pages.map(({ page }) => page.context().close()))
  })

  test('a server that is started again: a banner meanwhile, and then everything that was missed', async () => {
    const { device, listener } = await site.device({ seed: 12 })
    const id = await site.addDevice('Yard', { port: listener.port, is_live: true })
    const { page, troubles } = await openAt(site, `/attendance?device=${id}`)
    device.punch({ userId: '1' })
    await patiently(page.locator('[data-log]')).toHaveCount(1)

    await site.stop()
    const banner = page.getByRole('alert').filter({ hasText: 'Live updates are interrupted' })
    await patiently(banner).toBeVisible()
    await patiently(page.locator('.data').first()).toHaveCSS('opacity', '0.72')
    // While nobody listens, people go on punching, and another process stores some of it.
    for (let user = 2; user <= 6; user++) device.punch({ userId: String(user) })
    assert.equal((await site.installation.run(['attendance:sync', '--once'])).status, 0)
    for (let user = 7; user <= 9; user++) device.punch({ userId: String(user) })

    await site.startAgain()
    await patiently(banner).toHaveCount(0)
    await patiently(page.locator('[data-log]')).toHaveCount(9)
    const stored = (await site.api('GET', `/api/v1/attendance-logs?device_id=${id}`)).data as Array<{ id: number }>
    assert.deepEqual(
      await shownLogs(page),
      stored.map(log => log.id),
    )
    assert.deepEqual(troubles, [])
  })

  test('what is opened while the server is away is there once it is back: a page, and what could not be read', async () => {
    const id = await site.addDevice('Shed', { port: (await site.device({ seed: 13 })).listener.port })
    const [{ page: device }, { page: list }] = [await openAt(site, `/devices/${id}`), await openAt(site, '/attendance')]
    for (const page of [device, list]) await patiently(page.getByText('Live', { exact: true })).toBeVisible()
    await site.stop()
    for (const page of [device, list]) await patiently(page.getByText('Live updates are interrupted')).toBeVisible()
    await device.getByRole('tab', { name: 'Settings' }).click()
    await list.getByRole('link', { name: 'Settings' }).click()

    await site.startAgain()
    await patiently(device.getByRole('textbox', { name: 'Name' })).toHaveValue('Shed')
    await patiently(list.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()

    await site.stop()
    await patiently(list.getByText('Live updates are interrupted')).toBeVisible()
    await list.getByRole('tab', { name: 'Accounts' }).click()
    await patiently(list.getByText('The server does not answer.')).toBeVisible()
    await list.getByRole('button', { name: 'admin@' }).click()
    await list.getByRole('menuitem', { name: 'Sign out' }).click()
    await patiently(list.getByText('Do it again when it is back.')).toBeVisible()
    await site.startAgain()
    await patiently(list.getByRole('table').getByText('admin@')).toBeVisible()
  })
})

async function openAt(site: BrowserSite, path: string) {
  const opened = await site.page('admin')
  await opened.page.goto(path)
  return opened
}

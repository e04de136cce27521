import assert from 'node:assert/strict'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { BrowserSite, PASSWORD, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'

/** Slow enough that each stage of a test is seen by itself: some 40 bytes of an answer take a quarter of a second. */
const SLOW = { name: 'slow-20kb', value: 160 } as const

describe.skipIf(!mayTestPages('the way from the first start to a punch'))('a first start', () => {
  let site: BrowserSite
  beforeAll(async () => {
    site = await BrowserSite.open()
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('from the link of the console to a punch on the overview; the link works once', async () => {
    const { device, listener } = await site.device({ faults: [SLOW] })
    const { page, troubles } = await site.page('nobody', { timezoneId: 'UTC' })
    await page.goto(site.firstAdminLink)
    await makeAccount(page, 'first@example.org')

    await patiently(page.getByText('No devices yet')).toBeVisible()
    await patiently(page.getByText('you need its address in the network')).toBeVisible()
    await page.getByRole('link', { name: 'Add the first device' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Main Entrance')
    await page.getByRole('textbox', { name: 'Address' }).fill('127.0.0.1')
    await page.getByRole('textbox', { name: 'Port' }).fill(String(listener.port))
    const seen = await watchStages(page)
    await page.getByRole('button', { name: 'Test Connection' }).click()

    await patiently(page.getByRole('alert').filter({ hasText: 'Touch the device now' })).toBeVisible()
    assertOneByOne(await seen())
    device.setFault(SLOW, 'off')
    device.punch({ userId: '4711' })
    const stages = page.getByRole('list', { name: 'Stages of the test' }).getByRole('listitem')
    await patiently(stages.filter({ hasText: 'A punch' })).toContainText('OK')
    await patiently(page.getByRole('heading', { name: 'The device can be read' })).toBeVisible()
    await page.getByRole('button', { name: 'Save device' }).click()

    await patiently(page.getByRole('heading', { level: 1, name: 'Main Entrance' })).toBeVisible()
    await patiently(page.getByRole('link', { name: /Explain the punch of 4711/ })).toBeVisible()
    await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Overview' }).click()
    await patiently(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    await patiently(page.getByRole('link', { name: /Explain the punch of 4711/ })).toBeVisible()
    assert.deepEqual(troubles, [])

    const second = await site.page('nobody')
    await second.page.goto(site.firstAdminLink)
    await fillAccount(second.page, 'second@example.org')
    await patiently(second.page.getByRole('alert')).toContainText('LINK_REFUSED')
    assert.equal(new URL(second.page.url()).pathname, '/first-admin')
    assert.deepEqual(second.troubles, [])
  })
})

async function makeAccount(page: Page, email: string): Promise<void> {
  await fillAccount(page, email)
  await patiently(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  assert(!page.url().includes('#'), 'the secret of the link is gone from the address')
}

async function fillAccount(page: Page, email: string): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email)
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD)
  await page.getByRole('textbox', { name: 'Password again' }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Make the account and go on' }).click()
}

/** Notes what the status line says from now on. */
async function watchStages(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`
    globalThis.said = []
    new MutationObserver(() => {
      for (const status of document.querySelectorAll('main [role="status"]')) {
        if (!said.includes(status.textContent)) said.push(status.textContent)
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
  `)
  return () => page.evaluate<string[]>('globalThis.said')
}

/** Some stages are over in no time; those that wait for the device are told as they begin, in their order. */
function assertOneByOne(said: readonly string[]): void {
  const order = ['Greeting', 'Model and serial number', 'Firmware', 'Clock', 'Counters and memory', 'A punch']
  const begun = said.map(text => text.replace('The test is under way: ', '').replace(/\.$/, ''))
  assert.deepEqual(
    begun.filter(stage => order.includes(stage)),
    order,
    said.join(' | '),
  )
}

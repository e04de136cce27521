import assert from 'node:assert/strict'
import type { Locator, Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { BrowserSite, PASSWORD, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'
import { openWhole } from './open-whole.ts'

/** More stops than any of these pages has. */
const STOPS_MAX = 150
const ITEMS_MAX = 50

/** What has the focus: its name for people, whether it can be seen to have it, and whether it is the page itself. */
const FOCUSED = `(() => {
  const element = document.activeElement
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
  const { width, height } = element.getBoundingClientRect()
  const isMarked = (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
  return {
    name: element.tagName + ' ' + (element.getAttribute('aria-label') ?? element.textContent).slice(0, 60),
    isSeen: isMarked && width > 0 && height > 0,
    isNone: element === document.body || element === document.documentElement,
  }
})()`
interface Focused {
  readonly name: string
  readonly isSeen: boolean
  readonly isNone: boolean
}

describe.skipIf(!mayTestPages('the pages by keyboard'))('by keyboard alone', () => {
  let site: BrowserSite
  beforeAll(async () => {
    site = await BrowserSite.open()
    const { device, listener } = await site.device()
    device.punch({ userId: '4711' })
    await site.addDevice('Gate', { port: listener.port, tags: ['ground-floor'] })
    const hasLog = async () => ((await site.api('GET', '/api/v1/attendance-logs')).data as unknown[]).length
    await patiently.poll(hasLog).toBe(1)
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('one signs in, opens a device, has a punch explained, pauses the device and signs out', async () => {
    const { page, troubles } = await site.page('nobody')
    const { keyboard } = page
    await page.goto('/')
    await patiently(page.getByRole('textbox', { name: 'E-mail address' })).toBeFocused()
    await keyboard.type('admin@example.org')
    await tabTo(page, page.getByRole('textbox', { name: 'Password' }))
    await keyboard.type(PASSWORD)
    await keyboard.press('Enter')
    await patiently(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()

    await openByKey(page, page.getByRole('navigation').getByRole('link', { name: 'Devices' }))
    await patiently(page.getByRole('heading', { level: 1, name: 'Devices' })).toBeVisible()
    await openByKey(page, page.getByRole('link', { name: 'Gate' }))
    await patiently(page.getByRole('heading', { level: 1, name: 'Gate' })).toBeVisible()

    await openByKey(page, page.getByRole('navigation').getByRole('link', { name: 'Attendance' }))
    const punch = page.getByRole('link', { name: /Explain the punch of 4711/ })
    await openByKey(page, punch)
    const explained = page.getByRole('dialog', { name: /Punch of 4711 at/ })
    await patiently(explained).toBeVisible()
    await keyboard.press('Escape')
    await patiently(explained).toHaveCount(0)
    await patiently(punch).toBeFocused()

    await pause(page)
    await openByKey(page, page.getByRole('button', { name: 'admin@example.org, Admin' }))
    await patiently(page.getByRole('menu')).toBeVisible()
    await arrowTo(page, page.getByRole('menuitem', { name: 'Sign out' }))
    await keyboard.press('Enter')
    await patiently(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    assert.deepEqual(troubles, [])
  })

  for (const path of ['/', '/devices'])
    test(`each stop of the focus is seen: ${path}`, async () => {
      const { page, troubles } = await site.page('admin')
      await openWhole(page, path)
      await patiently(
        page.getByRole('main').getByRole('link', { name: 'Gate' }).or(page.getByText('4711')).first(),
      ).toBeVisible()
      await page.keyboard.press('Tab')
      await patiently(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
      const stops = await walk(page)
      assert.deepEqual(
        stops.filter(({ isSeen }) => !isSeen),
        [],
      )
      assert(stops.length > 15 && stops.length < STOPS_MAX, `${stops.length} stops`)
      assert.deepEqual(troubles, [])
    })

  test('the first stop skips to the content', async () => {
    const { page, troubles } = await site.page('admin')
    await openWhole(page, '/devices')
    await page.keyboard.press('Tab')
    await patiently(page.getByRole('link', { name: 'Skip to the content' })).toBeInViewport()
    await page.keyboard.press('Enter')
    await patiently(page.getByRole('main')).toBeFocused()
    await page.keyboard.press('Tab')
    await patiently(page.getByRole('link', { name: 'Add device' })).toBeFocused()
    assert.deepEqual(troubles, [])
  })
})

/** Through its box in the list, and the question that follows. */
async function pause(page: Page): Promise<void> {
  const { keyboard } = page
  await openByKey(page, page.getByRole('navigation').getByRole('link', { name: 'Devices' }))
  await tabTo(page, page.getByRole('checkbox', { name: 'Select Gate' }))
  await keyboard.press('Space')
  const button = page
    .getByRole('region', { name: 'What is done with the selected devices' })
    .getByRole('button', { name: 'Pause' })
  await openByKey(page, button)
  const dialogue = page.getByRole('dialog', { name: 'Pause 1 device?' })
  await patiently(dialogue.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await keyboard.press('Tab')
  await patiently(dialogue.getByRole('button', { name: 'Pause' })).toBeFocused()
  await keyboard.press('Enter')
  await patiently(dialogue).toHaveCount(0)
  await patiently(page.getByRole('table').getByText('Paused')).toBeVisible()
}

async function openByKey(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('Enter')
}

/** A menu takes the focus a moment after it is seen. */
async function arrowTo(page: Page, target: Locator): Promise<void> {
  for (let item = 0; item < ITEMS_MAX; item++) {
    await page.keyboard.press('ArrowDown')
    if (await target.evaluate(element => element === element.ownerDocument.activeElement)) return
  }
  assert.fail(`no arrow leads to ${target}`)
}

async function tabTo(page: Page, target: Locator): Promise<void> {
  await patiently(target.first()).toBeVisible()
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    if (await target.first().evaluate(element => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`no Tab leads to ${target}`)
}

/** Every stop from the present one to the end of the page. */
async function walk(page: Page): Promise<Focused[]> {
  const stops: Focused[] = []
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    const focused = await page.evaluate<Focused>(FOCUSED)
    if (focused.isNone || (stop > 0 && focused.name === stops[0]?.name)) break
    stops.push(focused)
    await page.keyboard.press('Tab')
  }
  return stops
}

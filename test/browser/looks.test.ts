import assert from 'node:assert/strict'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { BrowserSite, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'
import { addressesOf, changingAddressesOf, type Furnished, furnish, WALK } from './furnish.ts'
import { openWhole } from './open-whole.ts'

const PHONE = { width: 390, height: 844 }
const ARABIC = 'العربية'

describe.skipIf(!mayTestPages('the pages on phones, in the dark and from right to left'))('how the pages look', () => {
  let site: BrowserSite
  let furnished: Furnished
  beforeAll(async () => {
    site = await BrowserSite.open()
    furnished = await furnish(site)
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('on a phone no page scrolls sideways, in either direction of writing, and the menu leads on', WALK, async () => {
    const { page, troubles } = await site.page('admin', { viewport: PHONE })
    const assertFits = async (path: string) => {
      await openWhole(page, path)
      assert.equal(await page.evaluate(SIDEWAYS), 0, path)
    }
    for (const path of addressesOf(furnished)) await assertFits(path)
    await page.evaluate(`localStorage.setItem('rollcall-language', 'ar')`)
    for (const path of changingAddressesOf(furnished)) await assertFits(path)
    await page.evaluate(`localStorage.setItem('rollcall-language', 'en')`)
    await openWhole(page, '/')
    const devices = page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Devices' })
    await patiently(devices).not.toBeInViewport()
    await page.getByRole('button', { name: 'Menu' }).click()
    await devices.click()
    await patiently(page.getByRole('heading', { level: 1, name: 'Devices' })).toBeVisible()
    await patiently(devices).not.toBeInViewport()
    assert.deepEqual(troubles, [])
  })

  test('dark follows the system, until somebody chooses; the choice is kept, and nothing flashes', async () => {
    const { page, troubles } = await site.page('admin', { colorScheme: 'dark' })
    await openWhole(page, '/')
    assert.equal(await schemeOf(page), 'dark')
    await chooseTheme(page, 'Light')
    assert.equal(await schemeOf(page), 'light')
    await openWhole(page, '/devices')
    assert.equal(await schemeOf(page), 'light')
    assert.equal(await schemeBefore(page), 'light')

    await chooseTheme(page, 'As the system')
    assert.equal(await schemeOf(page), 'dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await patiently.poll(() => schemeOf(page)).toBe('light')
    await chooseTheme(page, 'Dark')
    assert.equal(await schemeBefore(page), 'dark')
    assert.equal(await schemeOf(page), 'dark')
    assert.deepEqual(troubles, [])
  })

  test('Arabic runs from right to left, in Arabic words, also after a reload', async () => {
    const { page, troubles } = await site.page('admin')
    await openWhole(page, '/devices')
    await page.getByRole('button', { name: 'Language' }).click()
    await page.getByRole('menuitemradio', { name: ARABIC }).click()
    await patiently(page.getByRole('heading', { level: 1, name: 'الأجهزة' })).toBeVisible()
    await page.reload()
    await patiently(page.getByRole('heading', { level: 1, name: 'الأجهزة' })).toBeVisible()
    await patiently(page.locator('html')).toHaveAttribute('dir', 'rtl')
    await patiently(page.locator('html')).toHaveAttribute('lang', 'ar')
    // The menu stands where a line begins.
    const box = await page.getByRole('navigation').first().boundingBox()
    assert(box !== null && box.x > 0, JSON.stringify(box))
    await page.locator('html[lang="ar"] header button[aria-haspopup="menu"]').nth(1).click()
    await page.getByRole('menuitemradio', { name: 'English' }).click()
    await patiently(page.getByRole('heading', { level: 1, name: 'Devices' })).toBeVisible()
    await patiently(page.locator('html')).toHaveAttribute('dir', 'ltr')
    assert.deepEqual(troubles, [])
  })
})

/** How far the page can be scrolled sideways. */
const SIDEWAYS = 'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)'

async function chooseTheme(page: Page, theme: string): Promise<void> {
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitemradio', { name: theme }).click()
  // It stays open, so that one can look at each.
  await page.keyboard.press('Escape')
  await patiently(page.getByRole('menu')).toHaveCount(0)
}

/** What is set, which must also be what is painted. */
async function schemeOf(page: Page): Promise<string> {
  const [set, painted] = await page.evaluate<[string, string]>(
    `[document.documentElement.dataset.mantineColorScheme, getComputedStyle(document.documentElement).colorScheme]`,
  )
  assert.equal(painted, set)
  return set
}

/** The same after a reload in which the application never comes; then it comes. */
async function schemeBefore(page: Page): Promise<string> {
  const scripts = '**/assets/*.js'
  await page.route(scripts, route => route.abort())
  await page.reload()
  assert.equal(await page.locator('h1').count(), 0, 'the application has not run')
  const scheme = await schemeOf(page)
  await page.unroute(scripts)
  await page.reload()
  await patiently(page.locator('h1')).toBeVisible()
  return scheme
}

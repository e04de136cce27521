import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { describe, test } from 'vitest'
import { isLong } from '../long.ts'
import { freePort } from '../servers/free-port.ts'
import { BrowserSite, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'

/** What is shown differs between the widths, and the colours between the themes. */
const LOOKS = [
  { colorScheme: 'light', width: 1200 },
  { colorScheme: 'dark', width: 390 },
] as const
const ALL = isLong(
  'axe on most tabs and dialogues, and on each page in the other one of light on a desk and dark on a phone',
)
/** A shared machine may be ten times slower than the minute that all of it takes. */
const ENOUGH_MS = 600_000
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface View {
  readonly path: string
  /** What is opened before one looks. */
  readonly act?: (page: Page) => Promise<void>
  /** One of each page is looked at in the short version, too. */
  readonly isMain?: true
  /** The whole list of views is looked at as an admin, save these. */
  readonly asNobody?: true
}

describe.skipIf(!mayTestPages('whether everybody can use the pages'))(
  'axe finds nothing',
  { timeout: ENOUGH_MS },
  () => {
    test('on pages that have nothing to show', async () => {
      await using site = await BrowserSite.open({ killAfterMs: ENOUGH_MS })
      const { pathname, hash } = new URL(site.firstAdminLink)
      const found = await lookAtAll(site, [
        { path: `${pathname}${hash}`, asNobody: true },
        { path: '/sign-in', asNobody: true },
        ...['/', '/devices', '/attendance', '/queue', '/quarantine', '/settings?tab=tokens', '/nowhere'].map(path => ({
          path,
        })),
      ])
      assert.deepEqual(found, [])
    })

    test('on pages that have something to show', async () => {
      await using site = await BrowserSite.open({ killAfterMs: ENOUGH_MS })
      const { id, downId, untouchedPort } = await seed(site)
      const [newest] = (await site.api('GET', '/api/v1/attendance-logs?limit=1')).data as Array<{ id: number }>
      const found = await lookAtAll(site, [
        { path: '/', isMain: true },
        { path: '/devices', act: page => page.getByRole('checkbox').first().check(), isMain: true },
        { path: `/devices/${downId}`, isMain: true },
        ...['logs', 'runs', 'coverage', 'people', 'clock', 'settings'].map(tab => ({
          path: `/devices/${id}?tab=${tab}`,
        })),
        { path: `/devices/${id}`, act: pressTest },
        {
          path: '/devices/new',
          act: page => page.getByRole('button', { name: 'Test Connection' }).click(),
          isMain: true,
        },
        { path: '/devices/new', act: page => untilTouch(page, untouchedPort) },
        { path: `/attendance?device=[${id}]&user=1&since=2020-01-01T00:00:00.000Z` },
        { path: `/attendance?explain=${newest?.id}`, isMain: true },
        { path: '/attendance?explain=999999999' },
        { path: '/queue', isMain: true },
        { path: '/quarantine', act: openDismissal, isMain: true },
        ...['me', 'accounts', 'tokens', 'audit'].map(tab => ({ path: `/settings?tab=${tab}` })),
        {
          path: '/settings?tab=accounts',
          act: page => page.getByRole('button', { name: 'Add an account' }).click(),
          isMain: true,
        },
      ])
      assert.deepEqual(found, [])
    })

    test.skipIf(!ALL)('on pages whose data do not come', async () => {
      await using site = await BrowserSite.open({ killAfterMs: ENOUGH_MS })
      const { page } = await site.page('admin')
      await page.route(/api\/v1\/(overview|device-standings|attendance-logs|jobs|quarantined-records)/, route =>
        route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{}' }),
      )
      const found: string[] = []
      for (const [index, path] of ['/', '/devices', '/attendance', '/queue', '/quarantine'].entries()) {
        await page.goto(path)
        await patiently(page.getByRole('alert').first()).toBeVisible()
        found.push(...(await lookAt(page, looksOf(index), path)))
      }
      assert.deepEqual(found, [])
    })
  },
)

/** A device with people, punches and a record that cannot be one; one that is not there; one at which nobody punches. */
async function seed(site: BrowserSite) {
  const { device, listener } = await site.device()
  device.addPeople(6)
  device.setFault({ name: 'impossible-dates', value: 1 }, 'on')
  device.fillLog(1)
  device.setFault('impossible-dates', 'off')
  device.fillLog(12)
  const id = await site.addDevice('Main Entrance', { port: listener.port, is_live: true, tags: ['north'] })
  const downId = await site.addDevice('Back Door', { port: await freePort() })
  await site.api('POST', '/api/v1/tokens', { name: 'payroll', role: 'viewer' })
  const { page } = await site.page('admin')
  await page.goto(`/devices/${downId}`)
  await patiently(page.getByText('Down', { exact: true }).first()).toBeVisible()
  await page.goto('/quarantine')
  await patiently(page.getByRole('link', { name: 'Main Entrance' }).first()).toBeVisible()
  await page.context().close()
  const untouched = await site.device({ seed: 12 })
  return { id, downId, untouchedPort: untouched.listener.port }
}

async function pressTest(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Test Connection' }).click()
  await patiently(page.getByText('The test has ended.')).toBeVisible()
}

async function untilTouch(page: Page, port: number): Promise<void> {
  await page.getByLabel('Name').fill('Side Gate')
  await page.getByLabel('Address').fill('127.0.0.1')
  await page.getByRole('textbox', { name: 'Port' }).fill(String(port))
  await page.getByRole('button', { name: 'Test Connection' }).click()
  await patiently(page.getByText('Touch the device now')).toBeVisible()
}

async function openDismissal(page: Page): Promise<void> {
  await page.getByRole('checkbox').last().check()
  await page.getByRole('button', { name: 'Dismiss 1 record' }).click()
  await patiently(page.getByRole('dialog')).toBeVisible()
}

async function lookAtAll(site: BrowserSite, views: readonly View[]): Promise<string[]> {
  const found: string[] = []
  // Nobody comes first: at the first start that is how the way in is seen.
  for (const role of ['nobody', 'admin'] as const) {
    const { page, troubles } = await site.page(role)
    const taken = views.filter(({ isMain, asNobody }) => ALL || isMain || asNobody)
    for (const view of taken.filter(({ asNobody }) => (asNobody === true) === (role === 'nobody'))) {
      await page.setViewportSize({ width: LOOKS[0].width, height: 900 })
      await page.goto(view.path)
      await patiently(page.getByRole('heading', { level: 1 })).toBeVisible()
      await patiently(page.locator('.mantine-Skeleton-root')).toHaveCount(0)
      await view.act?.(page)
      found.push(...(await lookAt(page, looksOf(views.indexOf(view)), view.path)))
    }
    found.push(...troubles)
    await page.context().close()
  }
  return found
}

type Look = (typeof LOOKS)[number]

/** Both, or one after the other in turns. */
function looksOf(index: number): readonly Look[] {
  return ALL ? LOOKS : LOOKS.slice(index % LOOKS.length, (index % LOOKS.length) + 1)
}

/** What somebody could not read, reach or understand there, each with the place and the width and theme. */
async function lookAt(page: Page, looks: readonly Look[], path: string): Promise<string[]> {
  const found: string[] = []
  for (const { colorScheme, width } of looks) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await patiently(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze()
    for (const { id, impact, nodes } of violations) {
      for (const { target, failureSummary } of nodes.slice(0, 3))
        found.push(`${path} ${colorScheme} ${width}: ${id} (${impact}) ${target.join(' ')}: ${failureSummary}`)
    }
    const excess = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'))
    if (excess > 0) found.push(`${path} at ${width}: ${excess} px too wide`)
  }
  return found
}

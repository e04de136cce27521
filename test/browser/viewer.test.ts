import assert from 'node:assert/strict'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { BrowserSite, PASSWORD } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'
import { addressesOf, changingAddressesOf, type Furnished, furnish, WALK } from './furnish.ts'
import { openWhole } from './open-whole.ts'

/** What a viewer may press: it looks at things, or changes the own password. A new button belongs here or is for admins. */
const LOOKS =
  /^(Device|State|Last punch|Last contact|Records|Memory|Clock)( [↑↓])?$|^(Export|No filters|Close|Today|Yesterday|7 days|30 days|Filters|Copy|Change the password|Show what is typed)/
/** What an admin finds on those pages, so that the walk is known to see it. */
const CHANGES = [
  'link Add device',
  // Or Syncing, at the moment.
  'button Sync',
  'button Test Connection',
  'button Pause',
  'button Save',
  'button Remove device',
  'switch Live punches',
  'checkbox Select Vault',
  'button Retry: ',
  'button Retry the failed job',
  'button Decode again',
  'button Add an account',
  'button Make a token',
]

describe.skipIf(!mayTestPages('what a viewer sees'))('a viewer', () => {
  let site: BrowserSite
  let furnished: Furnished
  beforeAll(async () => {
    site = await BrowserSite.open()
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('is led to no change where nothing is there yet', async () => {
    const { page, troubles } = await site.page('viewer')
    for (const path of ['/', '/devices', '/attendance', '/quarantine']) {
      await openWhole(page, path)
      assert.deepEqual((await controlsOf(page)).filter(changes), [], path)
    }
    assert.deepEqual(troubles, [])
  })

  test('sees every page, and nothing on it that changes anything', WALK, async () => {
    furnished = await furnish(site)
    const viewer = await site.page('viewer')
    const admin = await site.page('admin')
    const offered = new Set<string>()
    for (const path of addressesOf(furnished)) {
      await openWhole(viewer.page, path)
      assert.deepEqual((await controlsOf(viewer.page)).filter(changes), [], path)
    }
    for (const path of changingAddressesOf(furnished)) {
      await openWhole(admin.page, path)
      for (const control of await controlsOf(admin.page)) offered.add(control)
    }
    for (const change of CHANGES)
      assert(
        [...offered].some(one => one.startsWith(change)),
        `${change} in ${[...offered]}`,
      )
    assert.deepEqual([...viewer.troubles, ...admin.troubles], [])
  })

  test('is refused every change that is asked for from inside the page', async () => {
    const { page, troubles } = await site.page('viewer')
    await openWhole(page, '/devices')
    const before = await site.api('GET', '/api/v1/audit-log')
    const bodies = bodiesOf(furnished)
    const changing = await changingRoutes()
    assert.deepEqual(changing, [...Object.keys(bodies)].sort(), 'each route that changes something is tried')
    for (const route of changing) {
      const [method = '', path = ''] = route.split(' ')
      const answer = await askFrom(page, method, path.replace(/\{\w+\}/, '1'), bodies[route])
      assert.deepEqual(answer, { status: 403, code: 'NOT_ALLOWED' }, route)
    }
    assert.deepEqual(await site.api('GET', '/api/v1/audit-log'), before)
    assert.deepEqual(troubles, [])
  })

  /** All but those that sign in and out, and change the own password. */
  async function changingRoutes(): Promise<string[]> {
    const { paths } = await site.api('GET', '/openapi.json')
    const all = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter(method => ['post', 'put', 'patch', 'delete'].includes(method))
        .map(method => `${method.toUpperCase()} ${path}`),
    )
    const own = ['/api/v1/session', '/api/v1/session/password', '/api/v1/first-admin']
    return all.filter(route => !own.includes(route.split(' ')[1] ?? '')).sort()
  }
})

/** Every control of the page itself, as a screen reader tells it: `button Sync now`. */
async function controlsOf(page: Page): Promise<string[]> {
  // A dialogue hides everything else from it. A name with a colon puts its line in quotation marks.
  const tree = await page.locator('body').ariaSnapshot()
  const found = tree.matchAll(/- '?(button|link|checkbox|switch|menuitem|combobox)(?: "([^"]*)")?/g)
  return [...found].map(([, role, name = '']) => `${role} ${name}`)
}

function changes(control: string): boolean {
  const [role = '', ...words] = control.split(' ')
  const name = words.join(' ')
  if (role === 'checkbox' || role === 'switch') return true
  if (role === 'link') return /^(Add|Make|Remove)/.test(name)
  if (role !== 'button') return false
  const isOfFrame = /^(Theme|Language|Menu|viewer@|Try now)/.test(name)
  return !isOfFrame && !LOOKS.test(name)
}

function bodiesOf({ deviceId }: Furnished): Record<string, object | null> {
  const target = { host: '127.0.0.1', port: 4370 }
  const all = { ids: [deviceId] }
  return {
    'POST /api/v1/devices': { name: 'Mine', timezone: 'UTC', ...target },
    'PATCH /api/v1/devices/{id}': { is_active: false },
    'DELETE /api/v1/devices/{id}': null,
    'POST /api/v1/devices/actions': { action: 'pause', ...all },
    'POST /api/v1/devices/test': target,
    'POST /api/v1/devices/{id}/test': {},
    'POST /api/v1/devices/{id}/sync': null,
    'POST /api/v1/quarantined-records/{id}/decode': null,
    'POST /api/v1/quarantined-records/dismiss': { ids: [1], note: 'nothing' },
    'POST /api/v1/jobs/retry': { all: true },
    'POST /api/v1/accounts': { email: 'mine@example.org', role: 'admin', password: PASSWORD },
    'PATCH /api/v1/accounts/{id}': { role: 'admin' },
    'DELETE /api/v1/accounts/{id}': null,
    'POST /api/v1/tokens': { name: 'mine', role: 'admin' },
    'DELETE /api/v1/tokens/{id}': null,
  }
}

function askFrom(page: Page, method: string, path: string, body: object | null | undefined): Promise<unknown> {
  const init = {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  }
  return page.evaluate(`fetch(${JSON.stringify(path)}, ${JSON.stringify(init)})
    .then(async answer => ({ status: answer.status, code: (await answer.json()).code }))`)
}

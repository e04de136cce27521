import assert from 'node:assert/strict'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { BrowserSite, PASSWORD, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'

/** A stream of events hears of the end of its session within 15 s. */
const END_HEARD_MS = 60_000

describe.skipIf(!mayTestPages('signing in on the page'))('signing in', () => {
  let site: BrowserSite
  let deviceId: number
  beforeAll(async () => {
    site = await BrowserSite.open()
    const { listener } = await site.device()
    deviceId = await site.addDevice('Gate', { port: listener.port })
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('leads on to where one wanted to go; a wrong password is told', async () => {
    // Its account is made.
    await site.page('viewer')
    const { page, troubles } = await site.page('nobody')
    const urls = urlsOf(page)
    await page.goto('/devices?q=Gate')
    await patiently(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    await signIn(page, 'not the password')
    await patiently(page.getByRole('alert')).toContainText('SIGN_IN_REFUSED')
    await signIn(page, PASSWORD)
    await patiently(page.getByRole('heading', { level: 1, name: 'Devices' })).toBeVisible()
    await patiently(page.getByRole('searchbox', { name: 'Search' })).toHaveValue('Gate')
    assert.deepEqual(secretsIn(urls, [PASSWORD, 'not the password']), [])
    assert.deepEqual(troubles, [])
  })

  test('an address of elsewhere behind `next` is not followed', async () => {
    const { page, troubles } = await site.page('nobody')
    await page.goto('/sign-in?next=%2F%2Fevil.example%2F')
    await signIn(page, PASSWORD)
    await patiently(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    assert.equal(page.url(), `${site.origin}/`)
    assert.deepEqual(troubles, [])
  })

  test('a session that ends while a page is open: the reason, and then the same page again', async () => {
    const { page, troubles } = await site.page('nobody')
    await page.goto(`/devices/${deviceId}?tab=runs`)
    await signIn(page, PASSWORD)
    const runs = page.getByRole('tab', { name: 'Runs', selected: true })
    await patiently(runs).toBeVisible()
    await patiently(page.getByText('Live', { exact: true })).toBeVisible()
    await endSession(page)
    await patiently(page.getByText('Your session has ended. Sign in to go on.')).toBeVisible({ timeout: END_HEARD_MS })
    await signIn(page, PASSWORD)
    await patiently(runs).toBeVisible()
    assert.deepEqual(troubles, [])
  })

  test('a token is shown once, and stands in no address', async () => {
    const { page, troubles } = await site.page('admin')
    const urls = urlsOf(page)
    await page.goto('/settings?tab=tokens')
    await page.getByRole('button', { name: 'Make a token' }).click()
    const dialogue = page.getByRole('dialog')
    await dialogue.getByRole('textbox', { name: 'Name' }).fill('payroll')
    await dialogue.getByRole('button', { name: 'Make a token' }).click()
    const made = dialogue.getByText(/^rollcall_\S+$|^rc_\S+$/)
    await patiently(made).toBeVisible()
    const token = await made.innerText()
    const answer = await fetch(`${site.origin}/api/v1/devices`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(answer.status, 200)
    await page.keyboard.press('Escape')
    await patiently(page.getByRole('table', { name: 'API tokens' })).toContainText('payroll')
    await page.reload()
    await patiently(page.getByRole('table', { name: 'API tokens' })).toContainText('payroll')
    assert(!(await page.content()).includes(token), 'it is not shown again')
    assert.deepEqual(secretsIn(urls, [token]), [])
    assert.deepEqual(troubles, [])
  })

  /** As another window of the same person does that signs out. */
  async function endSession(page: Page): Promise<void> {
    const [cookie] = await page.context().cookies()
    const headers = { origin: site.origin, cookie: `${cookie?.name}=${cookie?.value}` }
    const { status } = await fetch(`${site.origin}/api/v1/session`, { method: 'DELETE', headers })
    assert.equal(status, 204)
  }
})

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill('viewer@example.org')
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Every address that the window is at or asks for, from now on. */
function urlsOf(page: Page): string[] {
  const urls: string[] = []
  page.on('request', request => urls.push(request.url()))
  page.on('framenavigated', frame => urls.push(frame.url()))
  return urls
}

function secretsIn(urls: readonly string[], secrets: readonly string[]): string[] {
  assert(urls.length > 0)
  return urls.filter(url => secrets.some(secret => decodeURIComponent(url).includes(secret)))
}

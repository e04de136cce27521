import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserSite, patiently } from './browser-site.ts'
import { mayTestPages } from './chromium.ts'

describe.skipIf(!mayTestPages('a comm key that is mended on the page'))('a wrong comm key', () => {
  let site: BrowserSite
  beforeAll(async () => {
    site = await BrowserSite.open()
  })
  afterAll(async () => await site[Symbol.asyncDispose]())

  test('is told with its cause and what to do; mended in the form, the device is saved and read', async () => {
    const { device, listener } = await site.device({ commKey: 5 })
    device.punch({ userId: '815' })
    const { page, troubles } = await site.page('admin', { timezoneId: 'UTC' })
    await page.goto('/devices/new')
    await page.getByRole('textbox', { name: 'Name' }).fill('Vault')
    await page.getByRole('textbox', { name: 'Address' }).fill('127.0.0.1')
    await page.getByRole('textbox', { name: 'Port' }).fill(String(listener.port))
    const commKey = page.getByRole('textbox', { name: 'Comm key' })
    await commKey.fill('6')
    await page.getByRole('button', { name: 'Test Connection' }).click()

    await patiently(page.getByRole('heading', { name: 'Something does not work' })).toBeVisible()
    const stages = page.getByRole('list', { name: 'Stages of the test' }).getByRole('listitem')
    const refused = stages.filter({ hasText: 'COMM_KEY_REFUSED' })
    await patiently(refused.first()).toContainText('Cause: the device rejected the comm key, or needs one')
    await patiently(refused.first()).toContainText('What to do: read the comm key in the device menu')
    await page.getByRole('button', { name: 'Back to the settings' }).click()

    await patiently(commKey).toBeFocused()
    await patiently(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Vault')
    await commKey.fill('5')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'I cannot touch it now' }).click()
    await patiently(page.getByRole('heading', { name: 'The device can be read' })).toBeVisible()
    await page.getByRole('button', { name: 'Save device' }).click()

    await patiently(page.getByRole('heading', { level: 1, name: 'Vault' })).toBeVisible()
    await patiently(page.getByText('Online', { exact: true })).toBeVisible()
    await patiently(page.getByRole('link', { name: /Explain the punch of 815/ })).toBeVisible()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await patiently(page.getByText('There is one. It is never shown.')).toBeVisible()
    assert.deepEqual(troubles, [])
  })

  test('settings that were changed are not lost by a look at another tab', async () => {
    const { listener } = await site.device({ seed: 12 })
    const id = await site.addDevice('Yard', { port: listener.port })
    const { page, troubles } = await site.page('admin')
    await page.goto(`/devices/${id}?tab=settings`)
    const name = page.getByRole('textbox', { name: 'Name' })
    await name.fill('Back Yard')
    const asked: string[] = []
    let isLeft = false
    page.on('dialog', async dialog => {
      asked.push(dialog.message())
      await (isLeft ? dialog.accept() : dialog.dismiss())
    })
    await page.getByRole('tab', { name: 'Runs' }).click()
    await patiently(name).toHaveValue('Back Yard')
    assert.deepEqual(asked, ['What you changed in the settings is not saved. Leave it behind?'])
    // Nothing is left by the link that leads past the menu; signing out is asked about before it is done.
    await page.getByRole('link', { name: 'Skip to the content' }).focus()
    await page.keyboard.press('Enter')
    assert.equal(asked.length, 1)
    await page.getByRole('button', { name: 'admin@' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect.poll(() => asked.length).toBe(2)
    assert.equal((await page.request.get('/api/v1/session')).status(), 200)

    isLeft = true
    await page.getByRole('tab', { name: 'Runs' }).click()
    await patiently(page.getByRole('tabpanel', { name: 'Runs' })).toBeVisible()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await patiently(name).toHaveValue('Yard')

    // What is saved, or as it was, is left without a question.
    await name.fill('Court')
    await page.getByRole('button', { name: 'Save' }).click()
    await patiently(page.getByRole('heading', { level: 1, name: 'Court' })).toBeVisible()
    await page.getByRole('tab', { name: 'Runs' }).click()
    await patiently(page.getByRole('tabpanel', { name: 'Runs' })).toBeVisible()
    assert.equal(asked.length, 3)
    assert.deepEqual(troubles, [])
  })
})

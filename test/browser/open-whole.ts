import type { Page } from '@playwright/test'
import { patiently } from './browser-site.ts'

/** Opens an address, and waits until everything on its page has been read. */
export async function openWhole(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await patiently(page.locator('h1')).toBeVisible()
  await patiently(page.locator('[aria-busy="true"]')).toHaveCount(0)
}

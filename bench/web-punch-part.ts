import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { BrowserSite, patiently } from '../test/browser/browser-site.ts'
import { mayTestPages } from '../test/browser/chromium.ts'
import { quantile, tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'

const MEDIAN_MS_MAX = 150
/** Of those that other parts make: each is waited for on two pages. */
const SHARE = 20
const USER_ID_FIRST = 70_000
/** How long a punch may take to stand on a page. */
const PATIENCE_MS = 20_000
const LOOK_MS = 20

/** What somebody would write in a minute: a line of text for each event, as the stream tells it. Done once the stream is open: it is not told what was punched before. */
const BARE_PAGE = `
  document.body.replaceChildren()
  const source = new EventSource('/api/v1/events')
  source.addEventListener('attendance.created', event => {
    const line = document.createElement('p')
    line.textContent = JSON.parse(event.data).device_user_id
    document.body.append(line)
  })
  new Promise(resolve => source.addEventListener('open', resolve)).then(() => true)`

/** Notes on the clock of the machine, as the page has it, when the user id of a punch first stands on the page. The text beside it may end in a digit. */
const WATCH = `
  globalThis.seenAtMs = {}
  new MutationObserver(() => {
    for (const [, id] of document.body.textContent.matchAll(/(?=(700\\d\\d))/g)) seenAtMs[id] ??= performance.timeOrigin + performance.now()
  }).observe(document.body, { childList: true, subtree: true, characterData: true })`

/** From a punch at a device that is listened to, to the page of attendance in a browser that has changed. */
export const webPunchPart: Part = {
  title: sizes => `web-punch: ${punchesOf(sizes)} punches, to a page in Chromium`,
  async run(sizes: Sizes): Promise<string[]> {
    if (!mayTestPages('web-punch')) return ['  skipped: there is no Chromium; target: not measured']
    await using site = await BrowserSite.open()
    const { device, listener } = await site.device()
    await site.addDevice('Gate', { port: listener.port, is_live: true })
    const { page: ours } = await site.page('admin')
    await ours.goto('/attendance')
    await patiently(ours.getByText('Live', { exact: true })).toBeVisible()
    const { page: floor } = await site.page('admin')
    // A document of the same server in which nothing runs.
    await floor.goto('/openapi.json')
    await floor.evaluate(BARE_PAGE)
    const pages = { floor, ours }
    for (const page of Object.values(pages)) await page.evaluate(WATCH)
    const waits: Record<keyof typeof pages, number[]> = { floor: [], ours: [] }
    for (let i = 0; i < punchesOf(sizes); i++) {
      const userId = String(USER_ID_FIRST + i)
      const atMs = performance.timeOrigin + performance.now()
      assert(device.punch({ userId }))
      for (const [name, page] of Object.entries(pages))
        waits[name as keyof typeof pages].push((await seen(page, userId)) - atMs)
    }
    return linesOf(waits)
  },
}

function punchesOf({ punches }: Sizes): number {
  return Math.ceil(punches / SHARE)
}

async function seen(page: Page, userId: string): Promise<number> {
  const giveUpAtMs = performance.now() + PATIENCE_MS
  for (;;) {
    const atMs: unknown = await page.evaluate(`globalThis.seenAtMs[${userId}]`)
    if (typeof atMs === 'number') return atMs
    assert(performance.now() < giveUpAtMs, `the punch of ${userId} is on no page`)
    await sleep(LOOK_MS)
  }
}

function linesOf(waits: Readonly<Record<'floor' | 'ours', number[]>>): string[] {
  const row = (name: string, waitsMs: readonly number[]) => [
    name,
    String(waitsMs.length),
    ...[0.5, 0.9, 1].map(share => quantile(waitsMs, share).toFixed(0)),
  ]
  const isMet = quantile(waits.ours, 0.5) <= MEDIAN_MS_MAX
  return [
    ...tableLines([
      ['', 'punches', 'median ms', '90 %', 'most'],
      row('floor: a bare page, EventSource and a line of text', waits.floor),
      row('ours: the page of attendance', waits.ours),
    ]),
    '  from VirtualDevice.punch to the MutationObserver of the page; both tell timeOrigin + now, which is the wall clock of this machine',
    `  target: median within ${MEDIAN_MS_MAX} ms: ${isMet ? 'met' : 'MISSED'}`,
  ]
}

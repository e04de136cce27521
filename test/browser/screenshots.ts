import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Browser, Page } from '@playwright/test'
import { Installation, jsonLines } from '../e2e/rollcall-process.ts'
import { freePort } from '../servers/free-port.ts'
import { patiently } from './browser-site.ts'
import { openChromium } from './chromium.ts'

/** A first start may build the pages, and the pictures of a slow machine take their time. */
const ENDED_AFTER_MS = 900_000
const PATIENCE_MS = 20_000
const LIVE_PUNCHES_MS = 8_000
const HEIGHT_MAX = 2_600

interface Demo {
  readonly origin: string
  readonly cookie: { readonly name: string; readonly value: string }
  readonly devices: ReadonlyArray<{ readonly device_id: number; readonly name: string; readonly port: number }>
}

interface Look {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly theme: 'light' | 'dark'
  readonly language: 'en' | 'ar'
}

interface Picture {
  readonly name: string
  readonly path: string
  /** What is done on the page before its picture is taken. */
  readonly act?: (page: Page) => Promise<void>
  readonly asNobody?: true
  /** In place of data that have come. */
  readonly state?: State
}

/** What a page shows while its data are on their way, where they do not come, and once the link for live updates is lost. */
type State = 'loading' | 'error' | 'stale'

const LIGHT: Look = { name: 'light', width: 1200, height: 800, theme: 'light', language: 'en' }
const LOOKS: readonly Look[] = [
  LIGHT,
  { ...LIGHT, name: 'dark', theme: 'dark' },
  { ...LIGHT, name: 'phone', width: 390, height: 844 },
]
const ARABIC: readonly Look[] = [
  { ...LIGHT, name: 'arabic', language: 'ar' },
  { ...LIGHT, name: 'arabic-phone', width: 390, height: 844, language: 'ar' },
]
const STATES: readonly State[] = ['loading', 'error', 'stale']
/** What is taken in Arabic as well. */
const IN_ARABIC = ['overview', 'device-logs']

interface Wish {
  readonly folder: string
  /** How the names of the pictures begin. */
  readonly only: readonly string[]
  readonly heightMax: number
}

/** Every page of a demo that runs meanwhile, in each look. */
async function takeAll(wish: Wish): Promise<void> {
  const { folder, only } = wish
  mkdirSync(folder, { recursive: true })
  using installation = new Installation()
  const running = installation.start(['demo', '--json'], {
    environment: { ROLLCALL_PORT: String(await freePort()) },
    killAfterMs: ENDED_AFTER_MS,
  })
  try {
    const started = jsonLines(await running.until(/"demo\.started".*\n/)).find(({ event }) => event === 'demo.started')
    const demo = await enter(started ?? {})
    await untilThereIsSomething(demo)
    const browser = await openChromium()
    try {
      const pictures = (await picturesOf(demo)).filter(({ name }) => only.some(start => name.startsWith(start)))
      for (const look of [...LOOKS, ...ARABIC])
        for (const asNobody of [true, undefined]) {
          const some = pictures.filter(
            one => one.asNobody === asNobody && (look.language === 'en' || IN_ARABIC.includes(one.name)),
          )
          await takeSome({ browser, demo, pictures: some, look, wish })
        }
    } finally {
      await browser.close()
    }
  } finally {
    running.process.kill('SIGTERM')
    await running.ended
  }
}

/** Signs in as the admin that the demo has made. */
async function enter(started: Record<string, unknown>): Promise<Demo> {
  const { url, email, password, devices } = started as {
    url: string
    email: string
    password: string
    devices: Demo['devices']
  }
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const [name = '', value = ''] = response.headers.getSetCookie()[0]?.split(';')[0]?.split('=') ?? []
  if (!response.ok || value === '') throw new Error(`the demo let nobody in: ${response.status}`)
  return { origin: url, cookie: { name, value: decodeURIComponent(value) }, devices }
}

async function ask(demo: Demo, path: string): Promise<Record<string, unknown>> {
  const cookie = `${demo.cookie.name}=${encodeURIComponent(demo.cookie.value)}`
  const response = await fetch(`${demo.origin}${path}`, { headers: { cookie } })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return (await response.json()) as Record<string, unknown>
}

/** Each device that is read has been, the one that refuses is known to, and some live punches have come. */
async function untilThereIsSomething(demo: Demo): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS * 3; Date.now() < until; await sleep(500)) {
    const { data } = (await ask(demo, '/api/v1/device-standings?limit=50')) as { data: Array<{ state: string }> }
    if (data.every(({ state }) => state !== 'new') && data.some(({ state }) => state === 'down')) {
      await sleep(LIVE_PUNCHES_MS)
      return
    }
  }
  throw new Error('after a minute the devices of the demo are still not read')
}

async function picturesOf(demo: Demo): Promise<Picture[]> {
  const device = demo.devices[0]
  const newest = ((await ask(demo, '/api/v1/attendance-logs?limit=1')).data as Array<{ id: number }>)[0]
  if (device === undefined || newest === undefined) throw new Error('the demo has no device or no punch')
  const { device_id: id, port } = device
  const down = demo.devices.find(({ name }) => name === 'Loading Dock')?.device_id ?? id
  const tabs = ['logs', 'runs', 'coverage', 'people', 'clock', 'settings']
  return [
    { name: 'sign-in', path: '/sign-in', asNobody: true },
    { name: 'first-admin', path: '/first-admin#none', asNobody: true },
    { name: 'overview', path: '/' },
    { name: 'devices', path: '/devices' },
    ...tabs.map(tab => ({ name: `device-${tab}`, path: `/devices/${id}${tab === 'logs' ? '' : `?tab=${tab}`}` })),
    { name: 'device-down', path: `/devices/${down}` },
    { name: 'device-test', path: `/devices/${id}`, act: pressTest },
    { name: 'new-device', path: '/devices/new' },
    { name: 'new-device-touch', path: '/devices/new', act: page => fillAndTest(page, port) },
    { name: 'attendance', path: '/attendance' },
    { name: 'attendance-explained', path: `/attendance?explain=${newest.id}` },
    { name: 'queue', path: '/queue' },
    { name: 'quarantine', path: '/quarantine' },
    { name: 'quarantine-decoded', path: '/quarantine', act: decodeFirst },
    ...['me', 'accounts', 'tokens', 'audit'].map(tab => ({ name: `settings-${tab}`, path: `/settings?tab=${tab}` })),
    { name: 'not-found', path: '/nowhere' },
    ...STATES.flatMap(state => pagesOf(id, newest.id).map(one => ({ ...one, name: `${state}-${one.name}`, state }))),
  ]
}

/** Every page once, as far as it has data of its own. */
function pagesOf(deviceId: number, logId: number): Picture[] {
  const tabs = ['runs', 'coverage', 'people', 'clock', 'settings']
  return [
    { name: 'overview', path: '/' },
    { name: 'devices', path: '/devices' },
    { name: 'device-logs', path: `/devices/${deviceId}` },
    ...tabs.map(tab => ({ name: `device-${tab}`, path: `/devices/${deviceId}?tab=${tab}` })),
    { name: 'attendance', path: '/attendance' },
    { name: 'attendance-explained', path: `/attendance?explain=${logId}` },
    { name: 'queue', path: '/queue' },
    { name: 'quarantine', path: '/quarantine' },
    ...['accounts', 'tokens', 'audit'].map(tab => ({ name: `settings-${tab}`, path: `/settings?tab=${tab}` })),
  ]
}

/** Everything but the session is asked for in vain, or the stream of events alone. */
async function bringInto(page: Page, state: State): Promise<void> {
  const path = state === 'stale' ? /\/api\/v1\/events/ : /\/api\/v1\/(?!session)/
  await page.route(path, async route => {
    if (state === 'stale') await route.abort()
    if (state !== 'error') return
    const problem = { type: 'about:blank', title: 'STORE_UNAVAILABLE', status: 503, code: 'STORE_UNAVAILABLE' }
    await route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ ...problem, detail: 'the database is locked', next_step: 'Try again in a moment.' }),
    })
  })
}

/** Until the state is what the page shows. */
async function untilShown(page: Page, state: State | undefined): Promise<void> {
  const skeletons = page.locator('.mantine-Skeleton-root')
  if (state === 'loading') await patiently(skeletons.first()).toBeVisible()
  else await patiently(skeletons).toHaveCount(0)
  if (state === 'stale') await patiently(page.locator('[data-link="lost"]')).toHaveCount(1)
  if (state === undefined) await patiently(page.locator('[data-link="connecting"]')).toHaveCount(0)
}

async function pressTest(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Test Connection' }).click()
  await page.getByText('The test has ended.').waitFor()
}

async function fillAndTest(page: Page, port: number): Promise<void> {
  await page.getByLabel('Name').fill('Side Gate')
  await page.getByLabel('Address').fill('127.0.0.1')
  await page.getByRole('textbox', { name: 'Port' }).fill(String(port))
  await page.getByRole('button', { name: 'Test Connection' }).click()
  // People punch at it all the time, so that it may be over already.
  await page
    .getByText(/Touch the device now|The test has ended/)
    .first()
    .waitFor()
}

async function decodeFirst(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Decode again' }).locator('visible=true').first().click()
  await page.getByRole('dialog').getByRole('table').waitFor()
}

/** All of one person and one look, in one window, so that little is loaded twice. */
async function takeSome(parts: {
  browser: Browser
  demo: Demo
  pictures: readonly Picture[]
  look: Look
  wish: Wish
}): Promise<void> {
  const { browser, demo, pictures, look, wish } = parts
  const { width, height, theme, language } = look
  await using context = await browser.newContext({
    baseURL: demo.origin,
    reducedMotion: 'reduce',
    colorScheme: theme,
    timezoneId: 'Europe/Berlin',
  })
  context.setDefaultTimeout(PATIENCE_MS)
  await context.addInitScript(`localStorage.setItem('rollcall-language', '${language}')`)
  if (!pictures.some(({ asNobody }) => asNobody))
    await context.addCookies([{ ...demo.cookie, url: demo.origin, httpOnly: true }])
  const page = await context.newPage()
  for (const picture of pictures) {
    await page.setViewportSize({ width, height })
    if (picture.state) await bringInto(page, picture.state)
    await page.goto(picture.path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await picture.act?.(page)
    await untilShown(page, picture.state)
    await take(page, { look, path: join(wish.folder, `${picture.name}-${look.name}.png`), heightMax: wish.heightMax })
    // What waits for an answer is answered now, so that the next page finds nothing in its way.
    if (picture.state) await page.unrouteAll({ behavior: 'ignoreErrors' })
  }
}

/** In a window as high as the page: what stays in sight while one scrolls would end in the middle of a long picture. */
async function take(
  page: Page,
  { look, path, heightMax }: { look: Look; path: string; heightMax: number },
): Promise<void> {
  const { width, height } = look
  const wanted = Number(await page.evaluate('document.documentElement.scrollHeight'))
  await page.setViewportSize({ width, height: Math.min(Math.max(wanted, height), heightMax) })
  await page.evaluate('window.scrollTo(0, 0)')
  await page.screenshot({ path, animations: 'disabled' })
  const excess = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'))
  console.log(`${path}${excess > 0 ? `: ${excess} px too wide` : ''}`)
}

/**
 * `npm run screenshots -- [--output screenshots] [--only overview,device] [--height 860]`: the pages whose names begin so, or all, no higher
 * than that. Those of docs/screenshots are taken with `--height 860`.
 */
const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'screenshots' },
    only: { type: 'string', default: '' },
    height: { type: 'string', default: String(HEIGHT_MAX) },
  },
})
await takeAll({ folder: values.output, only: values.only.split(','), heightMax: Number(values.height) })

import assert from 'node:assert/strict'
import { type Browser, type BrowserContextOptions, expect, type Page } from '@playwright/test'
import { systemClock } from '../../src/base/clock.ts'
import type { Role } from '../../src/model/accounts.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../../src/virtual/listen.ts'
import type { VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import { Installation, jsonLines, type Running } from '../e2e/rollcall-process.ts'
import { freePort } from '../servers/free-port.ts'
import { openChromium } from './chromium.ts'

/** Of every account, also of one that is made on a page. */
export const PASSWORD = 'a long enough pass phrase'
/** The machines are shared: what takes a moment takes some seconds there. */
const PATIENCE_MS = 20_000
/** A process lives as long as all tests of its file, on a busy machine. */
const KILL_AFTER_MS = 600_000

export const patiently = expect.configure({ timeout: PATIENCE_MS })

export interface SitePage {
  readonly page: Page
  /** Errors of the page itself and what the content security policy refused; a test ends with none. */
  readonly troubles: readonly string[]
}

/** Rollcall as its users run it, in a process of its own, and a browser in front of it. */
export class BrowserSite implements AsyncDisposable {
  readonly origin: string
  /** While there was no account, at the first start. */
  readonly firstAdminLink: string
  readonly installation: Installation
  readonly #browser: Browser
  readonly #environment: Readonly<Record<string, string>>
  readonly #command: readonly string[]
  readonly #devices = new AsyncDisposableStack()
  readonly #cookies = new Map<Role, Promise<string>>()
  #running: Running

  private constructor(parts: {
    origin: string
    firstAdminLink: string
    installation: Installation
    browser: Browser
    environment: Readonly<Record<string, string>>
    command: readonly string[]
    running: Running
  }) {
    this.origin = parts.origin
    this.firstAdminLink = parts.firstAdminLink
    this.installation = parts.installation
    this.#browser = parts.browser
    this.#environment = parts.environment
    this.#command = parts.command
    this.#running = parts.running
  }

  /**
   * @param options.interval seconds between two reads of a device, for `start`
   * @param options.killAfterMs for a test that needs its server for longer than others
   */
  static async open(
    options: { command?: 'start' | 'serve'; interval?: number; killAfterMs?: number } = {},
  ): Promise<BrowserSite> {
    const { command: name = 'start', interval = 1, killAfterMs = KILL_AFTER_MS } = options
    const installation = new Installation()
    const environment = { ROLLCALL_PORT: String(await freePort()) }
    const command = [name, '--json', ...(name === 'start' ? ['--interval', String(interval)] : [])]
    const running = installation.start(command, { environment, killAfterMs })
    try {
      const [told] = jsonLines(await running.until(/server\.listening.*\n/))
      const browser = await openChromium()
      return new BrowserSite({
        origin: String(told?.url),
        firstAdminLink: String(told?.first_admin_link),
        installation,
        browser,
        environment,
        command,
        running,
      })
    } catch (error) {
      running.process.kill('SIGKILL')
      await running.ended
      installation[Symbol.dispose]()
      throw error
    }
  }

  /** A virtual device on a port of this machine, closed with the site. */
  async device(
    options: Partial<VirtualDeviceOptions> = {},
  ): Promise<{ device: VirtualDevice; listener: VirtualListener }> {
    const device = new VirtualDevice({ seed: 11, ...options }, { clock: systemClock })
    const listener = this.#devices.use(await listenVirtualDevice(device, {}))
    return { device, listener }
  }

  /** Asks the API as an admin. @throws AssertionError where it says no. */
  async api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        origin: this.origin,
        cookie: await this.#cookieOf('admin'),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert(response.ok, `${method} ${path}: ${response.status} ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }

  /** Adds a virtual device, as an admin does. @returns its id. */
  async addDevice(name: string, settings: { port: number } & Record<string, unknown>): Promise<number> {
    const added = await this.api('POST', '/api/v1/devices', { name, host: '127.0.0.1', timezone: 'UTC', ...settings })
    return Number(added.id)
  }

  /** A window of its own, of somebody with this role or of nobody. */
  async page(role: Role | 'nobody', options: BrowserContextOptions = {}): Promise<SitePage> {
    const context = await this.#browser.newContext({ baseURL: this.origin, reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(PATIENCE_MS)
    if (role !== 'nobody') {
      const [name = '', value = ''] = (await this.#cookieOf(role)).split('=')
      await context.addCookies([{ name, value: decodeURIComponent(value), url: this.origin, httpOnly: true }])
    }
    const page = await context.newPage()
    const troubles: string[] = []
    page.on('pageerror', error => troubles.push(error.message))
    page.on('console', message => {
      // An answer that says no, and a server that is away, are what many tests are about.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        troubles.push(message.text())
    })
    return { page, troubles }
  }

  /** Ends the process as a service manager does. */
  async stop(): Promise<void> {
    this.#running.process.kill('SIGTERM')
    assert.equal((await this.#running.ended).status, 0)
  }

  /** Starts it again, at the same address. */
  async startAgain(): Promise<void> {
    const environment = this.#environment
    this.#running = this.installation.start(this.#command, { environment, killAfterMs: KILL_AFTER_MS })
    await this.#running.until(/server\.listening.*\n/)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
    this.#running.process.kill('SIGTERM')
    await this.#running.ended
    await this.#devices.disposeAsync()
    this.installation[Symbol.dispose]()
  }

  /** Of an account that is made when it is first asked for. */
  #cookieOf(role: Role): Promise<string> {
    const known = this.#cookies.get(role) ?? this.#signIn(role)
    this.#cookies.set(role, known)
    return known
  }

  async #signIn(role: Role): Promise<string> {
    const email = `${role}@example.org`
    // As the link of the console does it, which spares a process: whoever has used it themselves makes no admin here.
    const [, token = ''] = this.firstAdminLink.split('#')
    if (role === 'admin') return await this.#cookieFrom('/api/v1/first-admin', { token, email, password: PASSWORD })
    await this.api('POST', '/api/v1/accounts', { email, role, password: PASSWORD })
    return await this.#cookieFrom('/api/v1/session', { email, password: PASSWORD })
  }

  async #cookieFrom(path: string, body: object): Promise<string> {
    const headers = { origin: this.origin, 'content-type': 'application/json' }
    const response = await fetch(`${this.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    assert(response.ok, `POST ${path}: ${response.status} ${await response.text()}`)
    return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }
}

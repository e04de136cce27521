import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openQueue } from '../../src/app/queue.ts'
import { openRollcall, type Rollcall } from '../../src/app/rollcall.ts'
import { openWeb, type Web, type WebParts } from '../../src/app/web.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { Log, LogFields } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { Accounts } from '../../src/http/authenticator.ts'
import type { AuditEntry, AuditStore, Principal, Role } from '../../src/model/accounts.ts'
import type { Device, DeviceSettings } from '../../src/model/device.ts'
import type { JobQueue } from '../../src/model/job-queue.ts'
import { manyPunches } from '../contract/store/fixture.ts'

/** Who asks in a test. `admin` and `viewer` are tokens; with `cookie:` in front they are sessions. */
export type Caller = 'nobody' | Role | `cookie:${Role}`

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of any form, and a wrong look fails them.
  readonly json: any
}

export interface AskOptions {
  readonly as?: Caller
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A server on a port of this machine, over a real SQLite database, whose accounts are two words. */
export class HttpScene implements AsyncDisposable {
  readonly rollcall: Rollcall
  readonly queue: JobQueue
  readonly web: Web
  readonly audited: Array<Omit<AuditEntry, 'id' | 'at'>>
  readonly logged: string[]
  readonly #folder: string

  private constructor(
    parts: Pick<HttpScene, 'rollcall' | 'queue' | 'web' | 'audited' | 'logged'> & { folder: string },
  ) {
    this.rollcall = parts.rollcall
    this.queue = parts.queue
    this.web = parts.web
    this.audited = parts.audited
    this.logged = parts.logged
    this.#folder = parts.folder
  }

  static async open(
    options: Partial<Pick<WebParts, 'events' | 'pages'>> & {
      config?: Partial<WebParts['config']>
      accounts?: Accounts
      /** In place of a list. */
      audit?: Pick<AuditStore, 'record'>
      /** Those of the database, in place of two words. */
      accountsOf?: (rollcall: Rollcall) => Promise<Accounts>
    } = {},
  ): Promise<HttpScene> {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-http-'))
    const logged: string[] = []
    const log = linesInto(logged)
    const config = readConfig({ environment: {}, workingDirectory: folder })
    const rollcall = await openRollcall(config, { clock: systemClock, random: systemRandom, log })
    const queue = await openQueue(rollcall)
    const audited: HttpScene['audited'] = []
    const audit = { record: async (entry: HttpScene['audited'][number]) => void audited.push(entry) }
    const web = await openWeb({
      rollcall,
      queue,
      pages: options.pages ?? null,
      config: { ...config.web, port: 0, requestsPerMinute: 1_000_000, ...options.config },
      accounts: async () => ({
        accounts: (await options.accountsOf?.(rollcall)) ?? options.accounts ?? twoWords(),
        audit: options.audit ?? audit,
      }),
      ...(options.events ? { events: options.events } : {}),
    })
    return new HttpScene({ rollcall, queue, web, audited, logged, folder })
  }

  get store() {
    return this.rollcall.store
  }

  async ask(method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    const response = await this.fetch(method, path, options)
    const text = await response.text()
    const isJson =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/jsonl/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : null,
    }
  }

  fetch(method: string, path: string, options: AskOptions & { signal?: AbortSignal } = {}): Promise<Response> {
    const { body, signal } = options
    return fetch(new URL(path, this.web.url), {
      method,
      headers: {
        ...credentials(options.as ?? 'admin'),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  }

  get(path: string, options?: AskOptions): Promise<Answer> {
    return this.ask('GET', path, options)
  }

  async addDevice(settings: Partial<DeviceSettings> = {}): Promise<Device> {
    return await this.store.devices.add({
      name: 'Gate',
      host: '127.0.0.1',
      port: 1,
      transport: 'tcp',
      timezone: 'UTC',
      isActive: true,
      isLive: false,
      setsClock: false,
      commKey: 0,
      ...settings,
    })
  }

  /** A device with so many attendance logs of four users, a second apart, and the run that brought them. */
  async addLogs(count: number): Promise<{ device: Device; runId: number }> {
    const device = await this.addDevice()
    const taken = await this.store.leases.acquire({
      deviceId: device.id,
      holder: 'test',
      ttlMs: 60_000,
      isDead: () => false,
    })
    assert('lease' in taken)
    const { lease } = taken
    const runId = await this.store.punches.beginRun(lease, 'full')
    const punches = manyPunches(count).map((punch, index) => ({ ...punch, userId: `00${index % 4}` }))
    const quarantined = [{ raw: Uint8Array.of(1, 2), reason: 'NO_TIME' as const }]
    await this.store.punches.commit({ lease, runId, source: 'poll', driftSeconds: 3, punches, quarantined })
    await this.store.leases.release(lease)
    return { device, runId }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.web[Symbol.asyncDispose]()
    await this.queue[Symbol.asyncDispose]()
    await this.rollcall[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function credentials(as: Caller): Record<string, string> {
  if (as === 'nobody') return {}
  const [kind, role] = as.startsWith('cookie:') ? ['cookie', as.slice(7)] : ['token', as]
  return kind === 'cookie' ? { cookie: `session=${role}` } : { authorization: `Bearer ${role}` }
}

/** Accounts without a database: `Bearer admin` is an admin, and so is the cookie `session=admin`. */
export function twoWords(): Accounts {
  const principal = (kind: Principal['kind'], word: string | undefined): Principal | null =>
    word === 'admin' || word === 'viewer' ? { kind, id: word, name: `the ${word}`, role: word } : null
  return {
    async principalOf({ headers }) {
      const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
      if (headers.authorization !== undefined) return principal('token', token)
      return principal('account', /\bsession=(\w+)/.exec(headers.cookie ?? '')?.[1])
    },
    async register() {},
    firstAdminLink: async () => null,
    async [Symbol.asyncDispose]() {},
  }
}

function linesInto(lines: string[]): Log {
  const writer = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`)
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') }
}

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { openAccountsOf } from '../src/app/accounts.ts'
import { openLog } from '../src/app/logging.ts'
import { openQueue } from '../src/app/queue.ts'
import type { Rollcall } from '../src/app/rollcall.ts'
import { openWeb } from '../src/app/web.ts'
import { systemClock } from '../src/base/clock.ts'
// Loaded at once, by the floor too.
import '../src/http/accounts/open-accounts.ts'
import { AttendanceQuery } from '../src/http/api/attendance.ts'
import type { Api } from '../src/http/app.ts'
import type { Accounts } from '../src/http/authenticator.ts'
import { peakKb, residentKb } from './resident.ts'
import { CONSTANT, openSite, siteConfig } from './web-site.ts'

/** What a server of the web parts tells of itself. */
export interface WebReport {
  readonly port: number
  /** Of all its threads, since it started. */
  readonly cpuMs: number
  readonly residentKb: number
  readonly peakKb: number
  readonly heapMb: number
  readonly sockets: number
}

/** Far more than anybody is to ask for here. */
const REQUESTS_PER_MINUTE = 1_000_000_000

/**
 * The web server of an installation, its log file included, or, as a floor, one that takes bare sockets. Beside its own routes it has
 * {@link CONSTANT}. Tells where it listens, and then, whenever it is asked, what it has cost; ends when its parent lets go of it.
 */
export async function serve([mode = 'sockets', folder = '', constant = '']: readonly string[]): Promise<void> {
  using log = openLog(siteConfig(folder).log, { clock: systemClock, onFault: error => console.error(error.message) })
  await using site = await openSite(folder, log)
  await using server = mode === 'web' ? await openServer(site, constant) : await openSockets()
  process.on('message', () => process.send?.(report(server)))
  process.send?.(report(server))
  await once(process, 'disconnect')
}

interface Served extends AsyncDisposable {
  readonly port: number
  readonly sockets: number
}

async function openServer(rollcall: Rollcall, constant: string): Promise<Served> {
  const queue = await openQueue(rollcall)
  const web = await openWeb({
    rollcall,
    pages: null,
    queue,
    config: { ...rollcall.config.web, port: 0, requestsPerMinute: REQUESTS_PER_MINUTE },
    accounts: async () => ({
      accounts: withConstant(await openAccountsOf(rollcall), constant),
      audit: rollcall.store.audit,
    }),
  })
  return {
    port: Number(new URL(web.url).port),
    sockets: 0,
    async [Symbol.asyncDispose]() {
      await web[Symbol.asyncDispose]()
      await queue[Symbol.asyncDispose]()
    },
  }
}

/** Whatever registers routes with their access may add one. */
function withConstant(accounts: Accounts, length: string): Accounts {
  const body = 'x'.repeat(Number(length))
  return {
    ...accounts,
    async register(app) {
      await accounts.register(app)
      const schema = { querystring: AttendanceQuery }
      ;(app as unknown as Api).get(CONSTANT, { config: { access: 'viewer' }, schema }, async (_request, reply) =>
        reply.header('content-type', 'application/json; charset=utf-8').send(body as never),
      )
    },
  }
}

async function openSockets(): Promise<Served> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get sockets() {
      return sockets.size
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function report({ port, sockets }: Served): WebReport {
  const { user, system } = process.cpuUsage()
  return {
    port,
    sockets,
    cpuMs: (user + system) / 1000,
    residentKb: residentKb('self') ?? process.memoryUsage().rss / 1024,
    peakKb: peakKb(),
    heapMb: process.memoryUsage().heapUsed / 1e6,
  }
}

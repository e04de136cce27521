import type { TestReportJson, TestStageJson } from '../http/api/connection-test.ts'
import type { Accounts } from '../http/authenticator.ts'
import type { EventSource } from '../http/events.ts'
import { FeedEvents } from '../http/feed-events.ts'
import { keptAudit } from '../http/kept-audit.ts'
import type { HttpWork, TestTold } from '../http/parts.ts'
import { type HttpServer, listenHttp } from '../http/server.ts'
import type { AuditStore } from '../model/accounts.ts'
import type { JobQueue } from '../model/job-queue.ts'
import { openAccountsOf } from './accounts.ts'
import type { WebConfig } from './config.ts'
import { readCoverage } from './coverage.ts'
import { decodeAgain } from './decode-again.ts'
import { readDeviceStanding } from './device-standing.ts'
import { explainPunch } from './explain-punch.ts'
import { exportLogs } from './export.ts'
import { PageViewer } from './page-viewer.ts'
import type { Rollcall, SyncEvent } from './rollcall.ts'
import { coverageJson, deviceDetailJson, standingJson } from './standing-view.ts'
import { countStates, readStandings } from './standings.ts'
import { SyncNow } from './sync-now.ts'
import { SyncProgress } from './sync-progress.ts'
import type { ConnectionReport } from './test-connection.ts'
import { type TestOptions, testAddress, testDevice } from './test-device.ts'
import { reportJson, stageJson, verdictJson } from './test-report-json.ts'
import { readVersion } from './version.ts'

/** Who may sign in, and where changes are noted down. */
export interface WebAccounts {
  readonly accounts: Accounts
  readonly audit: Pick<AuditStore, 'record'>
}

export interface WebParts {
  readonly rollcall: Rollcall
  readonly queue: JobQueue
  readonly config: WebConfig & { readonly requestsPerMinute?: number }
  /** The folder of the built pages, such as {@link findPages} gives; null where there are none. */
  readonly pages: string | null
  /** Those of the database, unless others are given. Closed with the server. */
  readonly accounts?: (rollcall: Rollcall) => Promise<WebAccounts>
  /** In place of what comes of the feed of the database. */
  readonly events?: EventSource
}

export interface Web extends HttpServer {
  /** Whether it serves pages besides the API. */
  readonly hasPages: boolean
  /** For the log and the console: a link that makes the first admin, while there is none. */
  firstAdminLink(): Promise<string | null>
  /** Counts what an engine of this process does, and tells open pages how far its syncs are. */
  tell(event: SyncEvent): void
}

/** Opens the web interface and the API on a running Rollcall. @throws as `listenHttp`. */
export async function openWeb(parts: WebParts, signal?: AbortSignal): Promise<Web> {
  const { rollcall, queue, config, pages } = parts
  const { store, base } = rollcall
  const { accounts, audit: written } = await (parts.accounts ?? accountsOf)(rollcall)
  const audit = keptAudit(written, base.log)
  const counted = new StoredPunches()
  const progress = new SyncProgress(base.clock)
  let hurry = () => {}
  const tell = (event: SyncEvent) => {
    counted.tell(event)
    progress.tell(event)
    // What this process has stored is on the pages at once; what others have stored, at the next look.
    if (isStored(event)) hurry()
  }
  const syncNow = new SyncNow(rollcall, {
    onBegin: id => progress.begin(id),
    onEvent: tell,
    onEnd: id => progress.end(id),
  })
  const work = workOf(rollcall, { syncNow, counted })
  await using closing = new AsyncDisposableStack()
  closing.use(accounts)
  closing.use(syncNow)
  const { feed } = store
  const openFeed = async () => {
    const told = closing.use(await FeedEvents.open({ feed, store, viewLogs: work.viewLogs, base }))
    hurry = () => told.hurry()
    return told
  }
  const events = parts.events ?? (await openFeed())
  const version = readVersion()
  const joined = { store, queue, accounts, audit, events, progress, work, base, version, pages }
  const server = await listenHttp(config, joined, signal)
  base.log.info(`The web interface listens at ${server.url}`)
  const rest = closing.move()
  return {
    url: server.url,
    routes: server.routes,
    isOnAllAddresses: server.isOnAllAddresses,
    hasPages: pages !== null,
    firstAdminLink: () => accounts.firstAdminLink(server.url),
    tell,
    async [Symbol.asyncDispose]() {
      // At the same time: together they have five seconds.
      await Promise.all([server[Symbol.asyncDispose](), syncNow[Symbol.asyncDispose]()])
      await rest.disposeAsync()
    },
  }
}

async function accountsOf(rollcall: Rollcall): Promise<WebAccounts> {
  return { accounts: await openAccountsOf(rollcall), audit: rollcall.store.audit }
}

function isStored(event: SyncEvent) {
  return event.event === 'device.synced' || event.event === 'device.punched'
}

/** What engines of this process have stored. */
class StoredPunches {
  count = 0

  tell(event: SyncEvent): void {
    if (isStored(event)) this.count += event.inserted
  }
}

function workOf(rollcall: Rollcall, { syncNow, counted }: { syncNow: SyncNow; counted: StoredPunches }): HttpWork {
  const { store, base } = rollcall
  const viewer = new PageViewer({ store, clock: base.clock })
  return {
    viewLogs: logs => viewer.view(logs),
    explain: id => explainPunch(store, id),
    decodeAgain: (request, signal) => decodeAgain(rollcall, request, signal),
    exportLogs: (format, filter) => exportLogs(store, { format, filter, counted: () => {} }),
    coverage: async id => {
      const { device, coverage } = await readCoverage(store, id, base.clock.now())
      return coverageJson(device.id, coverage)
    },
    standings: async devices => (await readStandings(store, devices, base.clock.now())).map(standingJson),
    standing: async id => deviceDetailJson(await readDeviceStanding(store, id, base.clock.now())),
    countStates: async () => {
      const devices = await store.devices.list()
      return { all: devices.length, ...(await countStates(store, devices, base.clock.now())) }
    },
    syncNow: id => syncNow.begin(id),
    punchesStored: () => counted.count,
    testDevice: ({ id, punchWaitMs }, told, signal) =>
      staged({ ...told, punchWaitMs }, options => testDevice(rollcall, id, options, signal)),
    testAddress: (address, told, signal) => {
      const { host, port, transport, timezone = Temporal.Now.timeZoneId(), commKey, punchWaitMs } = address
      const target = { address: { host, port }, transport, timezone, commKey }
      return staged({ ...told, punchWaitMs }, options => testAddress(rollcall, target, options, signal))
    },
  }
}

async function staged(
  { onStart, onStage, onWait, punchWaitMs }: TestTold & { punchWaitMs: number },
  test: (options: TestOptions) => Promise<ConnectionReport>,
): Promise<TestReportJson> {
  const stages: TestStageJson[] = []
  const report = await test({
    onWait,
    // A finger that comes before the device has taken the wish for events would be told by nobody.
    onStart: ({ stage, transport }) => {
      if (stage !== 'punch') onStart({ stage, transport })
    },
    punch:
      punchWaitMs === 0
        ? undefined
        : { waitMs: punchWaitMs, onReady: transport => onStart({ stage: 'punch', transport }) },
    onStage: stage => {
      const json = stageJson(stage)
      stages.push(json)
      onStage(json)
    },
  })
  return { ...reportJson(report), verdicts: report.verdicts.map(verdictJson), stages }
}

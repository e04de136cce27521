import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { type Random, seededRandom } from '../src/base/random.ts'
import { encodeCursor } from '../src/http/cursor.ts'
import { type BarePage, type PageRequest, withBarePages } from './bare-pages.ts'
import { type Child, startChild } from './child.ts'
import { LARGE_TABLE_BEGINS_MS, LARGE_TABLE_USERS } from './large-table.ts'
import { quantile, tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { WebConnection } from './web-connection.ts'
import type { WebReport } from './web-serving.ts'
import { fillSite, SITE_DEVICES, siteDatabase } from './web-site.ts'

const MS_MAX = 30
const PAGE_ROWS = 50
const DAYS = 3 * 365
const DAY_MS = 86_400_000

/** What a page of attendance asks a server for, over a connection that stands, beside the bare query of the same rows. */
export const webPagePart: Part = {
  title: sizes =>
    `web-page: pages of ${PAGE_ROWS} out of ${sizes.logsOfWeb} attendance logs, of a server over loopback`,
  run: (sizes: Sizes) =>
    inTemporaryFolder(async path => {
      const folder = path('site')
      const { token } = await fillSite(folder, sizes.logsOfWeb)
      await using server = startChild('web-process.ts', ['web', folder])
      const { port } = await server.told<WebReport>()
      using connection = await WebConnection.open({ port, token })
      return await withBarePages({ engine: 'sqlite', path: siteDatabase(folder) }, async barePage => {
        const startMs = performance.now()
        await connection.get(pathOf({ filter: {} }))
        const firstMs = performance.now() - startMs
        return await pageLines({ server, connection, barePage, calls: sizes.pages, firstMs })
      })
    }),
}

const PAGES: Readonly<Record<string, (random: Random) => PageRequest>> = {
  'the newest': () => ({ filter: {} }),
  'of a device': random => ({ filter: { deviceIds: [random.int(1, SITE_DEVICES)] } }),
  'of a person': random => ({ filter: { user: String(random.int(1, LARGE_TABLE_USERS)) } }),
  'of a day': random => {
    const fromMs = dayOf(random)
    return { filter: { since: new Date(fromMs), until: new Date(fromMs + DAY_MS - 1) } }
  },
  'far in, by cursor': random => ({ filter: {}, before: { punchedAtMs: dayOf(random), id: 0 } }),
}

function dayOf(random: Random): number {
  return LARGE_TABLE_BEGINS_MS + random.int(1, DAYS - 1) * DAY_MS
}

function pathOf({ filter, before }: PageRequest): string {
  const { deviceIds = [], user, since, until } = filter
  const query = new URLSearchParams({ limit: String(PAGE_ROWS) })
  for (const id of deviceIds) query.append('device_id', String(id))
  if (user !== undefined) query.set('user', user)
  if (since) query.set('since', since.toISOString())
  if (until) query.set('until', until.toISOString())
  if (before) query.set('cursor', encodeCursor('attendance-logs', [before.punchedAtMs, before.id]))
  return `/api/v1/attendance-logs?${query}`
}

interface Asked {
  readonly server: Child
  readonly connection: WebConnection
  readonly barePage: BarePage
  readonly calls: number
}

async function pageLines(asked: Asked & { firstMs: number }): Promise<string[]> {
  const rows = [['', 'rows', 'floor: median ms', '99 %', 'ours: median ms', '99 %', 'most', 'of the floor', 'CPU ms']]
  let isMet = true
  for (const [name, requestOf] of Object.entries(PAGES)) {
    const before = await asked.server.ask<WebReport>('report')
    const { floorMs, oursMs, rowsMost } = await timesOf(asked, requestOf)
    const after = await asked.server.ask<WebReport>('report')
    const cpuMs = (after.cpuMs - before.cpuMs) / asked.calls
    const [floor, ours, late] = [quantile(floorMs, 0.5), quantile(oursMs, 0.5), quantile(oursMs, 0.99)]
    if (!(late < MS_MAX)) isMet = false
    const figures = [floor, quantile(floorMs, 0.99), ours, late, Math.max(...oursMs)].map(ms => ms.toFixed(2))
    rows.push([name, String(rowsMost), ...figures, `${(ours / floor).toFixed(1)} x`, cpuMs.toFixed(2)])
  }
  return [
    ...tableLines(rows),
    `  ${asked.calls} of each, at the client, from the request to its last byte; CPU: of the whole server, a page; the first page of all, which reads the names: ${asked.firstMs.toFixed(0)} ms`,
    `  target: median and 99 % under ${MS_MAX} ms: ${isMet ? 'met' : 'MISSED'}`,
  ]
}

/** Both are asked for the same pages in turns; who comes first finds what nobody has read yet, so that takes turns too. */
async function timesOf({ connection, barePage, calls }: Asked, requestOf: (random: Random) => PageRequest) {
  const random = seededRandom(1)
  const times = { floorMs: [] as number[], oursMs: [] as number[], rowsMost: 0 }
  for (let call = 0; call < calls; call++) {
    const request = requestOf(random)
    const ids: { bare: number[]; ours: number[] } = { bare: [], ours: [] }
    const askBare = async () => {
      const startMs = performance.now()
      ids.bare = await barePage(request, PAGE_ROWS)
      times.floorMs.push(performance.now() - startMs)
    }
    const askOurs = async () => {
      const startMs = performance.now()
      const { status, body } = await connection.get(pathOf(request))
      times.oursMs.push(performance.now() - startMs)
      assert.equal(status, 200)
      ids.ours = (JSON.parse(body.toString()) as { data: Array<{ id: number }> }).data.map(({ id }) => id)
    }
    for (const ask of call % 2 === 0 ? [askBare, askOurs] : [askOurs, askBare]) await ask()
    assert.deepEqual(ids.ours, ids.bare)
    times.rowsMost = Math.max(times.rowsMost, ids.ours.length)
  }
  return times
}

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { DatabaseConfig } from '../src/app/config.ts'
import { openStore } from '../src/app/database.ts'
import { systemClock } from '../src/base/clock.ts'
import { type Random, seededRandom } from '../src/base/random.ts'
import type { Store } from '../src/model/store.ts'
import { type BarePage, type PageRequest, withBarePages } from './bare-pages.ts'
import { openBareSqlite } from './bare-sqlite.ts'
import { onEachEngine } from './database-site.ts'
import { FREQUENT_USER, fillLargeTable, LARGE_TABLE_BEGINS_MS, LARGE_TABLE_USERS } from './large-table.ts'
import { quantile, tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'

const MEDIAN_MS_MAX = 10
/** What people look at all day. The other pages are shown to know what they cost. */
const TARGETED: readonly string[] = ['the newest of a device', 'a day of a user', 'a day of the user of many']
const PAGE_ROWS = 50
const DEVICES = 100
const DAYS = 3 * 365
const DAY_MS = 86_400_000
/** Devices of one page, as of one building. */
const SOME_DEVICES = 5

/** Pages of a table that grew for years, through the reader of the store and by a bare query, each time another device, user or day. */
export const largePart: Part = {
  title: sizes =>
    `large: pages of ${PAGE_ROWS} out of ${sizes.logsOfLargeTable} attendance logs of ${DEVICES} devices and three years`,
  async run(sizes: Sizes): Promise<string[]> {
    const lines: string[] = []
    await onEachEngine('the large part', site =>
      site.withDatabase(async database => {
        await using store = await openStore(database, {
          clock: systemClock,
          secrets: { seal: text => text, open: text => text },
        })
        await addDevices(store)
        const startMs = performance.now()
        await fillLargeTable(database, { logs: sizes.logsOfLargeTable, devices: DEVICES })
        const seconds = ((performance.now() - startMs) / 1000).toFixed(0)
        lines.push(...(await pageLines(`${site.name}, filled in ${seconds} s`, { database, store, sizes })))
        // Nobody tells SQLite to count its rows; whoever does must not be worse off.
        if (database.engine === 'sqlite') {
          const file = openBareSqlite(database.path)
          file.exec('analyze')
          file.close()
          await using analysed = await openStore(database, {
            clock: systemClock,
            secrets: { seal: text => text, open: text => text },
          })
          lines.push(...(await pageLines(`${site.name}, after analyze`, { database, store: analysed, sizes })))
        }
      }),
    )
    return lines
  },
}

async function addDevices(store: Store): Promise<void> {
  const address = { host: 'h', port: 4370, transport: 'auto', timezone: 'UTC', commKey: 0 } as const
  const wishes = { isActive: true, isLive: false, setsClock: false }
  for (let id = 1; id <= DEVICES; id++) {
    const added = await store.devices.add({ name: `Gate ${id}`, ...address, ...wishes })
    assert.equal(added.id, id)
  }
}

const PAGES: Readonly<Record<string, (random: Random) => PageRequest>> = {
  'the newest of a device': random => ({ filter: { deviceIds: [deviceOf(random)] } }),
  'further down in a device': random => ({
    filter: { deviceIds: [deviceOf(random)] },
    before: { punchedAtMs: LARGE_TABLE_BEGINS_MS + dayOf(random), id: 0 },
  }),
  'a day of a user': random => ({ filter: { user: userOf(random), ...withinADay(random) } }),
  'a day of the user of many': random => ({ filter: { user: FREQUENT_USER, ...withinADay(random) } }),
  'a day of a user at a device': random => ({
    filter: { deviceIds: [deviceOf(random)], user: userOf(random), ...withinADay(random) },
  }),
  'the newest of a user': random => ({ filter: { user: userOf(random) } }),
  [`the newest of ${SOME_DEVICES} devices`]: random => ({ filter: { deviceIds: someDevicesOf(random) } }),
  'a day': random => ({ filter: withinADay(random) }),
  'the newest of all': () => ({ filter: {} }),
}

function deviceOf(random: Random): number {
  return random.int(1, DEVICES)
}

/** One after the other, from some device on. */
function someDevicesOf(random: Random): number[] {
  const first = random.int(1, DEVICES - SOME_DEVICES)
  return Array.from({ length: SOME_DEVICES }, (_, i) => first + i)
}

function userOf(random: Random): string {
  return String(random.int(1, LARGE_TABLE_USERS))
}

function dayOf(random: Random): number {
  return random.int(1, DAYS - 1) * DAY_MS
}

function withinADay(random: Random): { since: Date; until: Date } {
  const fromMs = LARGE_TABLE_BEGINS_MS + dayOf(random)
  return { since: new Date(fromMs), until: new Date(fromMs + DAY_MS - 1) }
}

async function pageLines(
  heading: string,
  { database, store, sizes }: { database: DatabaseConfig; store: Store; sizes: Sizes },
): Promise<string[]> {
  const rows = [[heading, 'rows', 'floor: median ms', '99 %', 'ours: median ms', '99 %', 'of the floor']]
  let isMet = true
  await withBarePages(database, async barePage => {
    for (const [name, requestOf] of Object.entries(PAGES)) {
      const { floorMs, oursMs, rowsMost } = await timesOf({ barePage, store, requestOf, calls: sizes.pages })
      const [floor, ours] = [quantile(floorMs, 0.5), quantile(oursMs, 0.5)]
      if (TARGETED.includes(name) && ours >= MEDIAN_MS_MAX) isMet = false
      const figures = [floor, quantile(floorMs, 0.99), ours, quantile(oursMs, 0.99)].map(ms => ms.toFixed(2))
      rows.push([`  ${name}`, String(rowsMost), ...figures, `${(ours / floor).toFixed(2)} x`])
    }
  })
  return [
    ...tableLines(rows),
    `    target: the newest of a device and a day of a user within ${MEDIAN_MS_MAX} ms, median: ${isMet ? 'met' : 'MISSED'}`,
  ]
}

interface PageTimes {
  readonly floorMs: number[]
  readonly oursMs: number[]
  /** Of the fullest page. */
  readonly rowsMost: number
}

/** Both are asked for the same pages in turns; who comes first finds what nobody has read yet, so that takes turns too. */
async function timesOf(asked: {
  barePage: BarePage
  store: Store
  requestOf: (random: Random) => PageRequest
  calls: number
}): Promise<PageTimes> {
  const { barePage, store, requestOf, calls } = asked
  const random = seededRandom(1)
  const times = { floorMs: [] as number[], oursMs: [] as number[], rowsMost: 0 }
  for (let call = 0; call < calls; call++) {
    const { filter, before } = requestOf(random)
    const pages: { bare: number[]; ours: number[] } = { bare: [], ours: [] }
    const askBare = async () => {
      const startMs = performance.now()
      pages.bare = await barePage({ filter, ...(before ? { before } : {}) }, PAGE_ROWS)
      times.floorMs.push(performance.now() - startMs)
    }
    const askOurs = async () => {
      const startMs = performance.now()
      const page = await store.logs.page(filter, { limit: PAGE_ROWS, ...(before ? { before } : {}) })
      times.oursMs.push(performance.now() - startMs)
      pages.ours = page.map(({ id }) => id)
    }
    for (const ask of call % 2 === 0 ? [askBare, askOurs] : [askOurs, askBare]) await ask()
    assert.deepEqual(pages.ours, pages.bare)
    times.rowsMost = Math.max(times.rowsMost, pages.ours.length)
  }
  return times
}

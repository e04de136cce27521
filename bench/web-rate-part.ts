import assert from 'node:assert/strict'
import { type Child, startChild } from './child.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { WebConnection } from './web-connection.ts'
import type { LoadReport } from './web-load-process.ts'
import type { WebReport } from './web-serving.ts'
import { CONSTANT, fillSite } from './web-site.ts'

const REQUESTS_A_SECOND_MIN = 5_000
/** Enough that the server never waits for the next request. */
const CONNECTIONS = 8
const PAGE_ROWS = 50
const PAGE = `/api/v1/attendance-logs?limit=${PAGE_ROWS}`
const FLOOR = `${CONSTANT}?limit=${PAGE_ROWS}`
/** In turns, after some that compile. The best of each is told: other work of a machine can only make a round dearer. */
const ROUNDS = 12
const WARM_UPS = 3

/** How often a second one core answers with a page of logs, and with as many bytes that were made before. */
export const webRatePart: Part = {
  title: sizes =>
    `web-rate: pages of ${PAGE_ROWS} logs out of ${sizes.records}, over ${CONNECTIONS} connections with a token, ${sizes.requests} a round`,
  run: (sizes: Sizes) =>
    inTemporaryFolder(async path => {
      const folder = path('site')
      const { token } = await fillSite(folder, sizes.records)
      await using server = startChild('web-process.ts', ['web', folder, String(await pageBytes(folder, token))])
      const { port } = await server.told<WebReport>()
      await using load = startChild('web-load-process.ts', [String(port), token, String(CONNECTIONS)])
      assert.equal(await load.told<string>(), 'ready')
      const rounds: Record<'floor' | 'ours', Round[]> = { floor: [], ours: [] }
      for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
        const floor = await roundOf({ server, load, path: FLOOR, requests: sizes.requests })
        const ours = await roundOf({ server, load, path: PAGE, requests: sizes.requests })
        assert.equal(floor.bytes, ours.bytes)
        if (round < WARM_UPS) continue
        rounds.floor.push(floor)
        rounds.ours.push(ours)
      }
      return linesOf({ floor: best(rounds.floor), ours: best(rounds.ours) }, rounds)
    }),
}

/** How long the body of the page is, of a server that is asked once. */
async function pageBytes(folder: string, token: string): Promise<number> {
  await using server = startChild('web-process.ts', ['web', folder])
  const { port } = await server.told<WebReport>()
  using connection = await WebConnection.open({ port, token })
  const { status, body } = await connection.get(PAGE)
  const { data } = JSON.parse(body.toString()) as { data: unknown[] }
  assert.deepEqual([status, data.length], [200, PAGE_ROWS])
  return body.length
}

interface Round {
  /** By the CPU time of the server: what one core could do that has nothing else to do. */
  readonly aCore: number
  readonly aSecond: number
  readonly cpuMicros: number
  readonly bytes: number
}

async function roundOf(asked: { server: Child; load: Child; path: string; requests: number }): Promise<Round> {
  const { server, load, path, requests } = asked
  const before = await server.ask<WebReport>('report')
  const { wallMs, bytes } = await load.ask<LoadReport>({ path, requests })
  const after = await server.ask<WebReport>('report')
  const serverMs = after.cpuMs - before.cpuMs
  return {
    aCore: requests / (serverMs / 1000),
    aSecond: requests / (wallMs / 1000),
    cpuMicros: (serverMs * 1000) / requests,
    bytes,
  }
}

function best(rounds: readonly Round[]): Round {
  const first = rounds.toSorted((a, b) => b.aCore - a.aCore)[0]
  assert(first)
  return first
}

function linesOf(bests: { floor: Round; ours: Round }, rounds: Record<'floor' | 'ours', Round[]>): string[] {
  const row = (name: string, of: 'floor' | 'ours') => {
    const { aCore, aSecond, cpuMicros } = bests[of]
    const all = rounds[of].map(round => round.aCore)
    return [
      name,
      aCore.toFixed(0),
      `${Math.min(...all).toFixed(0)}-${Math.max(...all).toFixed(0)}`,
      cpuMicros.toFixed(0),
      aSecond.toFixed(0),
      `${(aCore / bests.floor.aCore).toFixed(2)} x`,
    ]
  }
  const isMet = bests.ours.aCore >= REQUESTS_A_SECOND_MIN
  return [
    ...tableLines([
      ['', 'requests/s of a core', 'from-to', 'CPU µs each', 'requests/s by the clock', 'of the floor'],
      row('floor: the same server, bytes made before', 'floor'),
      row('ours: a page of logs', 'ours'),
    ]),
    `  ${bests.ours.bytes} bytes each; the best of ${ROUNDS} rounds in turns; CPU: of the whole server process, all its threads`,
    `  target: at least ${REQUESTS_A_SECOND_MIN} requests/s of one core: ${isMet ? 'met' : 'MISSED'}`,
  ]
}

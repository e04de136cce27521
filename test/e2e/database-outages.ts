import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { ProcessServer } from '../servers/process-server.ts'
import { SERVERS, type ServerName, startServer, TEST_PASSWORD_SIGN } from '../servers/recipes.ts'
import { QueueSite, type SiteProcess } from './queue-site.ts'

const RECORDS_FIRST = 300
const RECORDS_EACH_ROUND = 200
/** Slows a read down to what a device on the wall takes, so that the server goes away in the middle of some. */
const PACKET_PAUSE_MS = 10
/** A sync of this round is under way when the server goes. */
const FAULT_MS_MIN = 300
const FAULT_MS_MAX = 1_200
/** After the server is back: the longest pause between two looks for it, a lease that ran out, and the reads. */
const ROUND_MS_MAX = 120_000
const BACK = /^✓ Database - back after/gm

export interface OutagesReport {
  readonly rounds: number
  readonly rows: number
  /** How often a sync was under way when the server went. */
  readonly inTheMiddle: number
}

/**
 * Rounds in which the database server is stopped while devices are synced, in order and by a kill in turns, and is started again
 * after a while. One process polls all devices, and a dispatcher with a worker queues and runs jobs for the same ones. At the end
 * of each round every punch stands once, and it is the same three processes that have stored it.
 */
export async function databaseOutages(options: {
  server: ServerName
  rounds: number
  devices: number
  awayMs: number
  seed: number
  tell: (line: string) => void
}): Promise<OutagesReport> {
  const { rounds, devices, awayMs, seed, tell } = options
  const random = seededRandom(seed)
  await using server = await startServer(options.server)
  const url = server.url(await server.createDatabase())
  await using site = await QueueSite.open({ DATABASE_URL: url })
  await site.addDevices(devices, { seed, packetPauseMs: PACKET_PAUSE_MS, records: RECORDS_FIRST })
  const poller = site.start('attendance:sync', '--interval', '1')
  const worker = site.start('queue:work', '--workers', '4')
  const dispatcher = site.start('attendance:live-sync', '--interval', '1')
  const processes = { poller, worker, dispatcher }
  await site.until('the first rows', ROUND_MS_MAX, async () => (await site.assertPunches({ missing: 'some' })) > 0)
  let inTheMiddle = 0
  let rows = 0
  for (let round = 1; round <= rounds; round++) {
    for (const { device } of site.devices) device.fillLog(RECORDS_EACH_ROUND)
    await systemClock.sleep(FAULT_MS_MIN + random.float() * (FAULT_MS_MAX - FAULT_MS_MIN))
    if (site.devices.some(({ device }) => device.stats.openSessions > 0)) inTheMiddle++
    await stopFor(server, { awayMs, how: round % 2 === 0 ? 'kill' : 'in-order' })
    const startedMs = systemClock.monotonicMs()
    await site.until(`every punch of round ${round}`, ROUND_MS_MAX, async () => {
      assertAlive(processes)
      return (await site.assertPunches({ missing: 'some' })) === site.truth()
    })
    const isToldBack = () => (poller.output.match(BACK) ?? []).length === round
    await site.until(`a word on the end of outage ${round}: ${poller.output}`, ROUND_MS_MAX, isToldBack)
    site.assertOneAtATime()
    rows = await site.assertPunches({ missing: 'none' })
    tell(
      `round ${round}: ${rows} rows, ${Math.round(systemClock.monotonicMs() - startedMs)} ms after the server was back`,
    )
  }
  await Promise.all(Object.values(processes).map(each => each.stop()))
  assertToldOnce(poller, rounds)
  for (const { output } of Object.values(processes)) assert(!output.includes(TEST_PASSWORD_SIGN), 'a password was told')
  return { rounds, rows, inTheMiddle }
}

async function stopFor(server: ProcessServer, fault: { awayMs: number; how: 'in-order' | 'kill' }): Promise<void> {
  await server.stop(fault.how)
  await systemClock.sleep(fault.awayMs)
  await server.start()
}

function assertAlive(processes: Readonly<Record<string, SiteProcess>>): void {
  for (const [name, { child, output }] of Object.entries(processes)) {
    assert(child.exitCode === null && child.signalCode === null, `the ${name} died: ${output}`)
  }
}

/** A line when it goes and a line when it is back, for each outage, whatever all the devices met. */
function assertToldOnce({ output }: SiteProcess, rounds: number): void {
  const count = (pattern: RegExp) => (output.match(pattern) ?? []).length
  const told = [count(/^✗ Database/gm), count(BACK)]
  assert.deepEqual(told, [rounds, rounds], output)
  assert.equal(count(/^✗ (?!Database)/gm), 0, `an outage of the database was told as a failure of a device: ${output}`)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      server: { type: 'string', default: 'PostgreSQL' },
      rounds: { type: 'string', default: '20' },
      devices: { type: 'string', default: '10' },
      away: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    },
  })
  const name = values.server
  assert(name in SERVERS, `--server must be one of ${Object.keys(SERVERS).join(', ')}`)
  console.log(`${name}, seed ${values.seed}`)
  const report = await databaseOutages({
    server: name as ServerName,
    rounds: Number(values.rounds),
    devices: Number(values.devices),
    awayMs: Number(values.away) * 1000,
    seed: Number(values.seed),
    tell: line => console.log(line),
  })
  console.log(
    `${report.rounds} outages of ${values.away} s, ${report.inTheMiddle} in the middle of a sync, ${report.rows} rows: every punch once, no process died`,
  )
}

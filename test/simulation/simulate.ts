import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seededRandom } from '../../src/base/random.ts'
import type { LayoutName } from '../../src/codec/binary/attendance-record.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import { FAULTS, type FaultName } from '../../src/virtual/faults.ts'
import type { SimulatedServer } from './outside-store.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

const LAYOUTS: readonly LayoutName[] = ['8A', '8B', '16', '36', '40', '49', '40+12']
const MINUTE_MS = 60_000
/** Faults that make another device of it: at first contact nobody can know. */
const FROM_FIRST_CONTACT_NEVER: ReadonlySet<FaultName> = new Set(['wrong-serial'])

/** Between one connection to a server that is lost and the next. */
const STATEMENTS_BETWEEN_LOSSES = 400

export interface SimulatedSite {
  readonly punches: number
  readonly failures: number
  readonly crashes: number
}

/** A server to which connections are lost: at a statement, or in place of its answer. */
export interface LosableServer extends SimulatedServer {
  readonly relay: { cutAtAnswer(): void; heal(): void }
}

interface Site {
  readonly device: VirtualDevice
  readonly unplug: { unplug(): void; plugIn(): void }
}

/**
 * Some hours of a small site, all from one seed: devices of every kind that people punch at, faults that come and go, cables pulled,
 * processes killed, a polling engine on top. Then everything heals, and every punch must be stored once, with nothing left open.
 *
 * On a server the connections to it are lost too. What comes back from it in which order is its own affair, so that a seed replays the
 * faults, and not each turn of the event loop.
 *
 * @throws AssertionError when it is not so.
 */
export async function simulateSite(seed: number, server?: LosableServer): Promise<SimulatedSite> {
  const random = seededRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-sim-'))
  try {
    const losses = server && new Losses(server, seed)
    await using world = new World({
      seed,
      ...(losses ? { server: losses.server, onStatement: () => losses.pass() } : { path: join(folder, 'sim.db') }),
    })
    const sites = await openSites(world, random)
    let crashes = 0
    const hours = random.int(2, 5)
    for (let hour = 0; hour < hours; hour++) {
      const stop = new AbortController()
      const engine = await world.engine()
      const polling = engine.run({ intervalMs: 30_000 }, stop.signal)
      losses?.begin()
      await world.run(live(world, sites, { random, minutes: random.int(20, 60) }))
      losses?.end()
      // Half of the processes end in order, the others are killed with their connections.
      if (random.chance(0.5)) {
        crashes++
        await world.crash()
      }
      stop.abort()
      await world.run(polling)
      for (const [i, { device }] of sites.entries()) {
        assertTruth(device, await storedOf(await world.store(), i + 1), { missing: 'some' })
      }
    }
    await heal(world, sites)
    const failures = world.events.filter(event => event.event === 'device.failed').length
    return { punches: sites.reduce((sum, site) => sum + site.device.recordCount, 0), failures, crashes }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Now and then the connections to a server are lost, half of the time once a statement was done. */
class Losses {
  readonly server: LosableServer
  readonly #random: Random
  #left = Number.POSITIVE_INFINITY

  constructor(server: LosableServer, seed: number) {
    this.server = server
    this.#random = seededRandom(seed)
  }

  begin(): void {
    this.#left = this.#random.int(1, STATEMENTS_BETWEEN_LOSSES)
  }

  end(): void {
    this.#left = Number.POSITIVE_INFINITY
    this.server.relay.heal()
  }

  pass(): void {
    if (--this.#left > 0) return
    this.begin()
    if (this.#random.chance(0.5)) this.server.cut()
    else this.server.relay.cutAtAnswer()
  }
}

async function openSites(world: World, random: Random): Promise<Site[]> {
  const sites: Site[] = []
  for (let i = 0; i < random.int(1, 4); i++) {
    const layout = random.pick(LAYOUTS)
    const isOld = layout === '16' || layout.startsWith('8')
    const transports = isOld ? 'udp' : random.pick(['tcp', 'udp', 'both'] as const)
    const options = {
      seed: random.uint32(),
      host: `site-${i}`,
      transports,
      profile: isOld ? ('black-and-white' as const) : ('colour-screen' as const),
      layout,
      packetBytes: random.pick([1008, 65_528]),
      commKey: random.pick([0, 0, 4711]),
      records: random.int(20, 600),
    }
    const { device, attachment } = world.attachPluggable(options)
    await world.add(`site-${i}`, 'auto', options.commKey)
    sites.push({ device, unplug: attachment })
  }
  return sites
}

/** Minute by minute: people punch, and things go wrong or right again. */
async function live(world: World, sites: readonly Site[], options: { random: Random; minutes: number }): Promise<void> {
  const { random, minutes } = options
  const faults = Object.keys(FAULTS) as FaultName[]
  for (let minute = 0; minute < minutes; minute++) {
    await world.clock.sleep(MINUTE_MS)
    for (const { device, unplug } of sites) {
      if (random.chance(0.5)) device.punchBySomebody()
      if (random.chance(0.05)) setFault(device, random.pick(faults))
      if (random.chance(0.1)) device.clearFaults()
      if (random.chance(0.02)) device.powerCycle()
      if (random.chance(0.03)) unplug.unplug()
      else if (random.chance(0.3)) unplug.plugIn()
    }
  }
}

function setFault(device: VirtualDevice, fault: FaultName): void {
  const isKnown = device.stats.sessions > 0
  if (isKnown || !FROM_FIRST_CONTACT_NEVER.has(fault)) device.setFault(fault, 'on')
}

async function heal(world: World, sites: readonly Site[]): Promise<void> {
  for (const { device, unplug } of sites) {
    device.clearFaults()
    unplug.plugIn()
    device.punchBySomebody()
  }
  await world.run(world.clock.sleep(10 * MINUTE_MS))
  const engine = await world.engine()
  const summary = await world.run(engine.syncOnce({}, new AbortController().signal))
  const lastFailure = world.events.filter(event => event.event === 'device.failed').at(-1)
  assert.equal(summary.failed, 0, `after healing: ${JSON.stringify(lastFailure)}`)
  for (const [i, { device }] of sites.entries()) {
    assertTruth(device, await storedOf(await world.store(), i + 1), { missing: 'none' })
    const { disables, clears, wipes, markerMoves } = device.stats
    assert.deepEqual([disables, clears, wipes, markerMoves], [0, 0, 0, 0], 'something on the device was changed')
  }
  assert.equal(world.network.openLinks, 0, 'a link was left open')
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreError } from '../../src/base/errors.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'
import type { SyncEvent } from '../../src/sync/events.ts'
import { type HeardPunch, WatchedNetwork } from './month-hearing.ts'
import { keyOf } from './month-ledger.ts'
import { type Appointment, Reaper } from './month-reaper.ts'
import { openSite, type Site } from './month-site.ts'
import { assertMonth } from './month-truth.ts'
import { World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** With changes of summer time in spring, autumn, by half an hour, and none at all. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Casablanca',
  'Asia/Kolkata',
] as const
/** Two changes a year lie behind any of these. */
const YEAR_STARTS = [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1)] as const

/** Between two processes. */
const PAUSE_MS = 6 * HOUR_MS
/** A process that stays looks at its list every two seconds: that many minutes of it a day are as long as the days without. */
const STAYING_MINUTES_A_DAY = 4
const MISHAP_EVERY_MS = 30 * HOUR_MS
/** A log of records that are all dated 2000 is read once enough others stand beside them. */
const PUNCHES_AT_THE_END = 60
/** What a process has heard this shortly before it is killed may not be stored yet: a read of the log may have been under way. */
const IN_HAND_MS = 5 * MINUTE_MS

export interface MonthSummary {
  readonly punches: number
  readonly heard: number
  readonly runs: number
  readonly failures: number
  readonly crashes: number
}

/**
 * A month of a small company, all from one seed: one to three devices of any kind in any zone, people, cut cables, cut power,
 * clocks that are set, logs that are cleared, faults that come and go; and Rollcall, as passes and as processes that stay, polling
 * and listening, killed at any await. Then everything heals, one more run ends, and the tables are held against the truth.
 *
 * @throws AssertionError when they do not hold.
 */
export async function simulateMonth(seed: number, options: { days: number }): Promise<MonthSummary> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-month-'))
  try {
    await using month = new Month(seed, { ...options, path: join(folder, 'month.db') })
    return await month.live()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

class Month implements AsyncDisposable {
  readonly #random: Random
  readonly #world: World
  readonly #reaper: Reaper
  readonly #zone: string
  readonly #endMs: number
  readonly #days: number
  readonly #heard = new Map<Site, Map<string, number>>()
  #sites: Site[] = []
  #death = Promise.withResolvers<void>()
  #crashes = 0
  #runs = 0
  #failures = 0

  constructor(seed: number, options: { days: number; path: string }) {
    const random = seededRandom(seed)
    this.#random = random
    this.#days = options.days
    this.#zone = random.pick(ZONES)
    const startMs = startNear(this.#zone, { random, days: options.days })
    this.#endMs = startMs + options.days * DAY_MS
    this.#reaper = new Reaper({
      onDeath: () => {
        this.#world.wire.die()
        this.#forgetInHand()
        this.#death.resolve()
      },
      onFailure: () => this.#forgetInHand(),
    })
    this.#world = new World({
      seed,
      path: options.path,
      startMs,
      onStatement: sql => this.#reaper.passStatement(sql),
      watch: wire =>
        new WatchedNetwork(wire, {
          now: () => this.#world.clock.now(),
          onPacket: () => this.#reaper.passPacket(),
          onHeard: punch => this.#hear(punch),
        }),
      onEvent: event => this.#note(event),
    })
  }

  async live(): Promise<MonthSummary> {
    const random = this.#random
    const count = random.int(1, 3)
    for (let i = 0; i < count; i++) {
      const timezone = i === 0 ? this.#zone : random.pick(ZONES)
      const site = await openSite(this.#world, { random: seededRandom(random.uint32()), host: `site-${i}`, timezone })
      this.#sites.push(site)
      this.#heard.set(site, new Map())
      if (random.chance(0.5)) site.device.fillLog(random.int(1, 50))
      site.begin(MISHAP_EVERY_MS)
    }
    let minutesLeft = this.#days * STAYING_MINUTES_A_DAY
    while (this.#world.clock.now() < this.#endMs) {
      await this.#sleep(-Math.log(1 - random.float()) * (random.chance(0.3) ? MINUTE_MS : PAUSE_MS))
      if (minutesLeft > 0 && random.chance(0.3)) {
        const minutes = random.int(1, 25)
        minutesLeft -= minutes
        await this.#stay(minutes * MINUTE_MS)
      } else await this.#pass()
    }
    await this.#end()
    return {
      punches: this.#sites.reduce((sum, site) => sum + site.ledger.entries.length, 0),
      heard: this.#sites.reduce((sum, site) => sum + (this.#heard.get(site)?.size ?? 0), 0),
      runs: this.#runs,
      failures: this.#failures,
      crashes: this.#crashes,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]()
  }

  /** One process that makes one pass. */
  async #pass(): Promise<void> {
    const random = this.#random
    const full = random.chance(0.1)
    await this.#process({ diesBeforeMs: 20_000, crowdMs: 10_000, statements: 80, packets: 80 }, async stop => {
      const engine = await this.#world.engine()
      await this.#world.run(engine.syncOnce({ full }, stop))
    })
  }

  /** One process that stays for a while, listens where that is wished, and polls the others. */
  async #stay(ms: number): Promise<void> {
    const random = this.#random
    await this.#wish()
    await this.#process({ diesBeforeMs: ms, crowdMs: ms, statements: 1_500, packets: 1_500 }, async (stop, end) => {
      const engine = await this.#world.engine()
      const polling = engine.run({ intervalMs: random.int(1, 10) * MINUTE_MS, full: random.chance(0.1) }, stop)
      const endMs = this.#world.clock.now() + ms
      while (!stop.aborted && this.#world.clock.now() < endMs) {
        const restMs = endMs - this.#world.clock.now()
        await this.#world.run(
          Promise.race([this.#world.clock.sleep(Math.min(restMs, random.float() * ms)), this.#death.promise]),
        )
        if (!stop.aborted && random.chance(0.5)) await this.#wish()
      }
      end()
      await this.#world.run(polling)
    })
  }

  /** Runs a process to its end, or kills it at some await. */
  async #process(
    plan: { diesBeforeMs: number; crowdMs: number; statements: number; packets: number },
    work: (stop: AbortSignal, end: () => void) => Promise<void>,
  ): Promise<void> {
    const random = this.#random
    const stop = new AbortController()
    this.#death = Promise.withResolvers()
    void this.#death.promise.then(() => stop.abort(new Error('killed')))
    const dies = random.chance(0.2) ? random.pick(['statement', 'packet', 'time'] as const) : null
    let hasFailed = false
    this.#reaper.newLife({
      dies: dies === 'statement' || dies === 'packet' ? appointment(dies, plan, random) : null,
      statementFailsAt: random.chance(0.05) ? random.int(1, plan.statements) : null,
    })
    const killing =
      dies === 'time' ? this.#world.clock.after(random.float() * plan.diesBeforeMs, () => this.#reaper.kill()) : null
    for (const site of this.#sites) {
      if (random.chance(0.5)) continue
      const isShort = plan.crowdMs < MINUTE_MS
      site.crowd({
        withinMs: plan.crowdMs,
        punches: random.int(0, isShort ? 2 : 15),
        mishaps: random.int(0, isShort ? 1 : 4),
      })
    }
    try {
      await work(stop.signal, () => stop.abort(new Error('ended')))
    } catch (error) {
      if (!(error instanceof StoreError) && !stop.signal.aborted) throw error
      hasFailed = true
    }
    killing?.[Symbol.dispose]()
    if (!this.#reaper.isDead && !hasFailed && random.chance(0.8)) return
    if (this.#reaper.isDead) this.#crashes++
    await this.#world.crash()
    this.#reaper.newLife({ dies: null, statementFailsAt: null })
  }

  /** Somebody wishes to hear a device, or not any more. */
  async #wish(): Promise<void> {
    const { id } = this.#random.pick(this.#sites).entry
    const isLive = this.#random.chance(0.75)
    try {
      await this.#reaper.away(async () => (await this.#world.store()).devices.edit(id, { isLive }))
    } catch (error) {
      if (!this.#reaper.isDead) throw error
    }
  }

  async #end(): Promise<void> {
    this.#reaper.newLife({ dies: null, statementFailsAt: null })
    for (const site of this.#sites) {
      site.heal()
      for (let i = 0; i < PUNCHES_AT_THE_END; i++) {
        await this.#sleep(this.#random.int(1, 50) * 1_000)
        site.punch()
      }
    }
    await this.#sleep(20 * MINUTE_MS)
    const beganAtMs = this.#world.clock.now()
    for (const full of [false, true]) {
      const engine = await this.#world.engine()
      const summary = await this.#world.run(engine.syncOnce({ full }, new AbortController().signal))
      const lastFailure = this.#world.events.filter(event => event.event === 'device.failed').at(-1)
      assert.equal(summary.failed, 0, `after healing: ${JSON.stringify(lastFailure)}`)
      await this.#assertAll(beganAtMs)
    }
    assert.equal(this.#world.network.openLinks, 0, 'a link was left open')
  }

  async #assertAll(beganAtMs: number): Promise<void> {
    const store = await this.#world.store()
    for (const site of this.#sites) {
      const { id, name } = site.entry
      const heard = this.#heard.get(site) ?? new Map<string, number>()
      try {
        await assertMonth(store, { deviceId: id, ledger: site.ledger, heard })
        const last = (await store.coverage.spans(id)).at(-1)
        assert(last && last.provenUntil.getTime() >= beganAtMs, 'the last run proves nothing')
      } catch (error) {
        const { layout, eventBytes, whenFull, capacity, transports } = site.device.settings
        const kind = `${layout}, events of ${eventBytes}, ${transports}, ${whenFull} at ${capacity}, ${site.entry.timezone}`
        throw new Error(`${name} (${kind}): ${(error as Error).message}`, { cause: error })
      }
      const { disables, clears, wipes, userWrites, restarts, markerMoves, timeWrites } = site.device.stats
      assert.deepEqual(
        [disables, clears, wipes, userWrites, restarts, markerMoves],
        [0, 0, 0, 0, 0, 0],
        `${name} was changed`,
      )
      assert(timeWrites === 0 || site.entry.setsClock, `the clock of ${name} was set, and nobody asked for it`)
    }
  }

  #note(event: SyncEvent): void {
    if (event.event === 'device.failed') {
      this.#failures++
      assert.notEqual(event.code, 'DEFECT', event.message)
    }
    if (event.event !== 'device.synced') return
    this.#runs++
    const site = this.#sites.find(({ entry }) => entry.id === event.deviceId) as Site
    site.isKnown = true
    // A counter that has not moved is no read: what hides behind an equal number is found by the daily comparison.
    if (event.mode === 'unchanged') return
    const now = this.#world.clock.now()
    const isClockTold = !site.device.faults.some(fault => fault.name === 'clock-not-told')
    site.ledger.readEnded({ beganAtMs: now - event.durationMs, isClockTold })
    if (event.received > 0) site.recordsReadAtMs = now
  }

  #hear(punch: HeardPunch): void {
    const site = this.#sites.find(({ entry }) => entry.host === punch.host)
    if (!site || this.#reaper.isDead) return
    // Until records were read in this conversation, nobody knows how the device writes user ids: the log is read instead.
    if (site.recordsReadAtMs < punch.linkOpenedAtMs) return
    const { layout } = site.device.settings
    const isNumeric = layout === '16' || layout.startsWith('8')
    if (isNumeric !== (punch.lengthBytes === 12)) return
    this.#heard.get(site)?.set(keyOf(punch), this.#world.clock.now())
  }

  /** A process that is killed takes with it what it has heard and not stored: the device tells it again, or its log has it. */
  #forgetInHand(): void {
    const sinceMs = this.#world.clock.now() - IN_HAND_MS
    for (const heard of this.#heard.values()) {
      for (const [key, atMs] of heard) if (atMs >= sinceMs) heard.delete(key)
    }
  }

  #sleep(ms: number): Promise<void> {
    return this.#world.run(this.#world.clock.sleep(ms))
  }
}

function appointment(
  at: 'statement' | 'packet',
  plan: { statements: number; packets: number },
  random: Random,
): Appointment {
  return { at, n: random.int(1, at === 'statement' ? plan.statements : plan.packets) }
}

/** So many days that hold a change of summer time of the zone, if it has any. */
function startNear(timezone: string, options: { random: Random; days: number }): number {
  const { random, days } = options
  const yearStart = Temporal.Instant.fromEpochMilliseconds(random.pick(YEAR_STARTS)).toZonedDateTimeISO(timezone)
  const change = yearStart.getTimeZoneTransition('next') ?? yearStart
  return change.epochMilliseconds - Math.floor(random.float() * days * DAY_MS)
}

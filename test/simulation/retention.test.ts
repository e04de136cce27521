import assert from 'node:assert/strict'
import { afterAll, describe, test } from 'vitest'
import { type Random, seededRandom } from '../../src/base/random.ts'
import type { AttendanceLog } from '../../src/model/punch.ts'
import type { RetentionCount, RetentionStep } from '../../src/model/retention-store.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import type { VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

const NEVER = new AbortController().signal
const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

/** A device that is polled, and whose old rows are removed. */
class Site implements AsyncDisposable {
  readonly world: World
  readonly device: VirtualDevice
  readonly #removed = new Set<string>()

  constructor(options: Partial<VirtualDeviceOptions> = {}) {
    const { seed = 1, ...rest } = options
    this.world = new World({ seed })
    this.device = this.world.attach({ seed, host: 'gate', transports: 'tcp', ...rest })
    this.device.addPeople(20)
  }

  async begin(): Promise<this> {
    await this.world.add('gate', 'tcp')
    return this
  }

  async poll(how: { full?: boolean } = {}) {
    const before = new Set((await this.#rows()).map(keyOf))
    const engine = await this.world.engine()
    await this.world.run(engine.syncOnce(how, NEVER))
    const back = (await this.#rows()).filter(row => !before.has(keyOf(row)) && this.#removed.has(keyOf(row)))
    assert.deepEqual(back.map(keyOf), [], 'a row that was removed came back')
    const store = await this.world.store()
    const [run] = await store.punches.runs({ limit: 1 })
    assert(run)
    return run
  }

  /** Removes what may go of all that is older than now. */
  async prune(): Promise<RetentionCount> {
    const { retention } = await this.world.store()
    const before = await this.#rows()
    const sum = { removable: 0, held: 0, unknown: 0 }
    let after: RetentionStep['after'] = null
    do {
      const instant = new Date(this.world.clock.now() + YEAR_MS)
      const part = await retention.remove({ deviceId: 1, before: instant, after })
      sum.removable += part.removable
      sum.held += part.held
      sum.unknown += part.unknown
      after = part.next
    } while (after !== null)
    const left = new Set((await this.#rows()).map(keyOf))
    for (const row of before) if (!left.has(keyOf(row))) this.#removed.add(keyOf(row))
    return sum
  }

  /** A full comparison brings nothing back, and all that the device holds is stored. */
  async isTrue(): Promise<void> {
    const run = await this.poll({ full: true })
    assert.deepEqual([run.status, run.mode, run.missedByTail], ['ok', 'full', 0])
    const store = await this.world.store()
    assertTruth(this.device, await storedOf(store, 1), { missing: 'none' })
  }

  async oldestLocal(): Promise<string | null | undefined> {
    return (await (await this.world.store()).punches.checkpoint(1))?.oldestLocal
  }

  /** The log is cleared, and holds punches again, all of them made since. */
  async renewLog(count: number): Promise<void> {
    await this.wait(60_000)
    this.device.clearLog()
    await this.punch(count)
  }

  /** People punch, a minute or so between two of them. */
  async punch(count: number, random = seededRandom(count)): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.device.punch({ userId: String(random.int(1, 20)) })
      await this.wait(random.int(1, 120) * 1000)
    }
  }

  get removed(): number {
    return this.#removed.size
  }

  wait(ms: number): Promise<void> {
    return this.world.run(this.world.clock.sleep(ms))
  }

  async #rows(): Promise<readonly AttendanceLog[]> {
    return (await storedOf(await this.world.store(), 1)).logs
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]()
  }
}

function keyOf({ deviceUserId, localTime }: AttendanceLog): string {
  return `${deviceUserId}|${localTime}`
}

/** The earliest time that stands in the log of the device. */
function earliestOf(device: VirtualDevice): string | undefined {
  const times = device.punches.flatMap(({ localTime, faulty }) =>
    localTime === null || faulty === 'IMPOSSIBLE_DATE' ? [] : [localTime],
  )
  return times.sort()[0]
}

describe('old rows', () => {
  test('of a log that holds them all: none goes, whole reads and tails later', async () => {
    await using site = await new Site().begin()
    site.device.fillLog(1_200)
    await site.poll()
    assert.deepEqual(await site.prune(), { removable: 0, held: 1_200, unknown: 0 })
    await site.wait(DAY_MS / 4)
    site.device.fillLog(30)
    assert.equal((await site.poll()).mode, 'tail')
    assert.equal(await site.oldestLocal(), earliestOf(site.device))
    assert.deepEqual(await site.prune(), { removable: 0, held: 1_230, unknown: 0 })
    await site.isTrue()
  })

  for (const layout of ['40', '16', '8A', '8B'] as const)
    test(`of a log of layout ${layout} that was cleared and has new records: the old ones go, and none comes back`, async () => {
      await using site = await new Site({ layout }).begin()
      site.device.fillLog(700)
      await site.poll()
      await site.renewLog(60)
      await site.poll()
      assert.deepEqual(await site.prune(), { removable: 700, held: 60, unknown: 0 })
      await site.isTrue()
      assert.deepEqual(await site.prune(), { removable: 0, held: 60, unknown: 0 })
    })

  test('of a log that is empty: all go', async () => {
    await using site = await new Site().begin()
    site.device.fillLog(100)
    await site.poll()
    await site.wait(60_000)
    site.device.clearLog()
    assert.deepEqual(await site.prune(), { removable: 0, held: 100, unknown: 0 }, 'nobody has looked since')
    await site.poll()
    assert.deepEqual(await site.prune(), { removable: 100, held: 0, unknown: 0 })
    await site.isTrue()
  })

  for (const fault of ['sizes-zero-count', 'sizes-4-bytes-blind'] as const)
    test(`of a log that is said to be empty by a device with ${fault}: none goes`, async () => {
      await using site = await new Site({ faults: [fault] }).begin()
      site.device.fillLog(100)
      await site.poll()
      await site.wait(60_000)
      site.device.clearLog()
      await site.poll()
      await site.poll()
      assert.deepEqual(await site.prune(), { removable: 0, held: 0, unknown: 100 })
      await site.punch(3)
      await site.poll()
      assert.deepEqual(await site.prune(), { removable: 100, held: 3, unknown: 0 }, 'its next records tell')
      await site.isTrue()
    })

  for (const whenFull of ['loop', 'delete-oldest'] as const)
    test(`of a full log that makes room by ${whenFull}: what was written over goes`, async () => {
      await using site = await new Site({ capacity: 300, whenFull }).begin()
      site.device.fillLog(290)
      await site.poll()
      await site.wait(DAY_MS / 4)
      site.device.fillLog(200)
      await site.poll()
      const { removable, held, unknown } = await site.prune()
      assert(removable > 100 && unknown === 0, `${removable} removed`)
      assert.equal(held, site.device.recordCount)
      await site.isTrue()
    })

  test('of a device whose clock was set back: its new records hold the old rows, by a tail as by a whole read', async () => {
    await using site = await new Site().begin()
    site.device.fillLog(200)
    await site.poll()
    await site.renewLog(150)
    await site.poll()
    const first = await site.oldestLocal()
    site.device.shiftClock(-10 * YEAR_MS)
    site.device.punch({ userId: '1' })
    assert.equal((await site.poll()).mode, 'tail')
    const second = await site.oldestLocal()
    assert(first && second && second < first)
    assert.equal(second, earliestOf(site.device))
    assert.deepEqual(await site.prune(), { removable: 0, held: 200 + 150 + 1, unknown: 0 })
    await site.isTrue()
    assert.equal(await site.oldestLocal(), second)
  })

  test('of a device whose count did not close: none goes before it was read whole again', async () => {
    await using site = await new Site().begin()
    site.device.fillLog(50)
    await site.poll()
    await site.renewLog(40)
    site.device.setFault('counter-too-high', 'on')
    assert.equal((await site.poll()).error?.code, 'COUNT_MISMATCH')
    assert.deepEqual(await site.prune(), { removable: 0, held: 0, unknown: 90 })
    site.device.clearFaults()
    await site.poll()
    assert.deepEqual(await site.prune(), { removable: 50, held: 40, unknown: 0 })
    await site.isTrue()
  })

  test('of a log with times that are none: those make no row and hold none', async () => {
    const faults = (['impossible-dates', 'zero-times'] as const).map(name => ({ name, value: 50 }))
    await using site = await new Site({ faults }).begin()
    site.device.fillLog(400)
    await site.poll()
    await site.renewLog(450)
    await site.poll()
    const store = await site.world.store()
    const quarantined = (await store.quarantine.page({ limit: 9_999 })).length
    const { removable, unknown } = await site.prune()
    assert(removable > 300 && removable < 400 && quarantined > 0 && unknown === 0)
    await site.isTrue()
    assert.equal((await store.quarantine.page({ limit: 9_999 })).length, quarantined)
  })
})

type Happening = (site: Site, random: Random) => Promise<unknown>

/** What happens to a device, in any order. */
const HAPPENINGS: readonly Happening[] = [
  site => site.poll(),
  site => site.poll(),
  site => site.poll({ full: true }),
  site => site.prune(),
  site => site.prune(),
  (site, random) => site.punch(random.int(1, 60), random),
  (site, random) => site.punch(random.int(1, 60), random),
  (site, random) => site.wait(random.int(1, DAY_MS)),
  async ({ device }) => device.clearLog(),
  async ({ device }, random) => device.shiftClock(random.int(-400, 400) * DAY_MS),
  async ({ device }) => device.powerCycle(),
  async ({ device }) => device.setFault('counter-too-high', 'on'),
  async ({ device }) => device.clearFaults(),
]

describe('whatever happens to a device, no row that was removed comes back, and nothing that it holds is missing', () => {
  let removed = 0
  for (const whenFull of ['refuse', 'loop', 'delete-oldest'] as const)
    for (let seed = 1; seed <= 8; seed++)
      test(`${whenFull}, seed ${seed}`, async () => {
        const random = seededRandom(seed)
        await using site = await new Site({ seed, capacity: 250, whenFull }).begin()
        for (let step = 0; step < 60; step++) await random.pick(HAPPENINGS)(site, random)
        site.device.clearFaults()
        await site.poll({ full: true })
        await site.prune()
        await site.isTrue()
        removed += site.removed
      })

  afterAll(() => assert(removed > 1_000, `only ${removed} rows were removed in all`))
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { StoreError } from '../../src/base/errors.ts'
import type { LayoutName } from '../../src/codec/binary/attendance-record.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import type { PacketFailure } from './failing-network.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

/** Several slices over either transport. */
const RECORDS = 400
/** More than one batch of rows, so that a commit can fail between two. */
const RECORDS_OF_TWO_BATCHES = 5_300
const SEED = 0x7e57
/** A sync of that many records takes fewer packets and statements than this; a loop that gets here never ends. */
const STEPS_MAX = 1_000

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-nth-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Setup {
  transport: 'tcp' | 'udp'
  layout: LayoutName
}

const SETUPS: readonly Setup[] = [
  { transport: 'tcp', layout: '40' },
  { transport: 'tcp', layout: '8B' },
  { transport: 'udp', layout: '16' },
  { transport: 'udp', layout: '49' },
]

for (const setup of SETUPS) {
  const { transport, layout } = setup
  const failures: readonly PacketFailure[] = transport === 'udp' ? ['lost'] : ['lost', 'cut']
  for (const how of failures) {
    test(`the n-th packet is ${how}, for every n, over ${transport} with records of layout ${layout}: every punch once`, async () => {
      const n = await forEveryN(async at => {
        await using world = new World({ seed: SEED })
        const device = await attach(world, setup, RECORDS)
        world.wire.failAt(at, how)
        await syncOnce(world)
        const happened = world.wire.packets >= at
        assertTruth(device, await storedOf(await world.store(), 1), { missing: 'some' })
        world.wire.heal()
        await settle(world, device)
        return happened
      })
      assert(n > 20, `only ${n} packets`)
    })
  }
}

describe.each(SETUPS)('layout $layout over $transport', setup => {
  test('the n-th statement of the store fails, for every n (begin, write and commit alike): every punch once', async () => {
    const n = await forEveryN(async at => {
      const failing = new FailingStatements()
      await using world = new World({ seed: SEED, onStatement: sql => failing.pass(sql) })
      const device = await attach(world, setup, RECORDS_OF_TWO_BATCHES)
      failing.failAt(at, 'once')
      await syncUnderFailure(world)
      const happened = failing.count >= at
      failing.heal()
      assertTruth(device, await storedOf(await world.store(), 1), { missing: 'some' })
      await settle(world, device)
      return happened
    })
    assert(n > 20, `only ${n} statements`)
  })
})

describe.each(['before', 'after'] as const)('the process dies %s the n-th statement', when => {
  test('for every n (before and after each commit): the next process stores every punch once', async () => {
    const n = await forEveryN(async at => {
      const failing = new FailingStatements()
      const path = join(folder, `${when}-${at}.db`)
      await using world = new World({ seed: SEED, path, onStatement: sql => failing.pass(sql) })
      const device = await attach(world, { transport: 'tcp', layout: '40' }, RECORDS_OF_TWO_BATCHES)
      failing.failAt(when === 'before' ? at : at + 1, 'for ever')
      await syncUnderFailure(world)
      const happened = failing.count >= at
      failing.heal()
      await world.crash()
      assertTruth(device, await storedOf(await world.store(), 1), { missing: 'some' })
      await settle(world, device)
      rmSync(path, { force: true })
      return happened
    })
    assert(n > 20, `only ${n} statements`)
  })
})

/** Runs `step` with n = 1, 2, ... until it says that its n-th thing never came; returns that n. */
async function forEveryN(step: (n: number) => Promise<boolean>): Promise<number> {
  for (let n = 1; n < STEPS_MAX; n++) {
    try {
      if (!(await step(n))) return n
    } catch (error) {
      throw new Error(`n = ${n}: ${(error as Error).message}`, { cause: error })
    }
  }
  throw new Error(`after ${STEPS_MAX} steps there is still another one`)
}

async function attach(world: World, setup: Setup, records: number): Promise<VirtualDevice> {
  const profile = setup.layout === '16' || setup.layout === '8B' ? 'black-and-white' : 'colour-screen'
  const device = world.attach({ seed: SEED, host: 'gate', transports: setup.transport, profile, layout: setup.layout })
  device.fillLog(records)
  await world.add('gate', setup.transport)
  return device
}

async function syncOnce(world: World): Promise<number> {
  const engine = await world.engine()
  return (await world.run(engine.syncOnce({}, new AbortController().signal))).failed
}

/** The same while statements fail: when not even the devices can be listed, the pass itself fails. */
async function syncUnderFailure(world: World): Promise<void> {
  try {
    await syncOnce(world)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
  }
}

/** What failed has healed: the next sync ends well, and then everything is there, and nothing is open. */
async function settle(world: World, device: VirtualDevice): Promise<void> {
  device.punchBySomebody()
  await world.run(world.clock.sleep(60_000))
  assert.equal(await syncOnce(world), 0, `after healing: ${JSON.stringify(world.events.at(-1))}`)
  const store = await world.store()
  assertTruth(device, await storedOf(store, 1), { missing: 'none' })
  assert.equal(world.network.openLinks, 0, 'a link was left open')
  const [lastRun] = await store.punches.runs({ limit: 1 })
  assert.equal(lastRun?.status, 'ok')
}

/** Counts the statements of a store and makes the n-th fail, or that one and all that follow, as for a dead process. */
class FailingStatements {
  count = 0
  #failure: { at: number; how: 'once' | 'for ever' } | null = null

  failAt(at: number, how: 'once' | 'for ever'): void {
    this.count = 0
    this.#failure = { at, how }
  }

  heal(): void {
    this.#failure = null
  }

  pass(sql: string): void {
    this.count++
    const failure = this.#failure
    if (!failure) return
    const fails = failure.how === 'once' ? this.count === failure.at : this.count >= failure.at
    if (fails) throw new StoreError('STORE_FAILED', `simulated failure of statement ${this.count}: ${sql.slice(0, 40)}`)
  }
}

import assert from 'node:assert/strict'
import { StoreError } from '../../src/base/errors.ts'
import type { LayoutName } from '../../src/codec/binary/attendance-record.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import { assertTruth, storedOf } from './truth.ts'
import type { World } from './world.ts'

/** Several slices over either transport. */
export const RECORDS = 400
/** More than one batch of rows, so that a commit can fail between two. */
export const RECORDS_OF_TWO_BATCHES = 5_300
export const SEED = 0x7e57
/** A sync of that many records takes fewer packets and statements than this; a loop that gets here never ends. */
const STEPS_MAX = 1_000

export interface Setup {
  readonly transport: 'tcp' | 'udp'
  readonly layout: LayoutName
}

/** Runs `step` with n = 1, 2, ... until it says that its n-th thing never came; returns that n. */
export async function forEveryN(step: (n: number) => Promise<boolean>): Promise<number> {
  for (let n = 1; n < STEPS_MAX; n++) {
    try {
      if (!(await step(n))) return n
    } catch (error) {
      throw new Error(`n = ${n}: ${(error as Error).message}`, { cause: error })
    }
  }
  throw new Error(`after ${STEPS_MAX} steps there is still another one`)
}

export async function attach(world: World, setup: Setup, records: number): Promise<VirtualDevice> {
  const profile = setup.layout === '16' || setup.layout === '8B' ? 'black-and-white' : 'colour-screen'
  const device = world.attach({ seed: SEED, host: 'gate', transports: setup.transport, profile, layout: setup.layout })
  device.fillLog(records)
  await world.add('gate', setup.transport)
  return device
}

export async function syncOnce(world: World): Promise<number> {
  const engine = await world.engine()
  return (await world.run(engine.syncOnce({}, new AbortController().signal))).failed
}

/** The same while statements fail: when not even the devices can be listed, the pass itself fails. */
export async function syncUnderFailure(world: World): Promise<void> {
  try {
    await syncOnce(world)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
  }
}

/** What failed has healed: the next sync ends well, and then everything is there, and nothing is open. */
export async function settle(world: World, device: VirtualDevice): Promise<void> {
  device.punchBySomebody()
  await world.run(world.clock.sleep(60_000))
  assert.equal(await syncOnce(world), 0, `after healing: ${JSON.stringify(world.events.at(-1))}`)
  const store = await world.store()
  assertTruth(device, await storedOf(store, 1), { missing: 'none' })
  assert.equal(world.network.openLinks, 0, 'a link was left open')
  const [lastRun] = await store.punches.runs({ limit: 1 })
  assert.equal(lastRun?.status, 'ok')
}

/** What a failure of a statement is: it throws, alone or with all that follow, as for a dead process; or what is done to the server. */
export type StatementFailure = 'once' | 'for ever' | (() => void)

/** Counts the statements of a store and makes the n-th fail. */
export class FailingStatements {
  count = 0
  /** Those since the last `failAt`. */
  seen: string[] = []
  #failure: { at: number; how: StatementFailure } | null = null

  failAt(at: number, how: StatementFailure): void {
    this.count = 0
    this.seen = []
    this.#failure = { at, how }
  }

  heal(): void {
    this.#failure = null
  }

  pass(sql: string): void {
    this.count++
    this.seen.push(sql)
    if (!this.#failure) return
    const { at, how } = this.#failure
    if (this.count !== at && !(how === 'for ever' && this.count > at)) return
    if (typeof how !== 'function')
      throw new StoreError('STORE_FAILED', `simulated failure of statement ${this.count}: ${sql.slice(0, 40)}`)
    how()
  }
}

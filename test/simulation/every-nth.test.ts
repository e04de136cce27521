import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  attach,
  FailingStatements,
  forEveryN,
  RECORDS,
  RECORDS_OF_TWO_BATCHES,
  SEED,
  type Setup,
  settle,
  syncOnce,
  syncUnderFailure,
} from './every-nth.ts'
import type { PacketFailure } from './failing-network.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-nth-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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

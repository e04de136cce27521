import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, test } from 'vitest'
import { Command } from '../../src/codec/binary/commands.ts'
import type { VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

const NEVER = new AbortController().signal
const DAY_MS = 86_400_000

/** A device whose log was read once, whole. `poll` makes one more pass. */
async function polled(
  options: Partial<VirtualDeviceOptions> & { records?: number; transport?: 'tcp' | 'udp'; path?: string } = {},
) {
  const { records = 200, transport = 'tcp', path = ':memory:', ...settings } = options
  const world = new World({ seed: 1, path })
  const device = world.attach({ seed: 1, host: 'gate', transports: transport, records, ...settings })
  const entry = await world.add('gate', transport)
  const store = await world.store()
  const engine = await world.engine()
  const poll = async (how: { full?: boolean } = {}) => {
    const before = { bytes: device.stats.bytesSent, requests: device.stats.requests }
    await world.run(engine.syncOnce(how, NEVER))
    const [run] = await store.punches.runs({ deviceId: entry.id, limit: 1 })
    assert(run)
    return { ...run, sent: device.stats.bytesSent - before.bytes, requests: device.stats.requests - before.requests }
  }
  await poll()
  return {
    world,
    device,
    entry,
    store,
    poll,
    isTrue: async () => assertTruth(device, await storedOf(store, entry.id), { missing: 'none' }),
    coverage: () => store.coverage.spans(entry.id),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

test('nothing new: four questions after the greeting, less than a kilobyte, and the log is left alone', async () => {
  await using site = await polled()
  const run = await site.poll()
  assert.deepEqual([run.mode, run.status, run.received, run.inserted], ['unchanged', 'ok', 0, 0])
  assert.equal(run.counterBefore, 200)
  // CMD_CONNECT besides.
  assert(run.requests - 1 <= 4, `${run.requests - 1} requests`)
  assert(run.sent < 1_024, `${run.sent} bytes`)
  assert.equal(site.device.stats.requestsOf(Command.PrepareBuffer), 2, 'the log and its people, once')
})

test('the next process asks as little: names are read once a day over all of them', async () => {
  await using site = await polled()
  const before = site.device.stats.requests
  const engine = await site.world.engine()
  await site.world.run(engine.syncOnce({}, NEVER))
  assert.equal(site.device.stats.requests - before, 5)
  await site.world.run(site.world.clock.sleep(1.1 * DAY_MS))
  const nextDay = await site.world.engine()
  const users = site.device.stats.requestsOf(Command.PrepareBuffer)
  await site.world.run(nextDay.syncOnce({}, NEVER))
  assert(site.device.stats.requestsOf(Command.PrepareBuffer) > users)
})

for (const transport of ['tcp', 'udp'] as const) {
  test(`ten new over ${transport}: the end of the log alone is read, and it overlaps`, async () => {
    await using site = await polled({ transport })
    site.device.fillLog(10)
    const run = await site.poll()
    assert.deepEqual([run.mode, run.received, run.inserted, run.duplicates], ['tail', 30, 10, 20])
    assert.deepEqual([run.recordsOnDevice, run.counterBefore, run.counterAfter], [210, 210, 210])
    assert(run.sent < 4_096, `${run.sent} bytes`)
    await site.isTrue()
  })
}

const CHANGES: ReadonlyArray<{
  name: string
  options?: Parameters<typeof polled>[0]
  change: (device: Awaited<ReturnType<typeof polled>>['device']) => void
  mode: string
  because: string | null
  gap?: string
}> = [
  { name: 'cleared', change: device => device.clearLog(), mode: 'full', because: 'counter-fell', gap: 'log-cleared' },
  {
    name: 'cleared, and refilled with more than before',
    change: device => {
      device.clearLog()
      device.fillLog(230)
    },
    mode: 'full',
    because: 'log-changed',
    gap: 'log-cleared',
  },
  {
    name: 'cleared, and a few are back',
    change: device => {
      device.clearLog()
      device.fillLog(3)
    },
    mode: 'full',
    because: 'counter-fell',
    gap: 'log-cleared',
  },
  {
    name: 'full, where the oldest were deleted',
    options: { capacity: 220, whenFull: 'delete-oldest' },
    change: device => device.fillLog(30),
    mode: 'full',
    because: 'log-changed',
  },
  {
    name: 'a circle',
    options: { capacity: 220, whenFull: 'loop' },
    change: device => device.fillLog(30),
    mode: 'full',
    because: 'log-full',
  },
  {
    name: 'of firmware that cannot buffer',
    options: { faults: ['no-buffered-read'] },
    change: device => device.fillLog(5),
    mode: 'full',
    because: 'never-buffered',
  },
  {
    name: 'small enough to come in one packet',
    options: { records: 5 },
    change: device => device.fillLog(2),
    mode: 'full',
    because: 'small-log',
  },
  {
    name: 'of a device without counters',
    options: { faults: ['sizes-4-bytes-blind'] },
    change: device => device.fillLog(5),
    mode: 'tail',
    because: null,
  },
  {
    name: 'of a device that counts 0',
    options: { faults: ['sizes-zero-count'] },
    change: device => device.fillLog(5),
    mode: 'tail',
    because: null,
  },
  {
    name: 'of a device that ignores where a slice begins',
    change: device => {
      device.setFault('slices-in-sequence', 'on')
      device.fillLog(5)
    },
    mode: 'full',
    because: 'slice-not-honoured',
  },
]
describe('a log that is', () => {
  for (const { name, options, change, mode, because, gap } of CHANGES) {
    test(`${name}: ${mode}${because === null ? '' : `, because ${because}`}`, async () => {
      await using site = await polled(options)
      await site.world.run(site.world.clock.sleep(60_000))
      change(site.device)
      const run = await site.poll()
      assert.deepEqual([run.status, run.mode, run.fullBecause], ['ok', mode, because])
      assert.equal(run.received, run.inserted + run.duplicates + run.quarantined)
      await site.isTrue()
      const spans = await site.coverage()
      assert.deepEqual(
        spans.map(span => span.because),
        gap ? ['first-read', gap] : ['first-read'],
      )
    })
  }
})

test('a device that cuts no slices is not asked for one again, until its firmware changes', async () => {
  await using site = await polled({ faults: ['slices-in-sequence'] })
  site.device.fillLog(5)
  assert.equal((await site.poll()).fullBecause, 'slice-not-honoured')
  site.device.fillLog(5)
  const slices = site.device.stats.requestsOf(Command.ReadBuffer)
  assert.equal((await site.poll()).fullBecause, 'slice-not-honoured')
  assert.equal(site.device.stats.requestsOf(Command.ReadBuffer), slices + 1, 'read whole at once')
  await site.isTrue()
})

test('a count that does not close: what came is stored, and the next run reads everything', async () => {
  await using site = await polled()
  site.device.fillLog(4)
  site.device.setFault('counter-too-high', 'on')
  const failed = await site.poll()
  assert.deepEqual([failed.status, failed.error?.code, failed.inserted], ['failed', 'COUNT_MISMATCH', 4])
  site.device.clearFaults()
  const next = await site.poll()
  assert.deepEqual([next.status, next.mode, next.fullBecause], ['ok', 'full', 'last-run-failed'])
  assert.equal((await site.poll()).mode, 'unchanged')
  await site.isTrue()
})

test('a device that counts 0 is looked at after its log was cleared, too: 0 proves nothing of it', async () => {
  await using site = await polled({ faults: ['sizes-zero-count'] })
  site.device.clearLog()
  for (let poll = 1; poll <= 2; poll++) {
    const run = await site.poll()
    assert.deepEqual([run.status, run.mode, run.recordsOnDevice], ['ok', 'full', 0])
    assert.equal((await site.store.punches.checkpoint(site.entry.id))?.counter, null)
  }
  site.device.fillLog(3)
  assert.equal((await site.poll()).inserted, 3)
  await site.isTrue()
})

test('--full reads everything, and finds nothing new', async () => {
  await using site = await polled()
  const run = await site.poll({ full: true })
  assert.deepEqual([run.mode, run.fullBecause, run.received, run.inserted], ['full', 'asked-for', 200, 0])
  assert.equal(run.missedByTail, 0)
})

test('once a day everything is compared, and nothing was missed', async () => {
  await using site = await polled()
  await site.world.run(site.world.clock.sleep(1.6 * DAY_MS))
  site.device.fillLog(3)
  const run = await site.poll()
  assert.deepEqual([run.mode, run.fullBecause, run.inserted, run.missedByTail], ['full', 'comparison-due', 3, 0])
  assert.deepEqual(
    site.world.events.filter(event => event.event === 'device.missed'),
    [],
  )
})

test('a record that tails passed over is stored by the comparison, and told as a defect', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-tails-'))
  const path = join(folder, 'rollcall.db')
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => rmSync(folder, { recursive: true }))
  await using site = await polled({ path })
  // As a tail that skipped them would have left it.
  const stored = await storedOf(site.store, site.entry.id)
  const lost = stored.logs.slice(50, 53)
  const database = new Database(path)
  for (const { id } of lost) database.prepare('delete from attendance_logs where id = ?').run(id)
  database.close()
  const run = await site.poll({ full: true })
  assert.deepEqual([run.inserted, run.missedByTail], [3, 3])
  const [told] = site.world.events.filter(event => event.event === 'device.missed')
  assert(told?.event === 'device.missed' && told.missed === 3)
  await site.isTrue()
})

test('a crash in the middle of a tail leaves the checkpoint where it was', async () => {
  await using site = await polled()
  site.device.fillLog(6)
  site.device.setFault({ name: 'cut-connection', value: 1 }, 'on')
  const failed = await site.poll()
  assert.equal(failed.status, 'failed')
  site.device.clearFaults()
  const run = await site.poll()
  assert.deepEqual([run.mode, run.inserted], ['tail', 6])
  await site.isTrue()
})

test('records that the counter hides are a failure with a name of its own', async () => {
  await using site = await polled({ records: 50, faults: ['records-hidden'] })
  const run = await site.poll()
  assert.equal(run.error?.code, 'RECORDS_HIDDEN')
  assert.match(run.error.message, /50 are in use/)
  site.device.clearFaults()
  assert.equal((await site.poll()).inserted, 50)
})

describe('the clock of the device', () => {
  test('is looked at in each contact; what it was ahead is kept with the punches', async () => {
    await using site = await polled({ clockOffsetMs: 90_000, records: 40 })
    const [reading] = await site.store.clocks.series(site.entry.id, { limit: 10 })
    assert.deepEqual([reading?.driftSeconds, reading?.kind], [90, 'read'])
    const { logs } = await storedOf(site.store, site.entry.id)
    assert(logs.every(log => log.clockDriftSeconds === 90))
  })

  test('is never set unless a person wishes so, and then it is read back', async () => {
    await using site = await polled({ clockOffsetMs: -600_000, records: 40 })
    assert.equal(site.device.stats.requestsOf(Command.SetTime), 0)
    await site.store.devices.edit(site.entry.id, { setsClock: true })
    await site.poll()
    assert.equal(site.device.stats.requestsOf(Command.SetTime), 1)
    const [latest] = await site.store.clocks.series(site.entry.id, { limit: 10 })
    assert.deepEqual([latest?.driftSeconds, latest?.kind], [0, 'set'])
    await site.poll()
    assert.equal(site.device.stats.requestsOf(Command.SetTime), 1, 'a clock that is right is left alone')
  })
})

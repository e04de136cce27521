import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../../src/virtual/listen.ts'
import { Installation } from './rollcall-process.ts'

/** Far enough from the truth that no slow machine makes it right. */
const AHEAD_MS = 3_600_000

/** Seconds ahead as the device was set, but for one that ends while it is asked. */
function isAhead(driftSeconds: unknown): boolean {
  return typeof driftSeconds === 'number' && Math.abs(driftSeconds - AHEAD_MS / 1000) <= 2
}

/** As a right clock in UTC showed it. */
function aMinuteAgo() {
  const { year, month, day, hour, minute, second } = Temporal.Now.zonedDateTimeISO('UTC').subtract({ minutes: 1 })
  return { year, month, day, hour, minute, second }
}

/** One installation, used from the first command to the last; each test stands on those before it. */
describe('how a device stands, command by command', () => {
  using stack = new DisposableStack()
  const rollcall = stack.use(new Installation())
  const device = new VirtualDevice({ seed: 3, name: 'Gate', timezoneOffsetMinutes: 0 }, { clock: systemClock })
  const cleanUp = stack.move()
  let listener: VirtualListener
  beforeAll(async () => {
    device.addPeople(5)
    device.fillLog(120)
    device.shiftClock(AHEAD_MS)
    listener = await listenVirtualDevice(device, { transport: 'tcp' })
  })
  afterAll(async () => {
    cleanUp.dispose()
    await listener[Symbol.asyncDispose]()
  })

  test('before the first contact nothing is proven, and nothing is known', async () => {
    const address = ['--host', '127.0.0.1', '--port', String(listener.port), '--timezone', 'UTC', '--tag', 'new']
    const [added] = await rollcall.json('device:add', '--name', 'Gate', ...address)
    assert.deepEqual([added?.is_live, added?.live_state, added?.sets_clock], [false, null, false])
    assert.deepEqual(added?.tags, ['new'])
    const { status, stdout } = await rollcall.run(['device:coverage', '1'])
    assert.deepEqual([status, stdout], [0, 'Nothing is proven yet: the log has not been read whole.\n'])
    const show = (await rollcall.run(['device:show', '1'])).stdout
    for (const text of [
      /^mode +polled$/m,
      /^memory +not told/m,
      /^clock +not read yet$/m,
      /^coverage +nothing is proven/m,
    ])
      assert.match(show, text)
  })

  test('wishes are set and shown', async () => {
    const [edited] = await rollcall.json('device:edit', '1', '--live', 'on', '--auto-clock', 'on')
    assert.deepEqual([edited?.is_live, edited?.sets_clock], [true, true])
    assert.match(
      (await rollcall.run(['device:list'])).stdout,
      /^1 +Gate +127\.0\.0\.1:\d+ +new, live, auto-clock +never/m,
    )
    const { stderr } = await rollcall.run(['device:edit', '1', '--live', 'off', '--auto-clock', 'off'])
    assert.match(stderr, /^Changed live, auto-clock of device 1, Gate\./)
  })

  test('tags are given, replaced, filtered by and taken away', async () => {
    const [edited] = await rollcall.json('device:edit', '1', '--tag', 'payroll', '--tag', 'Plant 2', '--tag', 'PAYROLL')
    assert.deepEqual(edited?.tags, ['payroll', 'Plant 2'])
    assert.match((await rollcall.run(['device:show', '1'])).stdout, /^tags +payroll, Plant 2$/m)
    const listed = await rollcall.json('device:list', '--tag', 'plant 2')
    assert.deepEqual([listed.length, listed[0]?.tags], [1, ['payroll', 'Plant 2']])
    const none = await rollcall.run(['device:list', '--tag', 'gate'])
    assert.deepEqual([none.status, none.stdout, none.stderr], [0, '', 'No device has the tag gate.\n'])
    const wrong = await rollcall.run(['device:edit', '1', '--tag', 'a,b'])
    assert.deepEqual([wrong.status, /--tag must not hold commas/.test(wrong.stderr)], [2, true])
    const both = await rollcall.run(['device:edit', '1', '--tag', 'a', '--no-tags'])
    assert.deepEqual([both.status, /exclude each other/.test(both.stderr)], [2, true])
    const [cleared] = await rollcall.json('device:edit', '1', '--no-tags')
    assert.deepEqual(cleared?.tags, [])
    assert.match((await rollcall.run(['device:show', '1'])).stdout, /^tags +none$/m)
  })

  test('after a read the log is proven complete, and the rows carry the drift', async () => {
    assert.equal((await rollcall.run(['attendance:sync', '--once'])).status, 0)
    const [span, standing] = await rollcall.json('device:coverage', '1')
    assert.deepEqual([span?.kind, span?.reason, span?.missing], ['complete', 'first-read', null])
    assert.deepEqual([standing?.kind, standing?.last_error], ['standing', null])
    assert.equal(standing?.proven_until, span?.until)
    const text = (await rollcall.run(['device:coverage', '1'])).stdout
    assert.match(
      text,
      /^Gate, in the time of UTC\n\nFROM +UNTIL +FOR +LOG\n20[\d: -]+ [a-z]+ +complete\n\nProven until /,
    )
    const [log] = await rollcall.json('attendance:list', '--limit', '1')
    assert(isAhead(log?.clock_drift_s), JSON.stringify(log))
  })

  test('device:show tells it in words, and in values for programs', async () => {
    const show = (await rollcall.run(['device:show', '1'])).stdout
    for (const text of [
      /^memory +120 of 500000 records \(0 %\), /m,
      /^clock +60 min ahead, read /m,
      /^record layout +40, proven on this firmware$/m,
      /^coverage +complete from 20[\d: -]+ until /m,
      /^20[\d: -]+ full +ok .* all read: first-read$/m,
    ])
      assert.match(show, text)
    const [json] = await rollcall.json('device:show', '1')
    assert.equal(json?.state, 'online')
    assert.match(String(json?.sentence), /^in contact /)
    const { memory, clock, runs } = json as Record<string, Record<string, unknown>>
    assert.deepEqual([memory?.records, memory?.capacity, memory?.percent_full], [120, 500_000, 0])
    assert(isAhead(clock?.drift_s), JSON.stringify(clock))
    const [run] = runs as unknown as Array<Record<string, unknown>>
    assert.deepEqual([run?.state, run?.full_because, run?.missed_by_tail], ['ok', 'first-read', 0])
  })

  test('device:set-clock sets the clock, and tells before and after', async () => {
    const [setting] = await rollcall.json('device:set-clock', '1')
    const { drift_before_s, drift_after_s } = setting as { drift_before_s: number; drift_after_s: number }
    assert(isAhead(drift_before_s) && Math.abs(drift_after_s) <= 5, JSON.stringify(setting))
    const { status, stdout } = await rollcall.run(['device:set-clock', '1'])
    assert.equal(status, 0)
    assert.match(
      stdout,
      /^The clock of Gate is set to the time of UTC\.\n {2}before {2}20[\d: -]+, .+\n {2}after {3}20[\d: -]+, .+\n$/,
    )
    assert.match((await rollcall.run(['device:show', '1'])).stdout, /^clock .*; set by Rollcall /m)
  })

  test('a device that cannot be reached has an open gap, and its clock is not set', async () => {
    await listener.unplug()
    const set = await rollcall.run(['device:set-clock', '1'])
    assert.equal(set.status, 1)
    assert.match(set.stderr, /^Connection refused at 127\.0\.0\.1/)
    assert.equal((await rollcall.run(['attendance:sync', '--once'])).status, 1)
    const parts = await rollcall.json('device:coverage', '1')
    assert.deepEqual(
      parts.map(part => [part.kind, part.reason]),
      [
        ['complete', 'first-read'],
        ['gap', 'not-read'],
        ['standing', undefined],
      ],
    )
    assert.equal(parts[1]?.until, null)
    const text = (await rollcall.run(['device:coverage', '1'])).stdout
    assert.match(
      text,
      /now +\d+ \w+ +gap\n {2}The device was not read since: connection refused .*\n {2}Missing: nothing, as long/,
    )
    await listener.plugIn()
  })

  test('a log that was cleared begins another span', async () => {
    device.clearLog()
    assert.equal((await rollcall.run(['attendance:sync', '--once'])).status, 0)
    // Of before the empty log was seen: of a later one, a second on a slow machine, nothing tells that the log was not filled and
    // cleared in between, and that is a gap as well.
    device.punch({ userId: '1', at: aMinuteAgo() })
    assert.equal((await rollcall.run(['attendance:sync', '--once'])).status, 0)
    const parts = await rollcall.json('device:coverage', '1')
    assert.deepEqual(
      parts.map(part => [part.kind, part.reason]),
      [
        ['complete', 'first-read'],
        ['gap', 'log-cleared'],
        ['complete', 'log-cleared'],
        ['complete', 'log-was-empty'],
        ['standing', undefined],
      ],
    )
    assert.match(String(parts[1]?.missing), /deleted before they were read/)
  })
})

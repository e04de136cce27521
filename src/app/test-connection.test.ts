import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { seededRandom } from '../base/random.ts'
import type { TransportSetting } from '../model/device.ts'
import { VirtualDevice } from '../virtual/device.ts'
import { SimulatedNetwork } from '../virtual/network.ts'
import type { VirtualDeviceOptions } from '../virtual/settings.ts'
import { type ConnectionTarget, type Stage, type StageReport, testConnection } from './test-connection.ts'

const ADDRESS = { host: '192.168.1.201', port: 4370 }
const COMM_KEY = 987_654_321
const TARGET: ConnectionTarget = {
  deviceId: null,
  address: ADDRESS,
  transport: 'auto',
  commKey: 0,
  timezone: 'UTC',
  expectedSerialNumber: null,
}

interface Situation {
  readonly options?: Partial<VirtualDeviceOptions>
  readonly listens?: 'tcp' | 'udp' | 'both'
  readonly transport?: TransportSetting
  readonly records?: number
  readonly target?: Partial<ConnectionTarget>
  /** Somebody punches so long after the device was ready for it. */
  readonly punchAfterMs?: number
  readonly startMs?: number
  /** One way. */
  readonly latencyMs?: number
}

/** Tests the connection to a virtual device in virtual time. */
async function testing({
  options,
  listens = 'both',
  transport = 'auto',
  records = 40,
  target,
  punchAfterMs,
  startMs,
  latencyMs = 1,
}: Situation) {
  const clock = new VirtualClock(startMs)
  const random = seededRandom(1)
  const network = new SimulatedNetwork({ clock, random, latencyMs })
  const device = new VirtualDevice({ seed: 1, ...options }, { clock })
  device.addPeople(3)
  device.fillLog(records)
  network.attach(ADDRESS, device, listens)
  const stages: StageReport[] = []
  const onReady = () => void clock.after(punchAfterMs ?? 0, () => void device.punchBySomebody())
  const parts = {
    network,
    lookUp: (host: string) => network.lookUp(host),
    base: { clock, random },
    onStage: (stage: StageReport) => void stages.push(stage),
    punch: punchAfterMs === undefined ? undefined : { waitMs: 60_000, onReady },
  }
  const startedMs = clock.monotonicMs()
  const report = await clock.run(
    testConnection({ ...TARGET, transport, ...target }, parts, new AbortController().signal),
  )
  assert.equal(network.openLinks, 0)
  return {
    report,
    stages,
    device,
    tookMs: clock.monotonicMs() - startedMs,
    words: stages.map(({ stage, transport: over, status }) => [stage, over, status].filter(Boolean).join(' ')),
    of: (stage: Stage) => stages.findLast(each => each.stage === stage),
  }
}

const over = (transport: string, ...stages: string[]) => stages.map(stage => `${stage} ${transport} ok`)
const skipped = (...stages: string[]) => stages.map(stage => `${stage} skipped`)
const QUESTIONS = ['identity', 'firmware', 'clock', 'counters', 'record']

describe('Test Connection', () => {
  test('of a device in order goes through every stage and tells what it found', async () => {
    const { report, words, stages, device, of } = await testing({
      options: { commKey: COMM_KEY },
      target: { commKey: COMM_KEY },
      punchAfterMs: 7_000,
    })
    assert.deepEqual(words, ['address ok', ...over('tcp', 'port', 'handshake', 'comm-key', ...QUESTIONS, 'punch')])
    assert.deepEqual(
      { ...report, deviceTime: null, clockDriftMs: 0 },
      {
        result: 'ok',
        transport: 'tcp',
        serialNumber: device.serialNumber,
        model: 'Virtual C-200',
        firmware: 'Ver 6.60 Apr 26 2016',
        deviceTime: null,
        clockDriftMs: 0,
        attendanceRecords: 40,
        attendanceCapacity: 500_000,
        users: 3,
        verdicts: [],
      },
    )
    assert.ok(Math.abs(report.clockDriftMs ?? Number.NaN) <= 1000)
    const [newest, live] = device.punches.slice(-2)
    assert.equal(of('record')?.details.local_time, newest?.localTime)
    assert.deepEqual([of('record')?.details.layout, of('record')?.details.place], ['40', 'last'])
    assert.deepEqual(
      [of('punch')?.details.device_user_id, of('punch')?.details.local_time],
      [live?.userId, live?.localTime],
    )
    assert.ok(!JSON.stringify([report, stages]).includes(String(COMM_KEY)))
    assert.equal(device.stats.openSessions, 0)
  })

  test('falls back to UDP, and calls the failed way over TCP a warning', async () => {
    const { report, words, stages } = await testing({ listens: 'udp' })
    assert.deepEqual([report.transport, report.result], ['udp', 'warning'])
    assert.deepEqual(words.slice(0, 4), ['address ok', 'port tcp warning', 'port udp ok', 'handshake udp ok'])
    assert.match(stages[1]?.found ?? '', /connection refused.*; UDP is tried next$/)
  })

  for (const { name, situation, words, code } of [
    {
      name: 'nothing listens',
      situation: { options: { faults: ['refuses-connection'] }, transport: 'tcp' },
      words: ['address ok', 'port tcp failed', ...skipped('handshake', 'comm-key', ...QUESTIONS)],
      code: 'CONNECTION_REFUSED',
    },
    {
      name: 'it never answers, over neither transport',
      situation: { options: { faults: ['never-answers'] } },
      words: [
        'address ok',
        'port tcp ok',
        'handshake tcp warning',
        'port udp failed',
        ...skipped('comm-key', ...QUESTIONS),
      ],
      code: 'UDP_SILENT',
    },
    {
      name: 'its authentication is locked',
      situation: { options: { commKey: 77, faults: ['auth-locked'] }, target: { commKey: 77 } },
      words: ['address ok', 'port tcp ok', 'handshake tcp ok', 'comm-key tcp failed', ...skipped(...QUESTIONS)],
      code: 'COMM_KEY_LOCKED',
    },
    {
      name: 'its name is unknown',
      situation: { target: { address: { host: 'gate.example', port: 4370 } } },
      words: ['address failed', ...skipped('port', 'handshake', 'comm-key', ...QUESTIONS)],
      code: 'HOST_NOT_FOUND',
    },
  ] as const satisfies ReadonlyArray<{ name: string; situation: Situation; words: string[]; code: string }>)
    test(`${name}: one stage fails, and those that need it are skipped`, async () => {
      const tested = await testing(situation)
      assert.deepEqual(tested.words, words)
      assert.equal(tested.report.result, 'failed')
      assert.equal(tested.report.verdicts.at(-1)?.code, code)
    })

  for (const { name, situation, failed } of [
    { name: 'a stranger at the address', situation: { target: { expectedSerialNumber: 'ABC' } }, failed: 'identity' },
    { name: 'no attendance table', situation: { options: { faults: ['no-attendance-table'] } }, failed: 'record' },
    { name: 'a malformed option', situation: { options: { faults: ['malformed-option'] } }, failed: 'identity' },
  ] as const satisfies ReadonlyArray<{ name: string; situation: Situation; failed: Stage }>)
    test(`${name} fails one stage, and the others are gone through`, async () => {
      const { report, stages, device } = await testing(situation)
      assert.equal(report.result, 'failed')
      assert.deepEqual(
        stages.filter(({ status }) => status !== 'ok').map(({ stage, status }) => `${stage} ${status}`),
        [`${failed} failed`],
      )
      assert.equal(device.stats.exits, 1)
    })

  for (const [deviceId, nextStep] of [
    [7, /enter it in the settings of the device \(device:edit 7 --comm-key KEY\)$/],
    [null, /enter it \(--comm-key KEY\)$/],
  ] as const)
    test(`a refused comm key of ${deviceId === null ? 'an address' : 'a device'} is mended where it was given`, async () => {
      const { of } = await testing({ options: { commKey: 77 }, target: { deviceId } })
      assert.match(of('comm-key')?.verdicts[0]?.nextStep ?? '', nextStep)
    })

  for (const { name, options, timezone, found, code } of [
    {
      name: 'an hour ahead',
      options: { timezoneOffsetMinutes: 60 },
      timezone: 'UTC',
      found: /3600 s ahead/,
      code: 'ZONE_WRONG',
    },
    {
      name: 'in its own zone',
      options: { timezoneOffsetMinutes: 60 },
      timezone: 'Europe/Berlin',
      found: /Europe\/Berlin/,
      code: undefined,
    },
    {
      name: 'six minutes behind',
      options: { clockOffsetMs: -360_000 },
      timezone: 'UTC',
      found: /360 s behind/,
      code: 'CLOCK_DRIFT',
    },
    {
      name: 'some seconds off',
      options: { clockOffsetMs: 20_000 },
      timezone: 'UTC',
      found: /20 s ahead/,
      code: undefined,
    },
    {
      name: 'thirty hours off, further than any zone',
      options: { clockOffsetMs: 30 * 3_600_000 },
      timezone: 'UTC',
      found: /108000 s ahead/,
      code: 'CLOCK_DRIFT',
    },
  ])
    test(`a clock that is ${name}`, async () => {
      const { report, of } = await testing({ options, target: { timezone } })
      assert.equal(report.result, code ? 'warning' : 'ok')
      assert.match(of('clock')?.found ?? '', found)
      assert.equal(of('clock')?.verdicts[0]?.code, code)
    })
})

describe('a clock that is right around a change of its zone', () => {
  for (const [name, instant, offset] of [
    ['in the hour that comes twice, the first time', '2026-10-25T00:30:00Z', 120],
    ['in the hour that comes twice, the second time', '2026-10-25T01:30:00Z', 60],
    ['right after spring left out an hour', '2026-03-29T01:00:05Z', 120],
  ] as const)
    test(name, async () => {
      const { report, of } = await testing({
        startMs: Date.parse(instant),
        options: { timezoneOffsetMinutes: offset },
        target: { timezone: 'Europe/Berlin' },
      })
      assert.deepEqual([report.result, of('clock')?.details.clock_drift_s], ['ok', 0])
    })
})

describe('the stage of one record', () => {
  for (const [layout, transport] of [
    ['40', 'tcp'],
    ['16', 'udp'],
    ['49', 'tcp'],
    ['8A', 'udp'],
    ['40+12', 'tcp'],
  ] as const)
    test(`reads little of a large log, and shows its last record: ${layout} over ${transport}`, async () => {
      const profile = transport === 'udp' ? 'black-and-white' : 'colour-screen'
      const { device, of, report } = await testing({ options: { layout, profile }, transport, records: 50_000 })
      assert.equal(report.result, 'ok')
      assert.deepEqual([of('record')?.details.layout, of('record')?.details.place], [layout, 'last'])
      assert.equal(of('record')?.details.local_time, device.punches.at(-1)?.localTime)
      assert.ok(device.stats.bytesSent < 25_000, `${device.stats.bytesSent} bytes`)
    })

  test('of a large log without a counter', async () => {
    const { of } = await testing({ options: { faults: ['sizes-4-bytes-blind'] }, records: 50_000 })
    assert.deepEqual([of('record')?.status, of('record')?.details.records], ['ok', 50_000])
  })

  test('takes punches made meanwhile for what they are', async () => {
    const { report } = await testing({ options: { faults: ['record-appended-after-sizes'] } })
    assert.equal(report.result, 'ok')
  })

  test('shows the first record where the last is no punch', async () => {
    const { device, of } = await testing({ options: { faults: [{ name: 'zero-times', value: 40 }] } })
    assert.deepEqual(
      [of('record')?.details.place, of('record')?.details.local_time],
      ['first', device.punches[0]?.localTime],
    )
  })
})

describe('the stage of a live punch', () => {
  test('acknowledges the event by its own number', async () => {
    const { device, report } = await testing({ options: { faults: ['events-cached'] }, punchAfterMs: 1_000 })
    assert.equal(report.result, 'ok')
    assert.equal(device.stats.eventsAcknowledged, 1)
  })

  test('works over UDP, and with the short events of old firmware', async () => {
    const { report, of } = await testing({
      options: { profile: 'black-and-white' },
      transport: 'udp',
      punchAfterMs: 30_000,
    })
    assert.equal(report.result, 'ok')
    assert.equal(of('punch')?.details.event_bytes, 12)
  })
})

describe('a test ends in time', () => {
  test('where a packet trickles in for ever', async () => {
    const { tookMs, of } = await testing({ options: { faults: ['trickle-for-ever'] }, transport: 'tcp' })
    assert.equal(of('handshake')?.verdicts[0]?.code, 'TIME_BUDGET_SPENT')
    assert.ok(tookMs <= 12_000, `${tookMs} ms`)
  })

  test('where nothing is answered any more: two questions are asked, the others skipped', async () => {
    const { words, tookMs } = await testing({
      options: { faults: [{ name: 'half-open', value: 3 }] },
      transport: 'tcp',
    })
    assert.deepEqual(words.slice(4), [
      'identity tcp failed',
      'firmware tcp failed',
      ...['clock', 'counters', 'record'].map(stage => `${stage} tcp skipped`),
    ])
    assert.ok(tookMs <= 30_000, `${tookMs} ms`)
  })

  test('where no stage is too slow by itself, and all of them together are', async () => {
    const faults = [{ name: 'slow-prepare', value: 40_000 }] as const
    const situation = { options: { faults }, latencyMs: 1_400, transport: 'tcp', punchAfterMs: 0 } as const
    const { tookMs, of, words, report } = await testing(situation)
    assert.deepEqual([report.result, report.verdicts.map(({ code }) => code)], ['failed', ['TEST_TOO_LONG']])
    assert.deepEqual(words.slice(-2), ['record tcp failed', 'punch tcp skipped'])
    assert.match(of('record')?.found ?? '', /not done within 60 s/)
    assert.match(of('punch')?.found ?? '', /time of the test is spent/)
    assert.ok(tookMs <= 63_000, `${tookMs} ms`)
  })

  test('where bytes trickle in one at a time, twice a second, over whichever transport', async () => {
    for (const transport of ['tcp', 'auto'] as const) {
      const { tookMs, report } = await testing({
        options: { faults: [{ name: 'trickle-for-ever', value: 500 }] },
        transport,
      })
      assert.equal(report.result, 'failed')
      assert.ok(tookMs <= 30_000, `${transport}: ${tookMs} ms`)
    }
  })

  test('where a person is slow, which is no slowness of the device', async () => {
    const { report, tookMs } = await testing({ latencyMs: 1_400, transport: 'tcp', punchAfterMs: 50_000 })
    assert.equal(report.result, 'ok')
    assert.ok(tookMs > 80_000, `${tookMs} ms`)
  })

  test('where a look-up hangs', async () => {
    const clock = new VirtualClock()
    const random = seededRandom(1)
    const network = new SimulatedNetwork({ clock, random })
    const parts = { network, lookUp: () => new Promise<never>(() => {}), base: { clock, random }, onStage: () => {} }
    const target = { ...TARGET, address: { host: 'gate', port: 4370 } }
    const report = await clock.run(testConnection(target, parts, new AbortController().signal))
    assert.deepEqual(
      report.verdicts.map(({ code }) => code),
      ['HOST_NOT_FOUND'],
    )
  })

  test('when its signal fires, with the reason of the signal', async () => {
    for (const [faults, afterMs] of [
      [['menu-open'], 1_000],
      [[], 30_000],
    ] as const) {
      const clock = new VirtualClock()
      const random = seededRandom(1)
      const network = new SimulatedNetwork({ clock, random })
      const device = new VirtualDevice({ seed: 1, faults }, { clock })
      network.attach(ADDRESS, device, 'tcp')
      const controller = new AbortController()
      const reason = new Error('enough')
      clock.after(afterMs, () => controller.abort(reason))
      const parts = {
        network,
        lookUp: network.lookUp.bind(network),
        base: { clock, random },
        onStage: () => {},
        punch: { waitMs: 60_000, onReady: () => {} },
      }
      await assert.rejects(clock.run(testConnection(TARGET, parts, controller.signal)), reason)
      assert.ok(clock.monotonicMs() <= afterMs + 3_000)
      assert.deepEqual([network.openLinks, device.stats.openSessions], [0, 0])
    }
  })
})

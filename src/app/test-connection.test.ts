import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { seededRandom } from '../base/random.ts'
import type { TransportSetting } from '../model/device.ts'
import { VirtualDevice } from '../virtual/device.ts'
import { SimulatedNetwork } from '../virtual/network.ts'
import type { VirtualDeviceOptions } from '../virtual/settings.ts'
import { type ConnectionTarget, type StepReport, testConnection } from './test-connection.ts'

const ADDRESS = { host: '192.168.1.201', port: 4370 }

interface Situation {
  readonly options?: Partial<VirtualDeviceOptions>
  readonly listens?: 'tcp' | 'udp' | 'both'
  readonly transport?: TransportSetting
  readonly target?: Partial<ConnectionTarget>
}

/** Tests the connection to a virtual device in virtual time, and looks that the device was left in order. */
async function testing({ options, listens = 'both', transport = 'auto', target }: Situation) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const network = new SimulatedNetwork({ clock, random })
  const device = new VirtualDevice({ seed: 1, ...options }, { clock })
  device.addPeople(3)
  device.fillLog(40)
  network.attach(ADDRESS, device, listens)
  const steps: StepReport[] = []
  const wanted: ConnectionTarget = {
    address: ADDRESS,
    transport,
    commKey: 0,
    timezone: 'UTC',
    deviceId: null,
    expectedSerialNumber: null,
    ...target,
  }
  const parts = { network, base: { clock, random }, onStep: (step: StepReport) => steps.push(step) }
  const report = await clock.run(testConnection(wanted, parts, new AbortController().signal))
  assert.equal(network.openLinks, 0)
  assert.equal(device.recordCount, 40)
  return { report, steps, device, words: steps.map(step => `${step.step} ${step.transport} ${step.status}`) }
}

const last = (steps: readonly StepReport[]) => steps.at(-1)

describe('Test Connection', () => {
  test('of a device in order goes through every step and tells what it found', async () => {
    const { report, words, device } = await testing({ options: { commKey: 77 }, target: { commKey: 77 } })
    assert.deepEqual(
      words,
      ['reach', 'handshake', 'auth', 'identity', 'firmware', 'clock', 'counts'].map(step => `${step} tcp ok`),
    )
    assert.deepEqual(
      { ...report, deviceTime: null, clockDriftMs: 0 },
      {
        isGood: true,
        transport: 'tcp',
        serialNumber: device.serialNumber,
        model: 'Virtual C-200',
        firmware: 'Ver 6.60 Apr 26 2016',
        deviceTime: null,
        clockDriftMs: 0,
        attendanceRecords: 40,
        attendanceCapacity: 500_000,
        users: 3,
      },
    )
    assert.ok(Math.abs(report.clockDriftMs ?? Number.NaN) <= 1000)
  })

  test('falls back to UDP, and calls the way over TCP a warning', async () => {
    const { report, words } = await testing({ listens: 'udp' })
    assert.equal(report.transport, 'udp')
    assert.equal(report.isGood, true)
    assert.deepEqual(words.slice(0, 3), ['reach tcp warning', 'reach udp ok', 'handshake udp ok'])
  })

  for (const { name, situation, words, code, nextStep } of [
    {
      name: 'nothing listens',
      situation: { options: { faults: ['refuses-connection'] }, transport: 'tcp' },
      words: ['reach tcp failed'],
      code: 'CONNECTION_REFUSED',
      nextStep: /address and the port/,
    },
    {
      name: 'somebody is in its menu',
      situation: { options: { faults: ['menu-open'] }, transport: 'tcp' },
      words: ['reach tcp ok', 'handshake tcp failed'],
      code: 'REPLY_TIMEOUT',
      nextStep: /menu/,
    },
    {
      name: 'it never answers, over neither transport',
      situation: { options: { faults: ['never-answers'] } },
      words: ['reach tcp ok', 'handshake tcp warning', 'reach udp ok', 'handshake udp failed'],
      code: 'REPLY_TIMEOUT',
      nextStep: /another program/,
    },
    {
      name: 'the comm key is wrong',
      situation: { options: { commKey: 77 }, target: { commKey: 78 } },
      words: ['reach tcp ok', 'handshake tcp ok', 'auth tcp failed'],
      code: 'COMM_KEY_REFUSED',
      nextStep: /comm key in the device menu/,
    },
    {
      name: 'its authentication is locked',
      situation: { options: { commKey: 77, faults: ['auth-locked'] }, target: { commKey: 77 } },
      words: ['reach tcp ok', 'handshake tcp ok', 'auth tcp failed'],
      code: 'COMM_KEY_LOCKED',
      nextStep: /wait some minutes/,
    },
    {
      name: 'it demands an encrypted link',
      situation: { options: { faults: ['encrypted-link'] } },
      words: ['reach tcp ok', 'handshake tcp failed'],
      code: 'ENCRYPTED_LINK',
      nextStep: /push/,
    },
  ] as const satisfies ReadonlyArray<{
    name: string
    situation: Situation
    words: string[]
    code: string
    nextStep: RegExp
  }>)
    test(`${name}: says which step failed and what to do`, async () => {
      const tested = await testing(situation)
      assert.deepEqual(tested.words, words)
      assert.equal(tested.report.isGood, false)
      assert.equal(last(tested.steps)?.error?.code, code)
      assert.match(last(tested.steps)?.nextStep ?? '', nextStep)
    })

  test('a stranger at the address fails, and the other questions are still asked', async () => {
    const { report, steps } = await testing({ target: { expectedSerialNumber: 'ABC123' } })
    assert.equal(report.isGood, false)
    assert.equal(steps.find(({ step }) => step === 'identity')?.error?.code, 'SERIAL_MISMATCH')
    assert.equal(last(steps)?.step, 'counts')
  })

  for (const [deviceId, nextStep] of [
    [7, /device:edit 7 --comm-key KEY$/],
    [null, /^[^:]*give it with --comm-key$/],
  ] as const)
    test(`a refused comm key of ${deviceId === null ? 'an address' : 'a device'} is mended where it was given`, async () => {
      const { steps } = await testing({ options: { commKey: 77 }, target: { deviceId } })
      assert.match(last(steps)?.nextStep ?? '', nextStep)
    })

  for (const { name, options, timezone, drift, advice } of [
    {
      name: 'an hour ahead',
      options: { timezoneOffsetMinutes: 60 },
      timezone: 'UTC',
      drift: /3600 s ahead/,
      advice: /another time zone/,
    },
    {
      name: 'in its own zone',
      options: { timezoneOffsetMinutes: 60 },
      timezone: 'Europe/Berlin',
      drift: /Europe\/Berlin/,
      advice: null,
    },
    {
      name: 'six minutes behind',
      options: { clockOffsetMs: -360_000 },
      timezone: 'UTC',
      drift: /360 s behind/,
      advice: /set the clock/,
    },
    {
      name: 'some seconds off',
      options: { clockOffsetMs: 20_000 },
      timezone: 'UTC',
      drift: /20 s ahead/,
      advice: null,
    },
  ])
    test(`a clock that is ${name}`, async () => {
      const { report, steps } = await testing({ options, target: { timezone } })
      const step = steps.find(each => each.step === 'clock')
      assert.equal(report.isGood, true)
      assert.match(step?.detail ?? '', drift)
      assert.equal(step?.status, advice ? 'warning' : 'ok')
      if (advice) assert.match(step?.nextStep ?? '', advice)
    })

  test('ends at once when its signal fires', async () => {
    const clock = new VirtualClock()
    const random = seededRandom(1)
    const network = new SimulatedNetwork({ clock, random })
    network.attach(ADDRESS, new VirtualDevice({ seed: 1, faults: ['menu-open'] }, { clock }), 'tcp')
    const controller = new AbortController()
    const reason = new Error('enough')
    clock.after(1000, () => controller.abort(reason))
    const target = {
      deviceId: null,
      address: ADDRESS,
      transport: 'tcp',
      commKey: 0,
      timezone: 'UTC',
      expectedSerialNumber: null,
    } as const
    const parts = { network, base: { clock, random }, onStep: () => {} }
    await assert.rejects(clock.run(testConnection(target, parts, controller.signal)), reason)
    assert.equal(network.openLinks, 0)
  })
})

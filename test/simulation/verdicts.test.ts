import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { type ConnectionTarget, type StageReport, testConnection } from '../../src/app/test-connection.ts'
import { type Stage, VERDICTS, type VerdictCode } from '../../src/app/verdicts.ts'
import { seededRandom } from '../../src/base/random.ts'
import { Command } from '../../src/codec/binary/commands.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { type Attachment, SimulatedNetwork } from '../../src/virtual/network.ts'
import type { VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import { VirtualClock } from './virtual-clock.ts'

const ADDRESS = { host: '192.168.1.201', port: 4370 }
const PUNCH_WAIT_MS = 60_000

interface Case {
  readonly stage: Stage
  readonly options?: Partial<VirtualDeviceOptions>
  readonly records?: number
  readonly transport?: 'tcp' | 'udp' | 'auto'
  readonly listens?: 'tcp' | 'udp' | 'both'
  /** One way. */
  readonly latencyMs?: number
  readonly target?: Partial<ConnectionTarget>
  /** Somebody punches so long after the device was ready for it; else nobody does, and there is no stage of the punch. */
  readonly punchAfterMs?: number | 'never'
  readonly before?: (parts: { device: VirtualDevice; attachment: Attachment }) => void
}

/** What makes the virtual device, or the way to it, give each verdict. */
const CASES: { readonly [code in VerdictCode]: readonly Case[] } = {
  HOST_NOT_FOUND: [{ stage: 'address', target: { address: { host: 'gate.example', port: 4370 } } }],
  HOST_UNREACHABLE: [{ stage: 'port', target: { address: { host: '192.168.1.77', port: 4370 } } }],
  CONNECTION_REFUSED: [
    { stage: 'port', options: { faults: ['refuses-connection'] } },
    { stage: 'port', options: { faults: ['refuses-connection'] }, transport: 'udp' },
  ],
  CONNECTION_TIMEOUT: [{ stage: 'port', before: ({ attachment }) => attachment.unplug() }],
  UDP_ONLY: [{ stage: 'port', listens: 'udp', transport: 'auto' }],
  UDP_SILENT: [
    { stage: 'port', transport: 'udp', options: { faults: ['menu-open'] } },
    { stage: 'port', transport: 'udp', before: ({ attachment }) => attachment.unplug() },
  ],
  ENCRYPTED_LINK: [{ stage: 'handshake', options: { faults: ['encrypted-link'] } }],
  WEB_PAGE: [{ stage: 'handshake', options: { faults: ['web-page-at-port'] } }],
  ACCESS_PANEL: [{ stage: 'handshake', options: { faults: ['access-panel-at-port'] } }],
  HUNG_UP: [{ stage: 'handshake', options: { faults: ['hangs-up'] } }],
  DEVICE_HELD: [
    { stage: 'handshake', options: { faults: ['menu-open'] } },
    { stage: 'handshake', options: { faults: ['never-answers'] } },
    {
      stage: 'handshake',
      options: { faults: ['second-connection-stalls'] },
      before: ({ device }) => void device.connect('tcp', 'another program'),
    },
  ],
  COMM_KEY_REFUSED: [
    { stage: 'comm-key', options: { commKey: 77 } },
    { stage: 'comm-key', options: { commKey: 77 }, target: { commKey: 78 } },
  ],
  COMM_KEY_LOCKED: [{ stage: 'comm-key', options: { commKey: 77, faults: ['auth-locked'] }, target: { commKey: 77 } }],
  COMM_KEY_ZERO_ASKED: [{ stage: 'comm-key', options: { faults: ['comm-key-always-asked'] } }],
  COMM_KEY_NOT_ASKED: [{ stage: 'comm-key', target: { commKey: 77 } }],
  SERIAL_MISMATCH: [
    { stage: 'identity', options: { faults: ['wrong-serial'] }, target: { expectedSerialNumber: 'VIRT0000000001' } },
  ],
  SERIAL_NOT_TOLD: [{ stage: 'identity', options: { serialNumber: '' } }],
  MODEL_NOT_TOLD: [{ stage: 'identity', options: { faults: ['option-errors'] } }],
  FIRMWARE_NOT_TOLD: [{ stage: 'firmware', options: { firmware: '' } }],
  CLOCK_NOT_TOLD: [{ stage: 'clock', options: { faults: ['clock-not-told'] } }],
  CLOCK_UNSET: [{ stage: 'clock', options: { faults: ['clock-reset-2000'] } }],
  ZONE_WRONG: [
    { stage: 'clock', options: { timezoneOffsetMinutes: 60 } },
    { stage: 'clock', target: { timezone: 'Asia/Kathmandu' } },
    { stage: 'clock', target: { timezone: 'Asia/Kolkata' } },
  ],
  CLOCK_DRIFT: [
    { stage: 'clock', options: { clockOffsetMs: -360_000 } },
    { stage: 'clock', options: { clockOffsetMs: 90_000 } },
    { stage: 'clock', options: { faults: ['clock-far-ahead'] } },
  ],
  COUNTERS_NOT_TOLD: [{ stage: 'counters', options: { faults: ['sizes-4-bytes-blind'] } }],
  COUNTERS_FEW: [{ stage: 'counters', options: { faults: ['sizes-4-bytes'] } }],
  COUNTER_CONTRADICTED: [{ stage: 'counters', options: { faults: ['sizes-zero-count-used'] } }],
  LOG_NEARLY_FULL: [{ stage: 'counters', options: { capacity: 100 }, records: 91 }],
  LOG_FULL: [
    { stage: 'counters', options: { capacity: 100 }, records: 100 },
    { stage: 'counters', options: { capacity: 100, whenFull: 'loop' }, records: 120 },
  ],
  LOG_EMPTY: [
    { stage: 'record', records: 0 },
    { stage: 'record', records: 0, options: { faults: ['empty-log-inline'] } },
  ],
  NO_ATTENDANCE_TABLE: [{ stage: 'record', options: { faults: ['no-attendance-table'] } }],
  READ_INCOMPLETE: [{ stage: 'record', options: { faults: ['slice-short'] } }],
  COUNT_MISMATCH: [
    { stage: 'record', options: { faults: ['counter-too-high'] } },
    { stage: 'record', options: { faults: ['counter-too-low'] }, records: 3_000 },
  ],
  LAYOUT_UNPROVEN: [{ stage: 'record', options: { faults: ['no-buffered-read', 'direct-read-wrong-memory'] } }],
  LAYOUT_AMBIGUOUS: [
    {
      stage: 'record',
      options: { layout: '16', faults: ['sizes-4-bytes-blind'] },
      records: 0,
      before: ({ device }) => void device.punch({ userId: '1', verifyMode: 0 }),
    },
  ],
  RECORDS_IMPLAUSIBLE: [{ stage: 'record', options: { faults: [{ name: 'empty-user-ids', value: 4 }] }, records: 100 }],
  RECORDS_FAULTY: [{ stage: 'record', options: { faults: ['impossible-dates'] } }],
  LOG_TOO_LARGE: [{ stage: 'record', options: { faults: ['huge-announcement'] } }],
  COUNTER_ZERO: [
    { stage: 'record', options: { faults: ['sizes-zero-count'] } },
    { stage: 'record', options: { faults: ['sizes-zero-count'] }, records: 3_000 },
  ],
  BUFFER_UNSUPPORTED: [{ stage: 'record', options: { faults: ['no-buffered-read'] } }],
  LOG_NOT_SAMPLED: [{ stage: 'record', options: { faults: ['no-buffered-read'] }, records: 6_000 }],
  EVENTS_REFUSED: [{ stage: 'punch', options: { faults: ['events-refused'] }, punchAfterMs: 'never' }],
  EVENTS_SILENT: [{ stage: 'punch', options: { faults: ['events-never-sent'] }, punchAfterMs: 5_000 }],
  NO_PUNCH: [{ stage: 'punch', punchAfterMs: 'never' }],
  EVENT_UNKNOWN: [{ stage: 'punch', options: { faults: ['unknown-event-length'] }, punchAfterMs: 5_000 }],
  CONNECTION_LOST: [{ stage: 'handshake', options: { faults: [{ name: 'cut-connection', value: 1 }] } }],
  REPLY_TIMEOUT: [{ stage: 'identity', options: { faults: [{ name: 'half-open', value: 3 }] } }],
  TIME_BUDGET_SPENT: [
    { stage: 'handshake', options: { faults: ['trickle-for-ever'] } },
    { stage: 'record', options: { faults: [{ name: 'slow-prepare', value: 50_000 }] } },
  ],
  TEST_TOO_LONG: [
    { stage: 'record', latencyMs: 1_400, options: { faults: [{ name: 'slow-prepare', value: 40_000 }] } },
  ],
  STREAM_CORRUPT: [{ stage: 'handshake', options: { faults: [{ name: 'garbage-stream', value: 1 }] } }],
  COMMAND_FAILED: [{ stage: 'record', options: { faults: ['announced-size-too-big'] } }],
  COMMAND_UNSUPPORTED: [{ stage: 'record', options: { faults: [{ name: 'answers-code', value: 65_535 }] } }],
  DEVICE_BUSY: [{ stage: 'record', options: { faults: ['prepare-answers-retry'] } }],
  DEVICE_FAULT: [{ stage: 'identity', options: { faults: ['answers-code'] } }],
  UNEXPECTED_REPLY: [{ stage: 'identity', options: { faults: [{ name: 'answers-code', value: 12_345 }] } }],
  REPLY_DATA: [{ stage: 'identity', options: { faults: ['malformed-option'] } }],
  CHECKSUM_ERRORS: [
    { stage: 'identity', options: { faults: [{ name: 'corrupted-bytes', value: 3 }] }, transport: 'udp' },
  ],
}

for (const [code, cases] of Object.entries(CASES) as Array<[VerdictCode, readonly Case[]]>) {
  describe(`verdict ${code}`, () => {
    for (const one of cases) {
      const { options, records, transport = 'tcp', target, punchAfterMs, latencyMs } = one
      const text = JSON.stringify({ transport, ...options, records, ...target, punchAfterMs, latencyMs })
      test(text, async () => {
        const stage = (await stagesOf(one)).find(report => report.verdicts.some(verdict => verdict.code === code))
        assert.equal(stage?.stage, one.stage)
        const { stage: usual, severity } = VERDICTS[code]
        if (usual !== 'any') assert.equal(usual, one.stage)
        if (severity === 'failed') assert.equal(stage?.status, 'failed')
        if (severity === 'warning') assert.notEqual(stage?.status, 'ok')
      })
    }
  })
}

/** Tests the connection in virtual time, and looks that the device was left as it was found. */
async function stagesOf(one: Case): Promise<readonly StageReport[]> {
  const { options, records = 40, transport = 'tcp', listens = 'both', punchAfterMs, latencyMs } = one
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const network = new SimulatedNetwork({ clock, random, ...(latencyMs === undefined ? {} : { latencyMs }) })
  const device = new VirtualDevice({ seed: 1, ...options }, { clock })
  device.addPeople(5)
  if (records > 0) device.fillLog(records)
  const attachment = network.attach(ADDRESS, device, listens)
  one.before?.({ device, attachment })
  const others = network.openLinks
  const stages: StageReport[] = []
  const onReady = () => {
    if (typeof punchAfterMs === 'number') clock.after(punchAfterMs, () => void device.punchBySomebody())
  }
  const target: ConnectionTarget = {
    deviceId: null,
    address: ADDRESS,
    transport,
    commKey: 0,
    timezone: 'UTC',
    expectedSerialNumber: null,
    ...one.target,
  }
  const report = await clock.run(
    testConnection(
      target,
      {
        network,
        lookUp: host => network.lookUp(host),
        base: { clock, random },
        onStage: stage => void stages.push(stage),
        punch: punchAfterMs === undefined ? undefined : { waitMs: PUNCH_WAIT_MS, onReady },
      },
      new AbortController().signal,
    ),
  )
  assert.equal(report.result, worst(stages))
  assert.equal(network.openLinks, others, 'a link was left open')
  const { stats } = device
  assert.deepEqual(
    [stats.disables, stats.clears, stats.wipes, stats.userWrites, stats.timeWrites, stats.restarts, stats.markerMoves],
    [0, 0, 0, 0, 0, 0, 0],
  )
  assert(stats.requestsOf(Command.Connect) <= 8)
  return stages
}

function worst(stages: readonly StageReport[]): string {
  const has = (status: StageReport['status']) => stages.some(report => report.status === status)
  if (has('failed')) return 'failed'
  return has('warning') ? 'warning' : 'ok'
}

import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Command } from '../../src/codec/binary/commands.ts'
import type { Transport } from '../../src/model/device.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import type { VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import { assertTruth, storedOf } from '../simulation/truth.ts'
import { World } from '../simulation/world.ts'
import { relayByBytes } from './byte-relay.ts'
import { assertGentle, LoopbackScene } from './loopback-scene.ts'

/**
 * Devices are tried as a stranger's would behave. Over real sockets: every punch is stored once, every name is right,
 * nothing is left open, and the device was only read and told goodbye.
 */
interface Case {
  readonly name: string
  readonly transports: readonly Transport[]
  readonly records: number
  readonly options: Partial<VirtualDeviceOptions>
  /** Whether the device stands behind a relay that passes on its bytes one by one. */
  readonly wire?: 'byte by byte'
  /** That the device really behaved as the name says. */
  readonly check?: (scene: LoopbackScene, device: VirtualDevice) => void
}

/** One slice over TCP, several over UDP. */
const SMALL = 300
/** Fits into the room of a connection that has not received a log yet. */
const FEW = 80
/** Three slices over TCP. */
const LARGE = 4_000

const RECORD_BYTES = 40
const FRAME_BYTES = 16
const PREPARE_FRAME_BYTES = 24

const CASES: readonly Case[] = [
  {
    name: 'whose replies come in one read',
    transports: ['tcp'],
    records: FEW,
    options: { faults: ['glued-packets'] },
    check: ({ network }) => {
      const data = 4 + FEW * RECORD_BYTES
      assert(network.reads.includes(PREPARE_FRAME_BYTES + FRAME_BYTES + data + FRAME_BYTES), 'no read holds a transfer')
    },
  },
  {
    name: 'whose replies come in single bytes',
    transports: ['tcp'],
    records: SMALL,
    options: {},
    wire: 'byte by byte',
    check: ({ network }) =>
      assert(
        network.reads.length > 0.9 * network.bytesRead,
        `${network.bytesRead} bytes in ${network.reads.length} reads`,
      ),
  },
  {
    name: 'whose packets hold 1,008 bytes',
    transports: ['tcp', 'udp'],
    records: LARGE,
    options: { packetBytes: 1_008 },
  },
  {
    name: 'whose packets hold 65,528 bytes',
    transports: ['tcp'],
    records: LARGE,
    options: { packetBytes: 65_528 },
    check: (_, { stats }) => assert(stats.requestsOf(Command.ReadBuffer) >= 3),
  },
  {
    name: 'that puts packet numbers where a session id is expected',
    transports: ['tcp', 'udp'],
    records: LARGE,
    options: { faults: ['session-id-is-packet-index'], packetBytes: 1_008 },
  },
  {
    name: 'whose log grows between two commands',
    transports: ['tcp', 'udp'],
    records: LARGE,
    options: { faults: [{ name: 'records-appended-while-reading', value: 1 }] },
    check: (_, device) => assert(device.recordCount > LARGE, 'nobody punched'),
  },
  {
    name: 'whose trailing acknowledgement comes late',
    transports: ['tcp', 'udp'],
    records: SMALL,
    options: { faults: [{ name: 'trailing-ack-late', value: 200 }] },
  },
  {
    name: 'whose trailing acknowledgement comes so late that nobody waits for it any more',
    transports: ['tcp'],
    records: SMALL,
    options: { faults: [{ name: 'trailing-ack-late', value: 2_500 }] },
  },
  ...([28, 72] as const).map(userLayout => ({
    name: `with garbage after the NUL of names and ids, users of ${userLayout} bytes`,
    transports: ['tcp', 'udp'] as const,
    records: SMALL,
    options: { faults: ['garbage-after-nul'], userLayout } as const,
    check: (_: LoopbackScene, device: VirtualDevice) => {
      const bytes = () => device.userRecords().filter(byte => byte !== 0).length
      const withGarbage = bytes()
      device.clearFaults()
      assert(withGarbage > bytes(), 'there is no garbage')
    },
  })),
]

const PEOPLE = 30

describe('devices as a stranger would behave', () => {
  for (const entry of CASES) {
    for (const transport of entry.transports) {
      test(`a device ${entry.name}, over ${transport.toUpperCase()}`, () => tryDevice(entry, transport))
    }
  }

  test('a device that sends 20 KB a second, for minutes', async () => {
    const records = 100_000
    await using world = new World({ seed: 20 })
    const device = world.attach({ seed: 20, host: 'gate', transports: 'tcp', records, faults: ['slow-20kb'] })
    const { id } = await world.add('gate', 'tcp')
    const startMs = world.clock.monotonicMs()
    const engine = await world.engine()
    const summary = await world.run(engine.syncOnce({}, new AbortController().signal))
    assert.deepEqual([summary.failed, summary.inserted], [0, records])
    assert(world.clock.monotonicMs() - startMs > 3 * 60_000, 'it took minutes')
    assertTruth(device, await storedOf(await world.store(), id), { missing: 'none' })
    assertGentle(device)
    assert.equal(device.stats.sessionsWithoutExit, 0)
    assert.equal(world.network.openLinks, 0)
    assert.equal(world.clock.waiting, 0, 'a timer is set')
  })
})

async function tryDevice(entry: Case, transport: Transport): Promise<void> {
  const device = new VirtualDevice({ seed: 11, ...entry.options }, { clock: systemClock })
  device.addPeople(PEOPLE)
  device.fillLog(entry.records)
  await using listener = await listenVirtualDevice(device, { transport })
  await using relay = entry.wire === 'byte by byte' ? await relayByBytes(listener.port) : null
  await using scene = await LoopbackScene.open({ port: relay?.port ?? listener.port, transport })

  const first = await scene.sync()
  assert.equal(first.failed, 0, JSON.stringify(scene.events.at(-1)))
  assert(first.inserted >= entry.records, `${first.inserted} of ${entry.records} records`)
  entry.check?.(scene, device)

  // Once more, with the fault gone: what was punched meanwhile comes, and nothing comes twice.
  device.clearFaults()
  const second = await scene.sync()
  assert.equal(second.failed, 0, JSON.stringify(scene.events.at(-1)))
  await scene.assertStored(device)
  await scene.assertNames(device)
  await scene.assertNothingOpen(device)
  assertGentle(device)
  assert.equal(device.stats.sessions, 2)
  assert.equal(device.stats.sessionsWithoutExit, 0, 'a session ended without a goodbye')
}

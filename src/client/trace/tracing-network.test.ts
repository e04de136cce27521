import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { START_MS } from '../../../test/raw-client.ts'
import { VirtualClock } from '../../../test/simulation/virtual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { scrambleCommKey } from '../../codec/binary/comm-key.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import { encodeU32 } from '../../codec/binary/integers.ts'
import type { TraceEvent } from '../../codec/trace/trace-events.ts'
import { type TraceEntry, traceEntries } from '../../codec/trace/trace-packets.ts'
import { VirtualDevice } from '../../virtual/device.ts'
import { FAULTS, type FaultName } from '../../virtual/faults.ts'
import { SimulatedNetwork } from '../../virtual/network.ts'
import { readCounters, readOption } from '../conversations.ts'
import { DeviceClient } from '../device-client.ts'
import { readWhole } from '../read-block.ts'
import { tracingNetwork } from './tracing-network.ts'

const ADDRESS = { host: '10.0.0.1', port: 4370 }
const NEVER = new AbortController().signal
/** All its bytes are rare. */
const COMM_KEY = 0xe7d3c9b5
const PEOPLE = 60
const PASSWORD = 'Xk7w'
const CARD = 0xd1c2b3a4
const USERS = { command: Command.UserTempRrq, argument: 5, directData: Uint8Array.of(5) }

interface Recorded {
  readonly events: TraceEvent[]
  readonly bytes: Buffer
  readonly device: VirtualDevice
}

/** What is recorded of a client that says hello, reads counters, users and log, and says goodbye. */
async function record(options: {
  transport: 'tcp' | 'udp'
  profile?: 'colour-screen' | 'black-and-white'
  fault?: FaultName
}): Promise<Recorded> {
  const clock = new VirtualClock(START_MS)
  const { transport, profile = 'colour-screen', fault } = options
  const device = new VirtualDevice({ seed: 3, profile, commKey: COMM_KEY, packetBytes: 1008 }, { clock })
  for (const user of device.addPeople(PEOPLE)) device.addUser({ ...user, password: PASSWORD, card: CARD })
  device.fillLog(200)
  if (fault) device.setFault(fault, 'on')
  const simulated = new SimulatedNetwork({ clock, random: seededRandom(5) })
  simulated.attach(ADDRESS, device, 'both')
  const events: TraceEvent[] = []
  const network = tracingNetwork(simulated, { clock, sink: event => void events.push(event) })
  await clock.run(converse({ network, clock, transport })).catch((error: unknown) => assert(fault, String(error)))
  const bytes = Buffer.concat(events.flatMap(event => ('bytes' in event ? [event.bytes] : [])))
  return { events, bytes, device }
}

async function converse(parts: {
  network: ReturnType<typeof tracingNetwork>
  clock: VirtualClock
  transport: 'tcp' | 'udp'
}): Promise<void> {
  const { network, clock, transport } = parts
  const target = { address: ADDRESS, transports: [transport] as const, commKey: COMM_KEY }
  const base = { clock, random: seededRandom(9) }
  await using client = await DeviceClient.open(target, { network, base }, NEVER)
  await client.run(readOption('~SerialNumber'), NEVER)
  await client.run(readCounters(), NEVER)
  const whole = (request: Parameters<typeof client.withBlock>[0]) =>
    client.withBlock(request, { onProgress: () => {} }, block => readWhole(block, NEVER), NEVER)
  await whole(USERS)
  await whole({ command: Command.AttLogRrq, argument: 0, directData: new Uint8Array(0) })
}

function packetsOf(events: readonly TraceEvent[]): Array<TraceEntry & { kind: 'packet' }> {
  return [...traceEntries(events)].filter(entry => entry.kind === 'packet')
}

/** The secrets of the scene, in each form that could be in a packet. */
function assertNoSecret({ bytes, device, events }: Recorded): void {
  assert.equal(bytes.indexOf(PASSWORD), -1, 'the trace holds a password')
  assert.equal(bytes.indexOf(encodeU32(CARD)), -1, 'the trace holds a card')
  assert.equal(bytes.indexOf(encodeU32(COMM_KEY)), -1, 'the trace holds the comm key')
  for (const { name } of device.users.list()) assert.equal(bytes.indexOf(name), -1, `the trace holds the name ${name}`)
  for (const { packet } of packetsOf(events)) {
    if (packet.command !== Command.Auth) continue
    assert(
      packet.data.every(byte => byte === 0),
      'the data of CMD_AUTH',
    )
    for (let tick = 0; tick < 256; tick++) {
      const data = scrambleCommKey({ commKey: COMM_KEY, sessionId: packet.sessionId, tick })
      assert.equal(bytes.indexOf(data), -1, 'the trace holds a scrambled key')
    }
  }
}

describe.each(['tcp', 'udp'] as const)('a conversation over %s', transport => {
  test('is recorded whole: where to, every packet, in order, with its time', async () => {
    const { events } = await record({ transport })
    assert.deepEqual(
      events.slice(0, 2).map(event => event.event),
      ['opening', 'opened'],
    )
    assert.deepEqual({ ...events[0], tMs: 0 }, { event: 'opening', connection: 1, tMs: 0, ...ADDRESS, transport })
    assert.equal(events.at(-1)?.event, transport === 'tcp' ? 'ended' : 'closed')
    assert.deepEqual(
      events.map(event => event.tMs),
      events.map(event => event.tMs).toSorted((a, b) => a - b),
    )
    const packets = packetsOf(events)
    assert(packets.every(({ isSound }) => isSound))
    const sent = packets.filter(({ direction }) => direction === 'sent').map(({ packet }) => packet.command)
    assert.deepEqual(sent.slice(0, 2), [Command.Connect, Command.Auth])
    assert.equal(sent.at(-1), Command.Exit)
    assert.equal(packets.at(-1)?.packet.command, Reply.Ok)
  })

  test.each(['colour-screen', 'black-and-white'] as const)('holds no secret of a %s device', async profile => {
    const recorded = await record({ transport, profile })
    assertNoSecret(recorded)
    const masked = packetsOf(recorded.events).filter(({ marks }) => marks.includes(1))
    assert(masked.length > 2)
    // The log is recorded as it is.
    assert(recorded.bytes.indexOf(recorded.device.log.snapshot(0).subarray(0, 400)) !== -1)
  })

  for (const fault of Object.keys(FAULTS) as FaultName[])
    test(`holds no secret with ${fault}`, async () => assertNoSecret(await record({ transport, fault })))
})

test('a connection that cannot be opened is recorded with the reason', async () => {
  const { events } = await record({ transport: 'tcp', fault: 'refuses-connection' })
  assert.deepEqual(
    events.map(event => (event.event === 'failed' ? [event.event, event.code] : event.event)),
    ['opening', ['failed', 'ECONNREFUSED']],
  )
})

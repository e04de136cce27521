import { describe, expect, test } from 'vitest'
import { deviceForTest, START_MS, WireClient } from '../../test/raw-client.ts'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { seededRandom } from '../base/random.ts'
import { Command } from '../codec/binary/commands.ts'
import { VirtualDevice } from './device.ts'
import { SimulatedNetwork } from './network.ts'

const ADDRESS = { host: '10.0.0.1', port: 4370 }
const HANDLERS = { onData: () => {}, onEnd: () => {} }
const NEVER = new AbortController().signal

function networkForTest() {
  const clock = new VirtualClock(START_MS)
  return { clock, network: new SimulatedNetwork({ clock, random: seededRandom(3) }) }
}

describe('the simulated network', () => {
  test('nobody at the address, nobody at the port, and a device that speaks UDP alone', async () => {
    const { clock, network } = networkForTest()
    const device = new VirtualDevice({ seed: 1, profile: 'black-and-white' }, { clock })
    await expect(clock.run(network.openTcp(ADDRESS, HANDLERS, NEVER))).rejects.toMatchObject({ code: 'EHOSTUNREACH' })
    network.attach(ADDRESS, device)
    for (const port of [4370, 80]) {
      const open = network.openTcp({ ...ADDRESS, port }, HANDLERS, NEVER)
      await expect(clock.run(open)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }
    expect(network.openLinks).toBe(0)
  })

  test('looks up addresses and the names of its devices, and nothing else', async () => {
    const { clock, network } = networkForTest()
    network.attach({ host: 'gate', port: 4370 }, new VirtualDevice({ seed: 1 }, { clock }))
    expect(await network.lookUp('gate')).toEqual(['gate'])
    expect(await network.lookUp('10.9.9.9')).toEqual(['10.9.9.9'])
    await expect(network.lookUp('door')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  test('refuses-connection: TCP at once, UDP at the first datagram', async () => {
    const { device, clock } = deviceForTest({ faults: ['refuses-connection'] })
    const network = new SimulatedNetwork({ clock, random: seededRandom(3) })
    network.attach(ADDRESS, device, 'both')
    await expect(clock.run(network.openTcp(ADDRESS, HANDLERS, NEVER))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const client = await WireClient.open(device, { clock, transport: 'udp', network })
    await client.connect(clock)
    expect(client.end?.error).toMatchObject({ code: 'ECONNREFUSED' })
    expect(network.openLinks).toBe(0)
  })

  test('an unplugged device does not answer a connection: only the signal ends the wait, with its own reason', async () => {
    const { device, clock } = deviceForTest()
    const network = new SimulatedNetwork({ clock, random: seededRandom(3) })
    network.attach(ADDRESS, device, 'both').unplug()
    const controller = new AbortController()
    const reason = new Error('patience is at an end')
    clock.after(5000, () => controller.abort(reason))
    await expect(clock.run(network.openTcp(ADDRESS, HANDLERS, controller.signal))).rejects.toBe(reason)
    await expect(network.openUdp(ADDRESS, HANDLERS, controller.signal)).rejects.toBe(reason)
    expect(clock.waiting).toBe(0)
  })

  test('plugged in again, TCP brings what waited and UDP has lost it', async () => {
    for (const transport of ['tcp', 'udp'] as const) {
      const { device, clock } = deviceForTest()
      const network = new SimulatedNetwork({ clock, random: seededRandom(3) })
      const attachment = network.attach(ADDRESS, device, 'both')
      const client = await WireClient.open(device, { clock, transport, network })
      await client.connect(clock)
      attachment.unplug()
      client.send(Command.GetTime)
      await clock.advance(1000)
      expect(client.packets.length).toBe(1)
      attachment.plugIn()
      await clock.advance(1000)
      expect(client.packets.length).toBe(transport === 'tcp' ? 2 : 1)
    }
  })

  test('a closed TCP link is heard of by the device, a closed UDP one is not', async () => {
    const { device, clock } = deviceForTest()
    const network = new SimulatedNetwork({ clock, random: seededRandom(3) })
    network.attach(ADDRESS, device, 'both')
    for (const transport of ['tcp', 'udp'] as const) {
      const client = await WireClient.open(device, { clock, transport, network })
      await client.connect(clock)
      client.close()
      client.close()
      await clock.advance(10)
      expect(client.end).toBeNull()
    }
    expect(device.stats).toMatchObject({ openConnections: 0, openSessions: 1 })
    expect(network.openLinks).toBe(0)
  })

  test('connections cut by the network or by the power of the device end on both sides', async () => {
    const { device, clock } = deviceForTest()
    const network = new SimulatedNetwork({ clock, random: seededRandom(3) })
    network.attach(ADDRESS, device, 'both')
    const first = await WireClient.open(device, { clock, transport: 'tcp', network })
    network.cutConnections(device)
    expect(first.end?.error).toMatchObject({ code: 'ECONNRESET' })
    const second = await WireClient.open(device, { clock, transport: 'tcp', network })
    device.powerCycle()
    await clock.advance(10)
    expect(second.end).toEqual({ error: null })
    expect([device.stats.openConnections, network.openLinks]).toEqual([0, 0])
  })

  test('bytes take their time', async () => {
    const { device, clock } = deviceForTest()
    const network = new SimulatedNetwork({ clock, random: seededRandom(3), latencyMs: 40 })
    network.attach(ADDRESS, device, 'both')
    const client = await WireClient.open(device, { clock, transport: 'tcp', network })
    const startMs = clock.monotonicMs()
    client.send(Command.Connect)
    await clock.advance(1000)
    expect(client.chunks[0]?.atMs).toBe(startMs + 80)
  })

  test('a device that was taken away is gone', async () => {
    const { device, clock } = deviceForTest()
    const network = new SimulatedNetwork({ clock, random: seededRandom(3) })
    network.attach(ADDRESS, device, 'both')[Symbol.dispose]()
    await expect(clock.run(network.openTcp(ADDRESS, HANDLERS, NEVER))).rejects.toMatchObject({ code: 'EHOSTUNREACH' })
  })
})

import { describe, expect, test } from 'vitest'
import { commandsOf, deviceForTest, RawClient } from '../../../test/raw-client.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import { decodeOption, encodeOptionRequest } from '../../codec/binary/options.ts'
import { decodePackedTime } from '../../codec/binary/packed-time.ts'
import type { FaultName } from '../faults.ts'

function connected(fault: FaultName, transport: 'tcp' | 'udp' = 'tcp') {
  const { device, clock } = deviceForTest({ faults: [fault] })
  const client = new RawClient(device, transport)
  const hello = client.connect()
  return { device, clock, client, hello }
}

describe('faults of sessions', () => {
  test('comm-key-always-asked: 2005 with comm key 0, then key 0 opens', () => {
    const { device } = deviceForTest({ faults: ['comm-key-always-asked'] })
    const client = new RawClient(device)
    expect(commandsOf(client.ask(Command.Connect))).toEqual([Reply.Unauthorized])
    expect(commandsOf(client.connect())).toEqual([Reply.Ok])
  })

  test('auth-locked: 2032 even to the right key', () => {
    const { client, hello } = connected('auth-locked')
    expect(commandsOf(hello)).toEqual([Reply.AuthLocked])
    expect(commandsOf(client.ask(Command.GetTime))).toEqual([Reply.Unauthorized])
  })

  test('encrypted-link: 6001 to CMD_CONNECT and silence to all else', () => {
    const { client, hello } = connected('encrypted-link')
    expect(commandsOf(hello)).toEqual([Reply.EncryptedLink])
    expect(client.ask(Command.Auth)).toEqual([])
    expect(client.ask(Command.GetTime)).toEqual([])
  })

  test('malformed-option: the serial number comes without a key', () => {
    const { client } = connected('malformed-option')
    const [answer] = client.ask(Command.OptionsRrq, encodeOptionRequest('~SerialNumber'))
    expect(() => decodeOption(answer?.data ?? new Uint8Array(0))).toThrow(/without "="/)
  })

  test('answers-code: one code to everything, but the session opens and ends', () => {
    const { client, hello } = connected('answers-code')
    expect(commandsOf(hello)).toEqual([Reply.Ok])
    for (const command of [Command.GetTime, Command.PrepareBuffer])
      expect(commandsOf(client.ask(command))).toEqual([Reply.ErrorInit])
    expect(commandsOf(client.ask(Command.Exit))).toEqual([Reply.Ok])
  })

  test('clock-not-told: 2001 in place of the time', () => {
    expect(commandsOf(connected('clock-not-told').client.ask(Command.GetTime))).toEqual([Reply.Error])
  })

  test('menu-open: CMD_CONNECT is dropped until somebody leaves the menu', () => {
    const { device, client, hello } = connected('menu-open')
    expect(hello).toEqual([])
    device.setFault('menu-open', 'off')
    expect(commandsOf(client.connect())).toEqual([Reply.Ok])
  })

  test('second-connection-stalls: the second TCP connection is deaf, the next after both are gone is not', () => {
    const { device, client } = connected('second-connection-stalls')
    const second = new RawClient(device, 'tcp', 'second')
    expect(second.connect()).toEqual([])
    client.peer.close()
    expect(second.connect()).toEqual([])
    second.peer.close()
    expect(commandsOf(new RawClient(device, 'tcp', 'third').connect())).toEqual([Reply.Ok])
    expect(device.stats.maxOpenConnections).toBe(2)
  })

  test('second-connection-stalls: over UDP a session elsewhere silences CMD_CONNECT until it ends', () => {
    const { device, client } = connected('second-connection-stalls', 'udp')
    const second = new RawClient(device, 'udp', 'second')
    expect(second.connect()).toEqual([])
    client.ask(Command.Exit)
    expect(commandsOf(second.connect())).toEqual([Reply.Ok])
  })

  test('stale-session-blocks: a lost connection keeps others out for a while, an ended one does not', async () => {
    const { device, clock, client } = connected('stale-session-blocks')
    client.ask(Command.Exit)
    client.peer.close()
    const second = new RawClient(device, 'tcp', 'second')
    expect(commandsOf(second.connect())).toEqual([Reply.Ok])
    second.peer.close()
    const third = new RawClient(device, 'tcp', 'third')
    expect(third.connect()).toEqual([])
    await clock.advance(30_000)
    expect(commandsOf(third.connect())).toEqual([Reply.Ok])
  })

  test('no-exit-answer: the session ends without a word and the connection stays', () => {
    const { device, client } = connected('no-exit-answer')
    expect(client.ask(Command.Exit)).toEqual([])
    expect(client.peer.isOver).toBe(false)
    expect(device.stats).toMatchObject({ exits: 1, openSessions: 0, openConnections: 1 })
  })

  test('exit-closes-before-ack: the connection is closed without a word', () => {
    const { device, client } = connected('exit-closes-before-ack')
    expect(client.ask(Command.Exit)).toEqual([])
    expect(client.peer.isOver).toBe(true)
    expect(device.stats.exits).toBe(1)
  })

  test('session-id-is-packet-index: only the first reply carries the session', () => {
    const { device, client, hello } = connected('session-id-is-packet-index')
    device.fillLog(100)
    expect(hello[0]?.sessionId).toBe(client.sessionId)
    const fields = [...client.ask(Command.GetTime), ...client.ask(Command.GetVersion)].map(reply => reply.sessionId)
    expect(fields).toEqual([0, 1])
    client.prepare()
    expect(client.slice(0, 4004).map(packet => packet.sessionId)).toEqual([3, 4, 5])
  })

  test('wrong-serial: another serial number, and back', () => {
    const { device, client } = connected('wrong-serial')
    const serial = () => Buffer.from(client.option('~SerialNumber')?.data ?? []).toString()
    expect(serial()).toMatch(/^~SerialNumber=VIRT\d+X\0$/)
    device.clearFaults()
    expect(serial()).toBe(`~SerialNumber=${device.serialNumber}\0`)
  })

  test('option-errors: 2001 to the device name, everything else is told', () => {
    const { client } = connected('option-errors')
    expect(client.option('~DeviceName')?.command).toBe(Reply.Error)
    expect(client.option('~Platform')?.command).toBe(Reply.Ok)
  })

  test('clock-far-ahead: punches and the clock are ten years off', () => {
    const { device } = connected('clock-far-ahead')
    expect(decodePackedTime(device.time.packed()).year).toBe(2036)
    expect(device.punch({ userId: '1' })?.localTime).toMatch(/^2036-/)
  })

  test('clock-reset-2000: the clock runs on from 2000-01-01, until somebody sets it', async () => {
    const { device, clock } = connected('clock-reset-2000')
    await clock.advance(61_000)
    expect(device.punch({ userId: '1' })?.localTime).toBe('2000-01-01 00:01:01')
    device.time.set({ year: 2026, month: 3, day: 2, hour: 7, minute: 1, second: 1 })
    expect(device.punch({ userId: '1' })?.localTime).toBe('2026-03-02 07:01:01')
  })
})

import { describe, expect, test } from 'vitest'
import { commandsOf, dataOf, deviceForTest, RawClient } from '../../test/raw-client.ts'
import { type ExchangeStep, exchange } from '../../test/vectors/vectors.ts'
import { encodePrepareBuffer } from '../codec/binary/bulk.ts'
import { scrambleCommKey } from '../codec/binary/comm-key.ts'
import { Command, EventFlag, Reply } from '../codec/binary/commands.ts'
import { PacketReader } from '../codec/binary/frame.ts'
import { decodePackedTime, formatLocalTime } from '../codec/binary/packed-time.ts'
import { decodePacket, type Packet } from '../codec/binary/packet.ts'

describe('sessions', () => {
  test('CMD_CONNECT opens a session; its id looks like a counter of seconds', () => {
    const { device, clock } = deviceForTest()
    const client = new RawClient(device)
    const [hello] = client.connect()
    expect(hello).toMatchObject({ command: Reply.Ok, replyId: 0, sessionId: (clock.now() / 1000) & 0xffff })
    const other = new RawClient(device, 'tcp', 'other')
    expect(other.connect()[0]?.sessionId).toBe(client.sessionId + 1)
  })

  test('a second CMD_CONNECT from the same UDP address keeps the session', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device, 'udp')
    const first = client.connect()[0]?.sessionId
    client.sessionId = 0
    expect(client.ask(Command.Connect)[0]?.sessionId).toBe(first)
    expect(device.stats.sessions).toBe(1)
  })

  test('a comm key is wanted before anything else, and the right one opens', () => {
    const { device } = deviceForTest({ commKey: 45 })
    const client = new RawClient(device)
    expect(commandsOf(client.ask(Command.Connect))).toEqual([Reply.Unauthorized])
    client.sessionId = device.peers[Symbol.iterator]().next().value?.session?.id ?? 0
    expect(commandsOf(client.ask(Command.GetTime))).toEqual([Reply.Unauthorized])
    const key = (commKey: number) => scrambleCommKey({ commKey, sessionId: client.sessionId, tick: 99 })
    expect(commandsOf(client.ask(Command.Auth, key(12)))).toEqual([Reply.Unauthorized])
    expect(commandsOf(client.ask(Command.Auth, key(45)))).toEqual([Reply.Ok])
    expect(commandsOf(client.ask(Command.GetTime))).toEqual([Reply.Ok])
    expect(device.stats.refusedKeys).toBe(1)
  })

  test('a request of an unknown session or without any is dropped', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device)
    expect(client.ask(Command.GetTime)).toEqual([])
    client.connect()
    client.sessionId++
    expect(client.ask(Command.GetTime)).toEqual([])
    expect(device.stats.droppedRequests).toBe(2)
  })

  test('a lower reply id is dropped, the same one gets the last single packet again', () => {
    const { device } = deviceForTest()
    device.fillLog(100)
    const client = new RawClient(device)
    client.connect()
    client.replyId = 5
    const before = client.ask(Command.DisableDevice)
    client.replyId = 5
    expect(client.ask(Command.DisableDevice)).toEqual(before)
    expect(device.stats.disables).toBe(1)
    client.replyId = 4
    expect(client.ask(Command.GetTime)).toEqual([])
    client.replyId = 6
    client.prepare()
    const transfer = client.slice(0, 4004)
    client.replyId--
    expect(client.slice(0, 4004)).toEqual(transfer.slice(-1))
    expect(device.stats.repeatedRequests).toBe(2)
  })

  test('after reply id 65535, and only then, a lower one is taken', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device)
    client.connect()
    client.replyId = 65_535
    expect(commandsOf(client.ask(Command.GetTime))).toEqual([Reply.Ok])
    client.replyId = 0
    expect(commandsOf(client.ask(Command.GetTime))).toEqual([Reply.Ok])
  })

  test('CMD_EXIT ends the session and, over TCP, the connection', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device)
    client.connect()
    client.ask(Command.DisableDevice)
    expect(commandsOf(client.ask(Command.Exit))).toEqual([Reply.Ok])
    expect(client.peer.isOver).toBe(true)
    expect(device.isEnabled).toBe(true)
    client.peer.close()
    expect(device.stats).toMatchObject({ exits: 1, openSessions: 0, openConnections: 0, sessionsWithoutExit: 0 })
  })

  test('a connection lost without CMD_EXIT is counted, and leaves a disabled device disabled', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device)
    client.connect()
    client.ask(Command.DisableDevice)
    client.peer.close()
    expect(device.isEnabled).toBe(false)
    expect(device.stats).toMatchObject({ exits: 0, sessionsWithoutExit: 1, openSessions: 0, disables: 1 })
  })

  test('connections open at once are counted', () => {
    const { device } = deviceForTest()
    const clients = ['a', 'b', 'c'].map(key => new RawClient(device, 'tcp', key))
    for (const client of clients) client.peer.close()
    new RawClient(device, 'tcp', 'd').connect()
    expect(device.stats).toMatchObject({
      connections: 4,
      openConnections: 1,
      maxOpenConnections: 3,
      maxOpenSessions: 1,
    })
  })

  test('what the device does not know it refuses with 65535', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device)
    client.connect()
    expect(commandsOf(client.ask(12_345))).toEqual([Reply.Unknown])
    expect(device.stats.requestsOf(12_345)).toBe(1)
  })

  test('a power cycle loses sessions, not records', () => {
    const { device } = deviceForTest()
    device.fillLog(5)
    const client = new RawClient(device)
    client.connect()
    device.powerCycle()
    expect(client.ask(Command.GetTime)).toEqual([])
    expect(device.recordCount).toBe(5)
    expect(device.stats).toMatchObject({ openConnections: 0, openSessions: 0 })
  })
})

describe('recorded conversations', () => {
  const REPLAYS = [
    { id: 'ex-connect-exit-tcp', transport: 'tcp', options: {}, records: 0 },
    { id: 'ex-connect-exit-udp', transport: 'udp', options: {}, records: 0 },
    { id: 'ex-auth-ok', transport: 'tcp', options: { commKey: 45 }, records: 0 },
    { id: 'ex-auth-bad', transport: 'tcp', options: { commKey: 45 }, records: 0 },
    { id: 'ex-options-f19', transport: 'tcp', options: { platform: 'ZEM760_TFT' }, records: 0 },
    { id: 'ex-syn-inline', transport: 'tcp', options: {}, records: 3 },
    { id: 'ex-syn-buffered-tcp', transport: 'tcp', options: { packetBytes: 1008 }, records: 60 },
    { id: 'ex-syn-tail', transport: 'tcp', options: {}, records: 60 },
    { id: 'ex-syn-buffered-udp', transport: 'udp', options: {}, records: 60, prepared: true },
  ] as const

  for (const { id, transport, options, records, ...more } of REPLAYS) {
    test(`${id}: the answers have the commands, reply ids, session fields and lengths of the recorded ones`, () => {
      const { device } = deviceForTest({ ...options })
      device.fillLog(records)
      const client = new RawClient(device, transport)
      const steps = exchange(id).map(step => packetOf(step))
      const isMidSession = steps[0]?.packet.command !== Command.Connect
      if (isMidSession) client.connect()
      if ('prepared' in more) client.prepare()
      let recordedSession = isMidSession ? (steps[0]?.packet.sessionId ?? 0) : 0
      let ourSession = client.sessionId
      const replies: Packet[] = []
      for (const { direction, packet } of steps) {
        if (direction === 'client-to-device') {
          expect(replies).toEqual([])
          const sessionId = packet.command === Command.Connect ? 0 : ourSession
          replies.push(...client.peer.receive({ ...packet, ...rightKey(id, packet, ourSession), sessionId }))
          continue
        }
        const reply = replies.shift()
        if (recordedSession === 0) [recordedSession, ourSession] = [packet.sessionId, reply?.sessionId ?? 0]
        const expectedField = packet.sessionId === recordedSession ? ourSession : packet.sessionId
        expect(reply).toMatchObject({ command: packet.command, replyId: packet.replyId, sessionId: expectedField })
        expect(reply?.data.length).toBe(packet.data.length)
      }
    })
  }

  /** The scrambled key of a recording belongs to its session id: the right key is scrambled anew. */
  function rightKey(id: string, packet: Packet, sessionId: number): { data?: Uint8Array } {
    if (id !== 'ex-auth-ok' || packet.command !== Command.Auth) return {}
    return { data: scrambleCommKey({ commKey: 45, sessionId, tick: 50 }) }
  }

  function packetOf(step: ExchangeStep): { direction: ExchangeStep['direction']; packet: Packet } {
    const packet = step.transport === 'udp' ? decodePacket(step.bytes) : new PacketReader().push(step.bytes)[0]
    if (packet === undefined) throw new Error(`${step.id} is no whole packet`)
    return { direction: step.direction, packet }
  }
})

describe('small commands', () => {
  test('the clock is told and set', () => {
    const { device, clock } = deviceForTest({ clockOffsetMs: -90_000, timezoneOffsetMinutes: 60 })
    const client = new RawClient(device)
    client.connect()
    const told = (): string => {
      const data = client.ask(Command.GetTime)[0]?.data ?? new Uint8Array(4)
      return formatLocalTime(decodePackedTime(new DataView(data.buffer, data.byteOffset).getUint32(0, true)))
    }
    expect(told()).toBe('2026-03-02 07:58:30')
    device.shiftClock(30_000)
    clock.jump(1000)
    expect(told()).toBe('2026-03-02 07:59:01')
    const noon = new Uint8Array(4)
    new DataView(noon.buffer).setUint32(0, ((26 * 12 + 2) * 31 + 1) * 86_400 + 43_200, true)
    expect(commandsOf(client.ask(Command.SetTime, noon))).toEqual([Reply.Ok])
    expect(told()).toBe('2026-03-02 12:00:00')
    expect(device.stats.timeWrites).toBe(1)
  })

  test('options are told with their key, and refused where there are none', () => {
    const { device } = deviceForTest({ serialNumber: 'ABC1', platform: 'ZEM560_TFT' })
    const client = new RawClient(device)
    client.connect()
    const text = (key: string) => Buffer.from(client.option(key)?.data ?? []).toString()
    expect(text('~SerialNumber')).toBe('~SerialNumber=ABC1\0')
    expect(text('~Platform')).toBe('~Platform=ZEM560_TFT\0')
    expect(client.option('NoSuchThing')?.command).toBe(Reply.Error)
    expect(commandsOf(client.ask(Command.OptionsWrq, new TextEncoder().encode('SDKBuild=1')))).toEqual([Reply.Ok])
    expect(text('SDKBuild')).toBe('SDKBuild=1\0')
    // Some clients leave the NUL out.
    const bare = client.ask(Command.OptionsRrq, new TextEncoder().encode('~OS'))[0]
    expect(Buffer.from(bare?.data ?? []).toString()).toBe('~OS=1\0')
  })

  test('version, width of user ids, and the state in the session field', () => {
    const { device } = deviceForTest({ firmware: 'Ver 9' })
    const client = new RawClient(device)
    client.connect()
    expect(Buffer.from(client.ask(Command.GetVersion)[0]?.data ?? []).toString()).toBe('Ver 9\0')
    expect([...(client.ask(Command.GetPinWidth)[0]?.data ?? [])]).toEqual([14])
    expect(client.ask(Command.State)[0]).toMatchObject({ command: Reply.Ok, sessionId: 0 })
    client.ask(Command.DisableDevice)
    expect(client.ask(Command.State)[0]?.sessionId).toBe(4)
  })

  for (const [sizesBytes, words] of [
    [80, 20],
    [92, 23],
    [112, 28],
    [4, 1],
  ] as const) {
    test(`free sizes of ${sizesBytes} bytes`, () => {
      const { device } = deviceForTest({ sizesBytes, capacity: 1000 })
      device.addUser({ userId: '1', name: 'Boss', privilege: 14 })
      device.addUser({ userId: '2', name: 'Other' })
      device.fillLog(30)
      const client = new RawClient(device)
      client.connect()
      const sizes = client.sizes()
      expect(sizes.length).toBe(words)
      if (words > 1) expect([sizes[4], sizes[8], sizes[12], sizes[16], sizes[19]]).toEqual([2, 30, 1, 1000, 970])
      const one = client.ask(Command.GetFreeSizes, Uint8Array.of(8))[0]?.data ?? []
      expect([...one]).toEqual([30, 0, 0, 0])
    })
  }

  test('disabled, nobody can punch; a timeout ends it by itself', async () => {
    const { device, clock } = deviceForTest()
    const client = new RawClient(device)
    client.connect()
    client.ask(Command.DisableDevice, Uint8Array.of(30, 0, 0, 0))
    expect(device.punch({ userId: '1' })).toBeNull()
    await clock.advance(30_000)
    expect(device.punch({ userId: '1' })).not.toBeNull()
    expect(device.stats.refusedPunches).toBe(1)
  })

  test('clearing the log, wiping everything, and restarting are done and counted', () => {
    const { device } = deviceForTest()
    device.fillLog(5)
    const client = new RawClient(device)
    client.connect()
    expect(commandsOf(client.ask(Command.ClearAttLog))).toEqual([Reply.Ok])
    expect([device.recordCount, device.departedPunches.length, device.stats.clears]).toEqual([0, 5, 1])
    client.ask(Command.ClearData)
    expect([device.users.count, device.stats.wipes]).toEqual([0, 1])
    expect(client.ask(Command.Restart)).toEqual([])
    expect([device.stats.restarts, device.stats.openSessions]).toEqual([1, 0])
  })

  test('users are written and deleted', () => {
    const { device } = deviceForTest()
    device.addUser({ userId: '17', name: 'Ines Costa', uid: 3 })
    const client = new RawClient(device)
    client.connect()
    const record = client.read(Command.UserTempRrq)
    expect(record.length).toBe(72)
    device.users.clear()
    expect(commandsOf(client.ask(Command.UserWrq, record))).toEqual([Reply.Ok])
    expect(device.users.list()).toEqual([{ uid: 3, userId: '17', name: 'Ines Costa', privilege: 0 }])
    expect(commandsOf(client.ask(Command.DeleteUser, Uint8Array.of(3, 0)))).toEqual([Reply.Ok])
    expect(device.users.count).toBe(0)
  })
})

describe('events', () => {
  const ATTENDANCE = Uint8Array.of(1, 0, 0, 0)

  for (const eventBytes of [10, 12, 14, 32, 36, 37, 52] as const) {
    test(`a punch is told in ${eventBytes} bytes to whoever asked`, () => {
      const { device } = deviceForTest({ eventBytes })
      device.addUser({ userId: '42', name: 'Kenji', uid: 9 })
      const client = new RawClient(device)
      client.connect()
      device.punch({ userId: '42' })
      expect(client.unasked).toEqual([])
      expect(commandsOf(client.ask(Command.RegisterEvents, ATTENDANCE))).toEqual([Reply.Ok])
      device.punch({ userId: '42', verifyMode: 15, punchState: 1 })
      const [event] = client.unasked
      expect(event).toMatchObject({ command: Command.RegisterEvents, sessionId: EventFlag.Attendance, replyId: 0 })
      expect(event?.data.length).toBe(eventBytes)
      const named = eventBytes === 10 || eventBytes === 14 ? 9 : eventBytes === 12 ? 42 : '4'.charCodeAt(0)
      expect(event?.data[0]).toBe(named)
      client.ask(Reply.Ok)
      expect(device.stats).toMatchObject({ eventsSent: 1, eventsAcknowledged: 1 })
    })
  }

  test('no event while the device is disabled, and none after the mask is zero', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device)
    client.connect()
    client.ask(Command.RegisterEvents, ATTENDANCE)
    client.ask(Command.DisableDevice)
    device.punch({ userId: '1' })
    client.ask(Command.EnableDevice)
    client.ask(Command.RegisterEvents, new Uint8Array(4))
    device.punch({ userId: '1' })
    expect(client.unasked).toEqual([])
  })
})

describe('reads', () => {
  test('the vendor sets a marker that loses punches; the device counts who moves it', () => {
    const { device } = deviceForTest()
    device.fillLog(20)
    const client = new RawClient(device)
    client.connect()
    client.ask(Command.OptionsWrq, new TextEncoder().encode('DownloadNewLog=1\0'))
    expect(client.read().length).toBe(20 * 40)
    expect(client.read().length).toBe(0)
    device.punch({ userId: '1' })
    expect(client.read().length).toBe(40)
    client.ask(121, Uint8Array.of(1))
    expect(client.read().length).toBe(21 * 40)
    expect(device.stats.markerMoves).toBe(6)
  })

  test('small results come inline, large ones by buffer from any offset', () => {
    const { device } = deviceForTest({ packetBytes: 1008 })
    device.fillLog(25)
    const client = new RawClient(device)
    client.connect()
    expect(client.prepare()).toMatchObject({ command: Command.Data, sessionId: client.sessionId })
    device.fillLog(35)
    const ready = client.prepare()
    expect(ready?.command).toBe(Reply.Ok)
    expect([...(ready?.data.subarray(0, 9) ?? [])]).toEqual([0, 0x64, 9, 0, 0, 0x64, 9, 0, 0])
    const whole = client.slice(0, 2404)
    expect(commandsOf(whole)).toEqual([1500, 1501, 1501, 1501, 2000])
    expect(whole.slice(1).map(packet => packet.sessionId)).toEqual([0, 1, 2, 2])
    const block = dataOf(whole)
    expect(new DataView(block.buffer, block.byteOffset).getUint32(0, true)).toBe(2400)
    for (const [offset, length] of [
      [0, 3],
      [1, 5],
      [2, 2000],
      [4, 40],
      [1604, 800],
      [2403, 1],
      [2204, 200],
    ] as const)
      expect(Buffer.compare(dataOf(client.slice(offset, length)), block.subarray(offset, offset + length))).toBe(0)
    expect(commandsOf(client.slice(2400, 5))).toEqual([Reply.Error])
    expect(commandsOf(client.ask(Command.FreeData))).toEqual([Reply.Ok])
    expect(commandsOf(client.slice(0, 4))).toEqual([Reply.Error])
  })

  test('a buffer stays as it was prepared, whatever happens to the log', () => {
    const { device } = deviceForTest()
    device.fillLog(300)
    const client = new RawClient(device)
    client.connect()
    client.prepare()
    const before = dataOf(client.slice(0, 12_004)).slice()
    device.fillLog(600)
    device.clearLog()
    device.fillLog(300)
    expect(Buffer.compare(dataOf(client.slice(0, 12_004)), before)).toBe(0)
  })

  test('directly: announcement, packets, and the number of bytes in the acknowledgement', () => {
    const { device } = deviceForTest({ profile: 'black-and-white' })
    const client = new RawClient(device, 'udp')
    client.connect()
    expect(client.ask(Command.AttLogRrq)[0]).toMatchObject({ command: Reply.Error, sessionId: 0 })
    device.fillLog(100)
    const reply = client.ask(Command.AttLogRrq)
    expect(commandsOf(reply)).toEqual([1500, 1501, 1501, 2000])
    expect(reply[1]?.data.length).toBe(1024)
    expect(reply.at(-1)?.sessionId).toBe(1604)
    expect(dataOf(client.ask(Command.UserTempRrq, Uint8Array.of(5))).length).toBe(4 + device.users.count * 28)
  })

  test('over UDP packets never hold more than 1024 bytes', () => {
    const { device } = deviceForTest()
    device.fillLog(100)
    const client = new RawClient(device, 'udp')
    client.connect()
    client.prepare()
    const lengths = client.slice(0, 4004).map(packet => packet.data.length)
    expect(lengths).toEqual([8, 1024, 1024, 1024, 932, 0])
  })

  test('what it keeps no list of it refuses', () => {
    const { device } = deviceForTest()
    const client = new RawClient(device)
    client.connect()
    for (const command of [34, 7])
      expect(commandsOf(client.ask(Command.PrepareBuffer, encodePrepareBuffer({ command })))).toEqual([Reply.Error])
    expect(commandsOf(client.ask(Command.PrepareBuffer, new Uint8Array(3)))).toEqual([Reply.Error])
  })
})

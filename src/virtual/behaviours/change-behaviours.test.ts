import { describe, expect, test } from 'vitest'
import { commandsOf, dataOf, deviceForTest, RawClient } from '../../../test/raw-client.ts'
import { Command, EventFlag, Reply } from '../../codec/binary/commands.ts'
import type { FaultName, FaultSetting } from '../faults.ts'

const ATTENDANCE = Uint8Array.of(1, 0, 0, 0)

function changing(fault: FaultName | FaultSetting) {
  const { device, clock } = deviceForTest({ faults: [fault], packetBytes: 1008 })
  device.fillLog(100)
  const client = new RawClient(device)
  client.connect()
  return { device, clock, client }
}

/** How many records there are after each step of an ordinary read. */
function recordsAlong(fault: FaultName | FaultSetting): number[] {
  const { device, client } = changing(fault)
  const counts: number[] = []
  const count = () => counts.push(device.recordCount)
  client.sizes()
  count()
  client.prepare()
  count()
  client.slice(0, 2004)
  count()
  client.slice(2004, 2000)
  count()
  return counts
}

describe('faults that change the log while it is read', () => {
  test('records-appended-while-reading: now and then, by the seed', () => {
    expect(recordsAlong({ name: 'records-appended-while-reading', value: 2 })).toEqual([100, 101, 101, 102])
    const seeded = recordsAlong({ name: 'records-appended-while-reading', value: 0.5 })
    expect(recordsAlong({ name: 'records-appended-while-reading', value: 0.5 })).toEqual(seeded)
  })

  const MOMENTS: Array<[FaultName, number[]]> = [
    ['record-appended-after-sizes', [101, 101, 101, 101]],
    ['record-appended-after-prepare', [100, 101, 101, 101]],
    ['record-appended-between-slices', [100, 100, 101, 102]],
    ['log-cleared-after-sizes', [0, 0, 0, 0]],
    ['log-cleared-while-reading', [100, 100, 0, 0]],
  ]
  for (const [fault, counts] of MOMENTS)
    test(`${fault}: at its moment`, () => expect(recordsAlong(fault)).toEqual(counts))

  test('log-cleared-while-reading: the buffer is gone, once', () => {
    const { device, client } = changing('log-cleared-while-reading')
    client.prepare()
    expect(client.slice(0, 2004).length).toBe(4)
    expect(commandsOf(client.slice(2004, 2000))).toEqual([Reply.Error])
    device.fillLog(50)
    client.prepare()
    client.slice(0, 2004)
    expect(device.recordCount).toBe(50)
  })

  test('events-while-reading: an event between the packets, asked for or not, of a punch that is in the log', () => {
    const { device, client } = changing('events-while-reading')
    client.prepare()
    for (const isRegistered of [false, true]) {
      if (isRegistered) client.ask(Command.RegisterEvents, ATTENDANCE)
      const reply = client.slice(0, 4004)
      expect(commandsOf(reply)).toEqual([1500, 1501, 500, 1501, 1501, 1501, 2000])
      expect(reply[2]).toMatchObject({ sessionId: EventFlag.Attendance, replyId: 0 })
      expect(dataOf(reply).length).toBe(4004)
    }
    expect(device.recordCount).toBe(102)
    expect(client.unasked).toEqual([])
  })
})

describe('faults of events', () => {
  test('events-cached: numbered, repeated until that very number is acknowledged', async () => {
    const { device, client, clock } = changing('events-cached')
    client.ask(Command.RegisterEvents, ATTENDANCE)
    const acknowledge = (replyId: number): void => {
      client.peer.receive({ command: Reply.Ok, sessionId: client.sessionId, replyId, data: new Uint8Array(0) })
    }
    const numbers = () => client.unasked.splice(0).map(event => event.replyId)
    device.punchBySomebody()
    device.punchBySomebody()
    expect(numbers()).toEqual([0, 1])
    acknowledge(1)
    acknowledge(7)
    await clock.advance(6000)
    expect(numbers()).toEqual([0, 0])
    acknowledge(0)
    await clock.runUntilIdle()
    expect(numbers()).toEqual([])
    expect(device.stats.eventsAcknowledged).toBe(2)
  })

  for (const [fault, reply] of [
    ['events-refused', Reply.Unknown],
    ['events-never-sent', Reply.Ok],
  ] as const)
    test(`${fault}: ${reply} to the wish for events, and no event`, () => {
      const { device, client } = changing(fault)
      expect(commandsOf(client.ask(Command.RegisterEvents, ATTENDANCE))).toEqual([reply])
      device.punchBySomebody()
      expect(client.unasked).toEqual([])
    })

  test('unknown-event-length: 41 bytes', () => {
    const { device, client } = changing('unknown-event-length')
    client.ask(Command.RegisterEvents, ATTENDANCE)
    device.punchBySomebody()
    expect(client.unasked[0]?.data.length).toBe(41)
  })
})

import { describe, expect, test } from 'vitest'
import { commandsOf, dataOf, deviceForTest, RawClient } from '../../../test/raw-client.ts'
import { encodePrepareBuffer } from '../../codec/binary/bulk.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import { encodePackedTime, parseLocalTime } from '../../codec/binary/packed-time.ts'
import type { FaultName, FaultSetting } from '../faults.ts'
import type { VirtualDeviceOptions } from '../settings.ts'

function reading(fault: FaultName | FaultSetting, options: Partial<VirtualDeviceOptions> & { records?: number } = {}) {
  const { records = 100, ...rest } = options
  const { device, clock } = deviceForTest({ ...rest, faults: [fault] })
  device.fillLog(records)
  const client = new RawClient(device)
  client.connect()
  return { device, clock, client }
}

describe('faults of reading', () => {
  test('no-attendance-table: 4989, 2001 and a counter of zero', () => {
    const { client } = reading('no-attendance-table')
    expect(client.prepare()?.command).toBe(Reply.NoBuffer)
    expect(commandsOf(client.ask(Command.AttLogRrq))).toEqual([Reply.Error])
    expect(client.sizes()[8]).toBe(0)
    expect(client.prepare(Command.UserTempRrq)?.command).toBe(Reply.Ok)
  })

  test('no-buffered-read: 65535 to 1503 and 1504, the direct read works', () => {
    const { client } = reading('no-buffered-read')
    expect(client.prepare()?.command).toBe(Reply.Unknown)
    expect(commandsOf(client.slice(0, 4))).toEqual([Reply.Unknown])
    expect(dataOf(client.ask(Command.AttLogRrq)).length).toBe(4004)
  })

  test('buffered-read-error: 2001 for the log, not for the users', () => {
    const { client } = reading('buffered-read-error')
    expect(client.prepare()?.command).toBe(Reply.Error)
    expect(client.prepare(Command.UserTempRrq)?.command).toBe(Reply.Ok)
  })

  test('prepare-answers-1500: the size stands at offset 0, and the buffer can be read', () => {
    const { client } = reading('prepare-answers-1500')
    const ready = client.prepare()
    expect(ready?.command).toBe(Command.PrepareData)
    expect([...(ready?.data.subarray(0, 4) ?? [])]).toEqual([0xa4, 0x0f, 0, 0])
    expect(dataOf(client.slice(0, 4004)).length).toBe(4004)
  })

  test('prepare-answers-retry: 2003', () => {
    expect(reading('prepare-answers-retry').client.prepare()?.command).toBe(Reply.Retry)
  })

  test('slow-prepare: the answer to 1503 waits, no other does', () => {
    const { client } = reading({ name: 'slow-prepare', value: 12_000 })
    expect(client.prepare()).toMatchObject({ command: Reply.Ok, afterMs: 12_000 })
    expect(client.slice(0, 4004)[0]).not.toHaveProperty('afterMs')
  })

  test('small-slices-long-form: announcement, data and acknowledgement for 40 bytes', () => {
    const { client } = reading('small-slices-long-form')
    client.prepare()
    const reply = client.slice(4, 40)
    expect(commandsOf(reply)).toEqual([1500, 1501, 2000])
    expect(dataOf(reply).length).toBe(40)
  })

  test('direct-read-wrong-memory: the right length, another content; the buffered read is right', () => {
    const { client } = reading('direct-read-wrong-memory')
    const right = client.read().slice()
    const wrong = dataOf(client.ask(Command.AttLogRrq))
    expect(wrong.length).toBe(4004)
    expect([...wrong.subarray(0, 4)]).toEqual([0xa0, 0x0f, 0, 0])
    expect(Buffer.compare(wrong.subarray(4), right)).not.toBe(0)
    expect(Buffer.compare(client.read(), right)).toBe(0)
  })

  test('empty-log-inline: four zero bytes in place of 2001', () => {
    const { client } = reading('empty-log-inline', { records: 0 })
    expect(client.prepare()).toMatchObject({ command: Command.Data, data: new Uint8Array(4) })
  })

  test('records-hidden: nothing to read by either way, 0 to count, and room that is taken', () => {
    const { client } = reading('records-hidden', { records: 7 })
    expect(client.prepare()).toMatchObject({ command: Reply.Error })
  })

  test('slices-in-sequence: where a slice begins does not matter, until the buffer is made anew', () => {
    const { client } = reading('slices-in-sequence')
    client.prepare()
    const first = dataOf(client.slice(2_000, 400)).slice()
    const second = dataOf(client.slice(0, 400)).slice()
    client.prepare()
    expect(Buffer.compare(dataOf(client.slice(0, 800)), Buffer.concat([first, second]))).toBe(0)
  })

  test('odd-offsets-broken: slices from 1 to 3 are wrong, from 0 and 4 right', () => {
    const { client } = reading('odd-offsets-broken')
    client.prepare()
    const block = dataOf(client.slice(0, 4004)).slice()
    for (const offset of [0, 1, 2, 3, 4, 5]) {
      const slice = dataOf(client.slice(offset, 400))
      expect(slice.length).toBe(400)
      const isRight = Buffer.compare(slice, block.subarray(offset, offset + 400)) === 0
      expect(isRight).toBe(offset === 0 || offset > 3)
    }
  })

  test('time-range-read: only records between two times; without the fault the command is refused', () => {
    const { device, client } = reading('time-range-read')
    const packed = (text: string) => encodePackedTime(parseLocalTime(text) ?? expect.unreachable())
    const times = device.punches.map(punch => punch.localTime ?? '')
    const window = { argument1: packed(times[10] ?? ''), argument2: packed(times[19] ?? '') }
    const request = encodePrepareBuffer({ command: Command.AttLogByTime, ...window })
    expect(dataOf(client.ask(Command.PrepareBuffer, request)).length).toBe(404)
    device.clearFaults()
    expect(commandsOf(client.ask(Command.PrepareBuffer, request))).toEqual([Reply.Error])
  })

  test('running-record-numbers: the first field counts records, not people', () => {
    const { client } = reading('running-record-numbers', { records: 3 })
    const records = client.read()
    expect([0, 40, 80].map(offset => records[offset])).toEqual([1, 2, 3])
  })

  test('sizes-zero-count-used: counts nothing, and has less room than it can hold', () => {
    const sizes = reading('sizes-zero-count-used').client.sizes()
    expect([sizes[8], (sizes[16] ?? 0) - (sizes[19] ?? 0)]).toEqual([0, 100])
  })

  test('sizes-zero-count: counts nothing', () => {
    expect(reading('sizes-zero-count').client.sizes()[8]).toBe(0)
  })

  test('sizes-4-bytes: one zero word, and word 8 by index', () => {
    const { client } = reading('sizes-4-bytes')
    expect([...client.sizes()]).toEqual([0])
    expect([...(client.ask(Command.GetFreeSizes, Uint8Array.of(8))[0]?.data ?? [])]).toEqual([100, 0, 0, 0])
  })

  test('sizes-4-bytes-blind: one zero word, by index too', () => {
    const { client } = reading('sizes-4-bytes-blind')
    expect([...client.sizes()]).toEqual([0])
    expect([...(client.ask(Command.GetFreeSizes, Uint8Array.of(8))[0]?.data ?? [])]).toEqual([0, 0, 0, 0])
  })

  test('counter-too-high and counter-too-low', () => {
    expect(reading('counter-too-high').client.sizes()[8]).toBe(107)
    expect(reading({ name: 'counter-too-low', value: 2 }).client.sizes()[8]).toBe(98)
    expect(reading('counter-too-low', { records: 3 }).client.sizes()[8]).toBe(0)
  })
})

describe('the acknowledgement after a transfer', () => {
  const CARRIED = [
    ['trailing-ack-session', 'session'],
    ['trailing-ack-index', 3],
    ['trailing-ack-bytes', 4004],
  ] as const
  for (const [fault, carried] of CARRIED) {
    test(`${fault}: after slices and direct reads`, () => {
      const { client } = reading(fault, { packetBytes: 1008 })
      client.prepare()
      for (const reply of [client.slice(0, 4004), client.ask(Command.AttLogRrq)])
        expect(reply.at(-1)?.sessionId).toBe(carried === 'session' ? client.sessionId : carried)
    })
  }

  test('trailing-ack-late: comes after three seconds, and nothing waits for it', async () => {
    const { client, clock } = reading('trailing-ack-late')
    client.prepare()
    expect(commandsOf(client.slice(0, 4004))).toEqual([1500, 1501])
    const { replyId } = client
    expect(commandsOf(client.ask(Command.GetTime))).toEqual([Reply.Ok])
    expect(client.unasked).toEqual([])
    await clock.advance(3000)
    expect(client.unasked).toMatchObject([{ command: Reply.Ok, replyId: replyId - 1 }])
  })

  test('trailing-ack-after-next-answer: comes behind the answer to the next command', () => {
    const { client } = reading('trailing-ack-after-next-answer')
    client.prepare()
    expect(commandsOf(client.slice(0, 4004))).toEqual([1500, 1501])
    const { replyId } = client
    const next = client.ask(Command.GetTime)
    expect(next.map(packet => packet.replyId)).toEqual([replyId, replyId - 1])
    expect(client.ask(Command.GetTime).length).toBe(1)
  })

  test('no-trailing-ack: never comes', async () => {
    const { client, clock } = reading('no-trailing-ack')
    client.prepare()
    expect(commandsOf(client.slice(0, 4004))).toEqual([1500, 1501])
    await clock.runUntilIdle()
    expect(client.unasked).toEqual([])
  })
})

import { describe, expect, test } from 'vitest'
import { commandsOf, dataOf, deviceForTest, RawClient } from '../../../test/raw-client.ts'
import { decodeBufferReady, decodePrepareData } from '../../codec/binary/bulk.ts'
import { Command, Reply } from '../../codec/binary/commands.ts'
import type { FaultName, FaultSetting } from '../faults.ts'

/** 100 records of 40 bytes behind a word of 4. */
const SIZE = 4004

function bulk(...faults: Array<FaultName | FaultSetting>) {
  const { device, clock } = deviceForTest({ faults, packetBytes: 1008 })
  device.fillLog(100)
  const client = new RawClient(device)
  client.connect()
  const announced = () => {
    const ready = client.prepare()
    return ready ? decodeBufferReady(ready.data).size : 0
  }
  return { device, clock, client, announced }
}

describe('faults of bulk data', () => {
  test('slice-short: a record less, in both forms of a slice and in a direct read', () => {
    const { client, announced } = bulk('slice-short')
    announced()
    const reply = client.slice(0, SIZE)
    expect(commandsOf(reply)).toEqual([1500, 1501, 1501, 1501, 1501, 2000])
    expect(decodePrepareData(reply[0]?.data ?? new Uint8Array(0)).size).toBe(SIZE)
    expect(dataOf(reply).length).toBe(SIZE - 40)
    expect(dataOf(client.slice(0, 400)).length).toBe(360)
    expect(dataOf(client.ask(Command.AttLogRrq)).length).toBe(SIZE - 40)
  })

  test('slice-short: every n-th slice with a value', () => {
    const { client, announced } = bulk({ name: 'slice-short', value: 3 })
    announced()
    expect([1, 2, 3, 4, 5, 6].map(() => dataOf(client.slice(0, 400)).length)).toEqual([400, 400, 360, 400, 400, 360])
  })

  test('slice-long: a record more', () => {
    const { client, announced } = bulk('slice-long')
    announced()
    expect(dataOf(client.slice(0, SIZE)).length).toBe(SIZE + 40)
  })

  test('announced-size-too-big: what was announced cannot be read', () => {
    const { client, announced } = bulk('announced-size-too-big')
    expect(announced()).toBe(SIZE + 40)
    expect(commandsOf(client.slice(0, SIZE + 40))).toEqual([Reply.Error])
  })

  test('announced-size-too-small: a record less than the length word says', () => {
    const { client, announced } = bulk('announced-size-too-small')
    expect(announced()).toBe(SIZE - 40)
    expect([...dataOf(client.slice(0, SIZE - 40)).subarray(0, 4)]).toEqual([0xa0, 0x0f, 0, 0])
  })

  test('announced sizes change in the form of 1500 too', () => {
    const { client } = bulk('prepare-answers-1500', 'announced-size-too-small')
    const ready = client.prepare()
    expect(decodePrepareData(ready?.data ?? new Uint8Array(0)).size).toBe(SIZE - 40)
  })

  test('size-changes-between: every other time a record less', () => {
    const { announced } = bulk('size-changes-between')
    expect([announced(), announced(), announced()]).toEqual([SIZE, SIZE - 40, SIZE])
  })

  test('slice-announcement-differs: the announcement is wrong, the data are right', () => {
    const { client, announced } = bulk('slice-announcement-differs')
    announced()
    const reply = client.slice(0, SIZE)
    expect(decodePrepareData(reply[0]?.data ?? new Uint8Array(0)).size).toBe(SIZE + 40)
    expect(dataOf(reply).length).toBe(SIZE)
  })

  test('data-repeated: one packet comes twice', () => {
    const { client, announced } = bulk('data-repeated')
    announced()
    const indexes = client
      .slice(0, SIZE)
      .slice(1, -1)
      .map(packet => packet.sessionId)
    expect(indexes.length).toBe(5)
    expect(new Set(indexes)).toEqual(new Set([0, 1, 2, 3]))
  })

  test('data-out-of-order: two neighbours change places', () => {
    const { client, announced } = bulk('data-out-of-order')
    announced()
    const indexes = client
      .slice(0, SIZE)
      .slice(1, -1)
      .map(packet => packet.sessionId)
    expect(indexes.toSorted()).toEqual([0, 1, 2, 3])
    expect(indexes).not.toEqual([0, 1, 2, 3])
  })

  test('huge-announcement: 2 GiB', () => {
    expect(bulk('huge-announcement').announced()).toBe(2 ** 31)
  })

  test('endless-data: goes on without an acknowledgement, until the connection ends', async () => {
    const { client, announced, clock } = bulk('endless-data')
    announced()
    expect(commandsOf(client.slice(0, SIZE))).toEqual([1500, 1501, 1501, 1501, 1501])
    await clock.advance(1000)
    expect(client.unasked.length).toBe(100)
    expect(new Set(commandsOf(client.unasked))).toEqual(new Set([Command.Data]))
    client.peer.close()
    await clock.advance(1000)
    expect(client.unasked.length).toBe(100)
    expect(clock.waiting).toBe(0)
  })
})

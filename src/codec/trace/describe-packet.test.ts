import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { encodeBufferReady, encodePrepareBuffer, encodePrepareData, encodeReadBuffer } from '../binary/bulk.ts'
import { Command, EventFlag, Reply } from '../binary/commands.ts'
import { encodeFreeSizes, newFreeSizes } from '../binary/free-sizes.ts'
import { encodeU32 } from '../binary/integers.ts'
import { encodeOption, encodeOptionRequest } from '../binary/options.ts'
import { encodePackedTime } from '../binary/packed-time.ts'
import { encodeAttendanceEvent } from '../binary/realtime-event.ts'
import { PacketDescriber } from './describe-packet.ts'

const NO_DATA = new Uint8Array(0)
const TIME = { year: 2026, month: 3, day: 2, hour: 7, minute: 0, second: 5 }
const TEXT = new TextEncoder()

type Direction = 'sent' | 'received'
type Step = readonly [Direction, number, Uint8Array?]

/** What is said of the last of the packets, all of one request. */
function told(...steps: readonly Step[]): string {
  const describer = new PacketDescriber()
  const words = steps.map(([direction, command, data = NO_DATA]) =>
    describer.describe({
      kind: 'packet',
      ...{ tMs: 0, connection: 1, transport: 'tcp', direction, isSound: true, marks: new Uint8Array(data.length) },
      packet: { command, sessionId: command === Command.RegisterEvents ? EventFlag.Attendance : 700, replyId: 3, data },
    }),
  )
  return (words.at(-1) ?? []).map(([name, value]) => `${name} ${value}`).join(', ')
}

const LOG = encodePrepareBuffer({ command: Command.AttLogRrq })
const USERS = encodePrepareBuffer({ command: Command.UserTempRrq })
const EVENT = encodeAttendanceEvent(
  { userId: '17', verifyMode: 1, punchState: 0, accepted: true, time: TIME, workCode: 0 },
  36,
)

describe('a packet in words', () => {
  test.each<[string, ...Step[]]>([
    ['session 700', ['sent', Command.Connect], ['received', Reply.Unauthorized]],
    ['option ~OS', ['sent', Command.OptionsRrq, encodeOptionRequest('~OS')]],
    [
      'option ~OS=1',
      ['sent', Command.OptionsRrq, encodeOptionRequest('~OS')],
      ['received', Reply.Ok, encodeOption({ key: '~OS', value: '1' })],
    ],
    ['firmware Ver 6.60', ['sent', Command.GetVersion], ['received', Reply.Ok, TEXT.encode('Ver 6.60\0')]],
    ['time 2026-03-02 07:00:05', ['sent', Command.GetTime], ['received', Reply.Ok, encodeU32(encodePackedTime(TIME))]],
    ['time 2026-03-02 07:00:05', ['sent', Command.SetTime, encodeU32(encodePackedTime(TIME))]],
    ['mask 1', ['sent', Command.RegisterEvents, encodeU32(1)]],
    ['of CMD_USERTEMP_RRQ', ['sent', Command.PrepareBuffer, USERS]],
    [
      'bytes 404, records 50 of 8 bytes or 25 of 16 bytes or 10 of 40 bytes',
      ['sent', Command.PrepareBuffer, LOG],
      ['received', Reply.Ok, encodeBufferReady({ size: 404 })],
    ],
    [
      'bytes 84, records 10 of 8 bytes or 5 of 16 bytes or 2 of 40 bytes',
      ['sent', Command.PrepareBuffer, LOG],
      ['received', Command.Data, new Uint8Array(84)],
    ],
    ['bytes 76', ['sent', Command.PrepareBuffer, USERS], ['received', Reply.Ok, encodeBufferReady({ size: 76 })]],
    ['offset 8, length 16', ['sent', Command.ReadBuffer, encodeReadBuffer({ offset: 8, length: 16 })]],
    [
      'bytes 16',
      ['sent', Command.ReadBuffer, encodeReadBuffer({ offset: 8, length: 16 })],
      ['received', Command.PrepareData, encodePrepareData({ size: 16, packetBytes: 8 })],
    ],
    [
      'bytes 5',
      ['sent', Command.ReadBuffer, encodeReadBuffer({ offset: 8, length: 16 })],
      ['received', Command.Data, new Uint8Array(5)],
    ],
    ['user 17, time 2026-03-02 07:00:05, state 0, verify 1', ['received', Command.RegisterEvents, EVENT]],
    ['confirms event 3', ['sent', Reply.Ok]],
    ['answers no request of this connection', ['received', Reply.Ok]],
    [
      'unreadable a 32-bit number at byte 0 needs 4 bytes, got 1',
      ['sent', Command.GetTime],
      ['received', Reply.Ok, Uint8Array.of(1)],
    ],
    ['', ['sent', Command.GetTime], ['received', Reply.Unknown]],
  ])('%s', (words, ...steps) => assert.equal(told(...steps), words))

  test('the counters, by their names', () => {
    const sizes = encodeFreeSizes(newFreeSizes({ users: 5, attendanceRecords: 120 }, 80))
    const words = told(['sent', Command.GetFreeSizes], ['received', Reply.Ok, sizes])
    assert.match(words, /^users 5, fingerprints 0, attendance records 120, /)
  })
})

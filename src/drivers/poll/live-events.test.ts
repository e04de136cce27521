import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { DeviceEvent } from '../../client/event-inbox.ts'
import { encodeAttendanceEvent } from '../../codec/binary/realtime-event.ts'
import { readEvents } from './live-events.ts'

const PUNCH = {
  userId: '1001',
  verifyMode: 15,
  punchState: 1,
  accepted: true,
  workCode: 0,
  time: { year: 2026, month: 3, day: 2, hour: 7, minute: 58, second: 9 },
}

const event = (data: Uint8Array, kind = 1): DeviceEvent => ({ kind, replyId: 0, data })
const punch = (bytes: number, changes: Partial<typeof PUNCH> = {}) =>
  event(encodeAttendanceEvent({ ...PUNCH, ...changes }, bytes))

const CLEAR: ReadonlyArray<{ bytes: number; layout: string }> = [
  { bytes: 12, layout: '16' },
  { bytes: 12, layout: '8A' },
  { bytes: 32, layout: '40' },
  { bytes: 36, layout: '49' },
  { bytes: 37, layout: '40+24' },
  { bytes: 52, layout: '40' },
]
for (const { bytes, layout } of CLEAR) {
  test(`an event of ${bytes} bytes is a punch where records have layout ${layout}`, () => {
    const { punches, unclear } = readEvents([punch(bytes)], { dropped: 0, layout })
    assert.equal(unclear, null)
    const [told] = punches
    const fields = [told?.userId, told?.localTime, told?.verifyMode, told?.punchState, told?.workCode, told?.layout]
    assert.deepEqual(fields, ['1001', '2026-03-02 07:58:09', 15, 1, 0, `event-${bytes}`])
    assert.equal(told?.raw.length, bytes)
  })
}

const UNCLEAR: ReadonlyArray<{ name: string; event: DeviceEvent; layout: string | null }> = [
  { name: 'of an unknown length', event: event(new Uint8Array(41).fill(1)), layout: '40' },
  { name: 'without data', event: event(new Uint8Array(0)), layout: '40' },
  { name: 'that may name a slot', event: punch(10), layout: '8B' },
  { name: 'that may name a slot, in 14 bytes', event: punch(14), layout: '16' },
  { name: 'of a refused person', event: punch(36, { accepted: false }), layout: '40' },
  {
    name: 'at a time that does not exist',
    event: punch(36, { time: { ...PUNCH.time, month: 2, day: 30 } }),
    layout: '40',
  },
  {
    name: 'without a time, which reads as the first second of 2000',
    event: punch(36, { time: { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 } }),
    layout: '40',
  },
  { name: 'that names nobody', event: punch(36, { userId: '' }), layout: '40' },
  { name: 'that names nobody by number', event: punch(12, { userId: '' }), layout: '16' },
  { name: 'with a number where the log has text', event: punch(12), layout: '40' },
  { name: 'with text where the log has numbers', event: punch(36), layout: '16' },
  { name: 'before any record was seen', event: punch(36), layout: null },
]
for (const { name, event: unclearEvent, layout } of UNCLEAR) {
  test(`an event ${name} is no punch: the log is read`, () => {
    const read = readEvents([unclearEvent], { dropped: 0, layout })
    assert.deepEqual(read.punches, [])
    assert(read.unclear !== null)
  })
}

test('several events at once: the clear ones are punches, whatever the others are', () => {
  const { punches, unclear } = readEvents([punch(36), event(new Uint8Array(3)), punch(36, { userId: '1002' })], {
    dropped: 0,
    layout: '40',
  })
  assert.deepEqual(
    punches.map(({ userId }) => userId),
    ['1001', '1002'],
  )
  assert.match(unclear ?? '', /3 bytes/)
})

test('events of other kinds mean nothing, and events that were dropped make the log be read', () => {
  assert.deepEqual(readEvents([event(new Uint8Array(1), 0x100)], { dropped: 0, layout: '40' }), {
    punches: [],
    unclear: null,
  })
  assert.match(readEvents([], { dropped: 3, layout: '40' }).unclear ?? '', /^3 events/)
})

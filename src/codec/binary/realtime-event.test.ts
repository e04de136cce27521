import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex, toHex, vectors } from '../../../test/vectors/vectors.ts'
import { formatLocalTime } from './packed-time.ts'
import { type AttendanceEvent, decodeAttendanceEvents, encodeAttendanceEvent } from './realtime-event.ts'

interface EventValues {
  readonly userId: string
  readonly verifyMode: number
  readonly punchState: number
  readonly accepted: boolean
  readonly time: string
  /** Left out where the source does not say. */
  readonly workCode?: number
}

const LENGTHS = [10, 12, 14, 32, 36, 37, 52]

function encodeAll(events: readonly AttendanceEvent[]): Uint8Array {
  return new Uint8Array(Buffer.concat(events.map(event => encodeAttendanceEvent(event, event.raw.length))))
}

describe('vectors', () => {
  for (const { id, bytes, transport, header, values } of vectors('realtime')) {
    const { events } = (values ?? {}) as { events?: readonly EventValues[] }
    if (!events) continue
    test(`${id}: ${header?.dataBytes ?? 'bare'} bytes`, () => {
      const data = fromHex(bytes as string).subarray(transport === 'tcp' && header ? 16 : header ? 8 : 0)
      const decoded = decodeAttendanceEvents(data)
      assert.equal(decoded.length, events.length)
      decoded.forEach(({ raw: _raw, uid: _uid, time, ...rest }, index) => {
        const expected = { workCode: rest.workCode, ...events[index] }
        assert.deepEqual({ ...rest, time: formatLocalTime(time) }, expected)
      })
      assert.equal(toHex(encodeAll(decoded)), toHex(data))
    })
  }
})

describe('forms', () => {
  const event = {
    userId: '1001',
    verifyMode: 15,
    punchState: 4,
    accepted: true,
    time: { year: 2025, month: 3, day: 3, hour: 8, minute: 59, second: 58 },
    workCode: 0,
  }

  for (const length of LENGTHS) {
    test(`what is written to ${length} bytes is read back`, () => {
      const [back, ...others] = decodeAttendanceEvents(encodeAttendanceEvent(event, length))
      const { raw, uid, ...fields } = back as AttendanceEvent
      assert.deepEqual(fields, event)
      assert.equal(raw.length, length)
      assert.equal(uid, length === 10 || length === 14 ? 1001 : null)
      assert.deepEqual(others, [])
    })

    test(`decode, then encode, is identity for any ${length} bytes`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: length, maxLength: length }), data => {
          assert.deepEqual(encodeAll(decodeAttendanceEvents(data)), data)
        }),
      )
    })
  }

  test('several events in one packet, the last in a form of its own', () => {
    for (const last of [0, ...LENGTHS.filter(length => length !== 52)]) {
      const parts = [52, 52, last].filter(length => length > 0)
      const data = Buffer.concat(parts.map(length => encodeAttendanceEvent(event, length)))
      assert.deepEqual(
        decodeAttendanceEvents(data).map(({ raw }) => raw.length),
        parts,
      )
    }
  })

  test('refused, by state byte: bit 7, save in 255', () => {
    const data = encodeAttendanceEvent(event, 36)
    const states: ReadonlyArray<readonly [number, number, boolean]> = [
      [0x00, 0, true],
      [0x05, 5, true],
      [0x2a, 42, true],
      [0x80, 0, false],
      [0x81, 1, false],
      [0xf4, 4, false],
      [0xff, 255, true],
    ]
    for (const [byte, punchState, accepted] of states) {
      data[25] = byte
      const [decoded] = decodeAttendanceEvents(data)
      assert.deepEqual([decoded?.punchState, decoded?.accepted], [punchState, accepted])
    }
  })

  const noForm: ReadonlyArray<readonly [string, Partial<typeof event>, number, string]> = [
    ['a length nobody sends', {}, 33, 'REPLY_DATA'],
    ['an id with letters in a short form', { userId: 'A1' }, 12, 'FIELD_TOO_LONG'],
    ['an id above 16 bits in ten bytes', { userId: '65536' }, 10, 'FIELD_TOO_LONG'],
    ['an accepted state that looks refused', { punchState: 0x80 }, 36, 'FIELD_TOO_LONG'],
    ['a refused state above 15', { punchState: 16, accepted: false }, 36, 'FIELD_TOO_LONG'],
    ['a year before 2000', { time: { ...event.time, year: 1999 } }, 36, 'TIME_RANGE'],
  ]
  for (const [name, fields, length, code] of noForm) {
    test(`${name}: ${code}`, () => {
      assert.throws(() => encodeAttendanceEvent({ ...event, ...fields }, length), { code })
    })
  }

  for (const length of [0, 1, 11, 13, 33, 38, 51, 53, 103]) {
    test(`${length} bytes are not guessed at`, () => {
      assert.throws(() => decodeAttendanceEvents(new Uint8Array(length)), { code: 'REPLY_DATA' })
    })
  }
})

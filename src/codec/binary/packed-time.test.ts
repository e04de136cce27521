import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex, toHex, vectors } from '../../../test/vectors/vectors.ts'
import { decodeEventTime, encodeEventTime } from './event-time.ts'
import {
  decodePackedTime,
  encodePackedTime,
  existsInCalendar,
  formatLocalTime,
  type LocalTime,
  PackedTimeFormatter,
  packedTimeFault,
  parseLocalTime,
} from './packed-time.ts'

interface TimeValues {
  readonly packed?: number
  readonly sixBytes?: string
  readonly time?: string
  readonly fields?: LocalTime
  readonly exists?: boolean
}

const LAST = 3_214_079_999
const anyPacked = fc.integer({ min: 0, max: 0xffff_ffff })

describe('vectors', () => {
  for (const { id, values } of vectors('time')) {
    const { packed, sixBytes, time, fields, exists } = values as TimeValues
    if (packed !== undefined) {
      test(`${id}: ${packed} is ${time ?? JSON.stringify(fields)}`, () => {
        const decoded = decodePackedTime(packed)
        if (time) assert.equal(formatLocalTime(decoded), time)
        if (fields) assert.deepEqual(decoded, fields)
        if (decoded.year <= 2099) assert.equal(encodePackedTime(decoded), packed)
        else assert.throws(() => encodePackedTime(decoded), { code: 'TIME_RANGE' })
        if (decoded.year <= 2099) assert.equal(existsInCalendar(decoded), exists ?? true)
      })
    }
    if (sixBytes) {
      test(`${id}: six bytes ${sixBytes}`, () => {
        const decoded = decodeEventTime(fromHex(sixBytes))
        if (time) assert.equal(formatLocalTime(decoded), time)
        assert.equal(toHex(encodeEventTime(decoded)), sixBytes)
        assert.equal(existsInCalendar(decoded), exists ?? true)
      })
    }
  }
})

describe('packed time', () => {
  test('decode, then encode, is identity up to the end of 2099', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAST }), packed => {
        assert.equal(encodePackedTime(decodePackedTime(packed)), packed)
      }),
    )
  })

  test('what exists agrees with the calendar of the machine', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAST }), packed => {
        const { year, month, day, hour, minute, second } = decodePackedTime(packed)
        const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
        assert.equal(existsInCalendar(decodePackedTime(packed)), date.getUTCDate() === day)
      }),
    )
  })

  test('the fault, the formatter and the calendar agree for every number', () => {
    const formatter = new PackedTimeFormatter()
    fc.assert(
      fc.property(anyPacked, packed => {
        const time = decodePackedTime(packed)
        const fault = packedTimeFault(packed)
        const none = packed === 0 || time.year > 2099
        assert.equal(fault, none ? 'NO_TIME' : existsInCalendar(time) ? null : 'IMPOSSIBLE_DATE')
        assert.equal(formatter.text(packed), fault === null ? formatLocalTime(time) : null)
      }),
      { numRuns: 2000 },
    )
  })

  const faults: ReadonlyArray<readonly [number, string | null]> = [
    [0, 'NO_TIME'],
    [1, null],
    [LAST, null],
    [LAST + 1, 'NO_TIME'],
    [0xffff_ffff, 'NO_TIME'],
    [814_147_199, null],
    [814_147_200, 'IMPOSSIBLE_DATE'],
  ]
  for (const [packed, fault] of faults) {
    test(`${packed}: ${fault ?? 'a time'}`, () => assert.equal(packedTimeFault(packed), fault))
  }

  test('the formatter forgets an impossible day with the next', () => {
    const formatter = new PackedTimeFormatter()
    assert.equal(formatter.text(814_147_199), '2025-04-30 23:59:59')
    assert.equal(formatter.text(814_147_200), null)
    assert.equal(formatter.text(814_233_600), '2025-05-01 00:00:00')
  })

  const time: LocalTime = { year: 2025, month: 4, day: 30, hour: 23, minute: 59, second: 59 }
  const outOfRange: ReadonlyArray<Partial<LocalTime>> = [
    { year: 1999 },
    { year: 2100 },
    { month: 0 },
    { month: 13 },
    { day: 0 },
    { day: 32 },
    { hour: 24 },
    { minute: 60 },
    { second: 60 },
    { second: -1 },
    { second: 0.5 },
  ]
  for (const wrong of outOfRange) {
    test(`${JSON.stringify(wrong)} has no packed form`, () => {
      assert.throws(() => encodePackedTime({ ...time, ...wrong }), { code: 'TIME_RANGE' })
      assert.equal(existsInCalendar({ ...time, ...wrong }), false)
    })
  }

  test('31 April has a packed form, and is in no calendar', () => {
    assert.equal(encodePackedTime({ ...time, day: 31, hour: 0, minute: 0, second: 0 }), 814_147_200)
    assert.equal(existsInCalendar({ ...time, day: 31 }), false)
  })
})

describe('text', () => {
  test('format, then parse, is identity for what exists', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LAST }), packed => {
        const time = decodePackedTime(packed)
        assert.deepEqual(parseLocalTime(formatLocalTime(time)), existsInCalendar(time) ? time : null)
      }),
    )
  })

  for (const text of [
    '',
    '2025-04-31 00:00:00',
    '2025-04-30T00:00:00',
    '2025-04-30 24:00:00',
    ' 2025-04-30 00:00:00',
  ]) {
    test(`"${text}" is no time`, () => assert.equal(parseLocalTime(text), null))
  }
})

describe('event time', () => {
  test('any six bytes decode, and encode to themselves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), bytes => {
        assert.deepEqual(encodeEventTime(decodeEventTime(bytes)), bytes)
      }),
    )
  })

  test('other lengths and other years are refused', () => {
    assert.throws(() => decodeEventTime(new Uint8Array(5)), { code: 'REPLY_DATA' })
    assert.throws(() => decodeEventTime(new Uint8Array(7)), { code: 'REPLY_DATA' })
    const time = { year: 1999, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
    assert.throws(() => encodeEventTime(time), { code: 'TIME_RANGE' })
  })
})

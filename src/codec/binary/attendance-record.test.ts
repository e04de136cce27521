import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { bytesOf, fromHex, toHex, vectors } from '../../../test/vectors/vectors.ts'
import { recordIdFault } from './attendance-cost.ts'
import {
  AttendanceDecoder,
  type AttendanceRecord,
  carriesOnlyUid,
  decodeAttendanceRecord,
  encodeAttendanceRecord,
  type LayoutName,
  layoutsOfSize,
  newAttendanceRecord,
  parseLayoutName,
  recordBytes,
} from './attendance-record.ts'
import { decodePackedTime, formatLocalTime } from './packed-time.ts'

interface RecordValues extends Omit<AttendanceRecord, 'layout' | 'raw'> {
  readonly time: string
}
interface LogValues {
  readonly layout?: LayoutName
  readonly at: number
  readonly records?: readonly RecordValues[]
  readonly count?: number
  readonly first?: RecordValues
  readonly last?: RecordValues
}

const FIELDS = ['layout', 'uid', 'userId', 'packedTime', 'verifyMode', 'punchState', 'workCode', 'raw'] as const

const LAYOUTS: readonly LayoutName[] = ['8A', '8B', '16', '36', '40', '49', '40+1', '40+24', '40+88']

function assertRecord(record: AttendanceRecord, expected: RecordValues): void {
  const { uid, userId, packedTime, verifyMode, punchState, workCode } = record
  const { time, ...rest } = expected
  assert.deepEqual({ uid, userId, packedTime, verifyMode, punchState, workCode }, rest)
  assert.equal(formatLocalTime(decodePackedTime(record.packedTime)), time)
}

describe('vectors', () => {
  for (const { id, bytes, values } of vectors('attendance')) {
    const { layout, at, records, count, first, last } = (values ?? {}) as LogValues
    if (!layout) continue
    test(`${id}: ${records?.length ?? count} records of layout ${layout}`, () => {
      const wire = fromHex(bytes as string)
      const size = recordBytes(layout)
      records?.forEach((expected, index) => {
        const raw = wire.subarray(at + index * size, at + (index + 1) * size)
        assertRecord(decodeAttendanceRecord(raw, layout), expected)
        assert.equal(toHex(encodeAttendanceRecord(decodeAttendanceRecord(raw, layout))), toHex(raw))
      })
      if (!count || !first || !last) return
      const decoder = new AttendanceDecoder(layout)
      assert.equal(wire.length, at + count * size)
      assertRecord(decoder.decodeAt(wire, at), first)
      assertRecord(decoder.decodeAt(wire, at + (count - 1) * size), last)
    })
  }
})

describe('records', () => {
  for (const layout of LAYOUTS) {
    const size = recordBytes(layout)
    const anyRecord = fc.uint8Array({ minLength: size, maxLength: size })

    test(`${layout}: decode, then encode, is identity for any bytes`, () => {
      fc.assert(
        fc.property(anyRecord, bytes => {
          assert.deepEqual(encodeAttendanceRecord(decodeAttendanceRecord(bytes, layout)), bytes)
        }),
      )
    })

    test(`${layout}: the fast decoder reads what the plain one does`, () => {
      const ids = fc.array(fc.oneof(anyRecord, fc.constantFrom(...fewRecords(layout))), { minLength: 1, maxLength: 40 })
      fc.assert(
        fc.property(ids, records => {
          const block = new Uint8Array(Buffer.concat(records))
          const decoder = new AttendanceDecoder(layout)
          records.forEach((record, index) => {
            const read = decoder.decodeAt(block, index * size)
            const plain = decodeAttendanceRecord(record, layout)
            for (const field of FIELDS) assert.deepEqual(read[field], plain[field], field)
            assert.equal(read.userIdFault, recordIdFault(record, 0, layout))
          })
        }),
      )
    })

    test(`${layout}: other lengths are refused`, () => {
      for (const length of [0, size - 1, size + 1]) {
        assert.throws(() => decodeAttendanceRecord(new Uint8Array(length), layout), { code: 'RECORD_LENGTH' })
      }
      const decoder = new AttendanceDecoder(layout)
      for (const at of [-1, 1, size]) {
        assert.throws(() => decoder.decodeAt(new Uint8Array(size), at), { code: 'RECORD_LENGTH' })
      }
    })

    test(`${layout}: what is written is read back`, () => {
      const fields = { uid: 7, userId: '1001', packedTime: 809_081_998, verifyMode: 15, punchState: 5, workCode: 9 }
      const { raw, ...record } = newAttendanceRecord({ layout, ...fields })
      const none = carriesOnlyUid(layout)
      assert.equal(raw.length, size)
      assert.deepEqual(record, {
        layout,
        ...fields,
        uid: layout === '16' ? 0 : 7,
        userId: none ? '' : '1001',
        workCode: none ? 0 : 9,
      })
    })
  }

  test('leftovers behind a user id stay, unless the id changes', () => {
    const raw = bytesOf('syn-att40-a').slice()
    raw.set([0x11, 0x22], 10)
    const record = decodeAttendanceRecord(raw, '40')
    assert.equal(record.userId, '1001')
    assert.deepEqual(encodeAttendanceRecord({ ...record, punchState: 1 }).subarray(10, 12), Uint8Array.of(0x11, 0x22))
    assert.deepEqual(encodeAttendanceRecord({ ...record, userId: '1002' }).subarray(10, 12), Uint8Array.of(0, 0))
  })

  test('ids keep their zeros and their letters, up to 24 bytes', () => {
    for (const userId of ['007', '0', 'EMP-0300', '123456789012345678901234']) {
      const fields = { layout: '40', uid: 1, packedTime: 1, verifyMode: 1, punchState: 0, workCode: 0 } as const
      assert.equal(newAttendanceRecord({ ...fields, userId }).userId, userId)
    }
  })

  const fields = {
    layout: '16',
    uid: 0,
    userId: '1',
    packedTime: 1,
    verifyMode: 1,
    punchState: 0,
    workCode: 0,
  } as const
  const tooLong: ReadonlyArray<readonly [string, Partial<Omit<AttendanceRecord, 'raw'>>]> = [
    ['an id with a leading zero in layout 16', { userId: '01' }],
    ['an id with letters in layout 16', { userId: 'A' }],
    ['an id above 32 bits in layout 16', { userId: '4294967296' }],
    ['an id of 25 bytes', { layout: '40', userId: '1'.repeat(25) }],
    ['a punch state of 256', { punchState: 256 }],
    ['a negative verify mode', { verifyMode: -1 }],
    ['a time above 32 bits', { packedTime: 2 ** 32 }],
    ['a uid above 16 bits', { layout: '8A', uid: 65_536 }],
  ]
  for (const [name, wrong] of tooLong) {
    test(`${name} is refused`, () => {
      assert.throws(() => newAttendanceRecord({ ...fields, ...wrong }), { code: 'FIELD_TOO_LONG' })
    })
  }
})

describe('layout names', () => {
  for (const layout of LAYOUTS) {
    test(`${layout} is parsed, and found by its size`, () => {
      assert.equal(parseLayoutName(layout), layout)
      assert(layoutsOfSize(recordBytes(layout)).includes(layout))
    })
  }

  test('40+9 is 49', () => assert.equal(parseLayoutName('40+9'), '49'))

  for (const text of ['', '8', '41', '40+0', '40+89', '40+01', '40+-1', 'toString', '40 ']) {
    test(`"${text}" is none`, () => assert.equal(parseLayoutName(text), null))
  }

  test('sizes without a layout', () => {
    for (const size of [0, 1, 7, 9, 24, 39, 129]) assert.deepEqual(layoutsOfSize(size), [])
    assert.deepEqual(layoutsOfSize(8), ['8A', '8B'])
  })
})

/** Records whose ids recur, so that the decoder finds them again. */
function fewRecords(layout: LayoutName): Uint8Array[] {
  return ['1', '12', '123', '21'].map(
    userId =>
      newAttendanceRecord({ layout, uid: 1, userId, packedTime: 5, verifyMode: 1, punchState: 0, workCode: 0 }).raw,
  )
}

import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { bytesOf } from '../../../test/vectors/vectors.ts'
import type { CodecError } from '../../base/errors.ts'
import { type Random, seededRandom } from '../../base/random.ts'
import { countFaults, earliestTime, type LayoutEvidence, proveLayout } from './attendance-layout.ts'
import { type LayoutName, newAttendanceRecord, parseLayoutName, recordBytes } from './attendance-record.ts'
import { encodePackedTime, type LocalTime, parseLocalTime } from './packed-time.ts'

const LAYOUTS: readonly LayoutName[] = ['8A', '8B', '16', '36', '40', '49', '40+1', '40+8', '40+40', '40+88']
const COUNTS = [1, 2, 3, 4, 7, 20, 60, 230]
const ORDINARY_FROM = 20

/** What is out of the ordinary about a log. */
interface LogKind {
  readonly name: string
  readonly gapS?: number
  readonly users?: number
  readonly verifyModes?: readonly number[]
  readonly punchStates?: readonly number[]
  readonly timeOf?: (from: { packed: number; index: number; count: number; random: Random }) => number
  readonly fillRest?: (raw: Uint8Array, random: Random) => void
}

const KINDS: readonly LogKind[] = [
  { name: 'ordinary' },
  { name: 'one person in one second', gapS: 0, users: 1 },
  { name: 'finger and check-in only', verifyModes: [1], punchStates: [0] },
  { name: 'a crowd', gapS: 2 },
  { name: 'one punch a day', gapS: 86_400 },
  { name: 'verify mode 8', verifyModes: [8], punchStates: [0] },
  { name: 'renumbered state keys', punchStates: [7, 9] },
  {
    name: 'a battery lost in the middle',
    timeOf: ({ packed, index, count }) => (index >= count * 0.3 && index < count * 0.7 ? 300 + index * 60 : packed),
  },
  {
    name: 'some dates that do not exist',
    timeOf: ({ packed, random }) => (random.chance(0.15) ? 814_147_200 + random.int(0, 86_399) : packed),
  },
  {
    name: 'some records without a time',
    timeOf: ({ packed, random }) => (random.chance(0.08) ? random.pick([0, 0xffff_ffff]) : packed),
  },
  {
    name: 'some times out of order',
    timeOf: ({ packed, random }) => (random.chance(0.1) ? 780_000_000 + random.int(0, 86_399) : packed),
  },
  {
    name: 'garbage behind ids and in what nobody explains',
    fillRest: (raw, random) => {
      if (raw.length < 36) return
      const idEnd = raw.indexOf(0, 2)
      raw.set(random.bytes(25 - idEnd), idEnd + 1)
      if (raw.length > 40) raw.set(random.bytes(raw.length - 40), 40)
    },
  },
]

interface MadeLog {
  readonly block: Uint8Array
  /** Ten minutes after the last punch. */
  readonly deviceTime: number
}

function makeLog(layout: LayoutName, count: number, kind: LogKind, random: Random): MadeLog {
  const size = recordBytes(layout)
  const block = new Uint8Array(count * size)
  const gapS = kind.gapS ?? random.pick([20, 300, 3600, 20_000])
  const users = kind.users ?? random.pick([3, 40, 900])
  const idWidth = random.pick([1, 4, 9])
  let second = Date.UTC(random.int(2010, 2024), random.int(0, 11), random.int(1, 28), random.int(6, 20)) / 1000
  for (let index = 0; index < count; index++) {
    second += Math.floor(random.float() * 2 * gapS)
    const packed = packedAt(second)
    const uid = random.int(1, users)
    const { raw } = newAttendanceRecord({
      layout,
      uid,
      userId: layout === '16' ? String(uid) : String(uid).padStart(idWidth, '0'),
      packedTime: kind.timeOf?.({ packed, index, count, random }) ?? packed,
      verifyMode: random.pick(kind.verifyModes ?? [1, 1, 1, 15, 2, 0, 4]),
      punchState: random.pick(kind.punchStates ?? [0, 0, 0, 1, 1, 4, 5, 255]),
      workCode: random.chance(0.05) ? random.int(1, 99) : 0,
    })
    kind.fillRest?.(raw, random)
    block.set(raw, index * size)
  }
  return { block, deviceTime: packedAt(second + 600) }
}

function packedAt(second: number): number {
  return packed(new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' '))
}

function packed(text: string): number {
  return encodePackedTime(parseLocalTime(text) as LocalTime)
}

const NOTHING_KNOWN = { counterBefore: null, counterAfter: null, deviceTime: null, remembered: null }

/** The layout that is proven, or the code of the refusal. */
function outcome(evidence: LayoutEvidence): string {
  try {
    return proveLayout(evidence).layout
  } catch (error) {
    return (error as CodecError).code
  }
}

function seedOf(...parts: readonly (string | number)[]): number {
  return parts
    .join('/')
    .split('')
    .reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7)
}

describe('never a wrong winner, and a winner where there is enough', () => {
  const counters: ReadonlyArray<readonly [string, (count: number) => [number | null, number | null]]> = [
    ['no counter', () => [null, null]],
    ['an exact counter', count => [count, count]],
    ['a counter raced by punches', count => [count - 1, count + 2]],
    ['a counter of 0', () => [0, 0]],
    ['a stale counter', count => [count + 13, count + 13]],
    ['a counter that fits another size', count => [count * 2, count * 2]],
  ]
  const clocks: ReadonlyArray<readonly [string, (right: number) => number | null]> = [
    ['no clock', () => null],
    ['a right clock', right => right],
    ['a clock years behind the records', () => packed('2007-06-01 10:00:00')],
    ['a clock that fell back to 2000', () => packed('2000-03-09 03:00:00')],
    ['a clock far ahead', () => packed('2040-01-01 00:00:00')],
  ]
  for (const layout of LAYOUTS) {
    for (const kind of KINDS) {
      test(`${layout}: ${kind.name}`, () => {
        for (const count of COUNTS) {
          for (let seed = 0; seed < 2; seed++) {
            const { block, deviceTime } = makeLog(
              layout,
              count,
              kind,
              seededRandom(seedOf(layout, kind.name, count, seed)),
            )
            for (const [counterName, counter] of counters) {
              const [counterBefore, counterAfter] = counter(count)
              for (const [clockName, clock] of clocks) {
                const evidence = { block, counterBefore, counterAfter, deviceTime: clock(deviceTime), remembered: null }
                const got = outcome(evidence)
                const told = `${count} records, seed ${seed}, ${counterName}, ${clockName}: ${got}`
                if (parseLayoutName(got)) assert.equal(got, layout, told)
                if (count >= ORDINARY_FROM) assert.equal(got, layout, told)
              }
            }
          }
        }
      })
    }
  }
})

describe('small logs', () => {
  const share = (layout: LayoutName, count: number, exact: boolean): number => {
    let proven = 0
    for (let seed = 0; seed < 100; seed++) {
      const { block, deviceTime } = makeLog(layout, count, { name: 'ordinary' }, seededRandom(seed))
      const counter = exact ? count : null
      const evidence = { block, counterBefore: counter, counterAfter: counter, deviceTime, remembered: null }
      if (outcome(evidence) === layout) proven += 1
    }
    return proven
  }
  for (const layout of LAYOUTS) {
    // One record of 8 bytes is little to go by; who has a rare verify mode or a rare state must punch twice.
    const least = layout === '8A' || layout === '8B' ? 70 : layout === '16' ? 80 : 100
    test(`one ${layout} record proves its layout in ${least} of 100 logs, two in 95, three in all`, () => {
      assert(share(layout, 1, false) >= least, `${share(layout, 1, false)}`)
      assert(share(layout, 2, false) >= 95, `${share(layout, 2, false)}`)
      assert.equal(share(layout, 3, false), 100)
      assert.equal(share(layout, 3, true), 100)
    })
  }
})

describe('captures', () => {
  test('the log that a K40 sent from the wrong memory proves nothing, whatever is known and remembered', () => {
    const block = bytesOf('att-k40-data').subarray(20)
    for (const counter of [null, 0, 3, 15]) {
      for (const deviceTime of [null, packed('2019-06-01 12:00:00')]) {
        for (const remembered of [null, '40', '16', '49'] as const) {
          const evidence = { block, counterBefore: counter, counterAfter: counter, deviceTime, remembered }
          assert.equal(outcome(evidence), 'LAYOUT_UNPROVEN')
        }
      }
    }
  })

  test('four punches of an MA300 are 8B, though 8A dates them in 2026', () => {
    const block = Buffer.concat([1, 2, 3, 4].map(index => bytesOf(`att8b-ma300-${index}`)))
    for (const deviceTime of [null, packed('2020-06-18 09:00:00')]) {
      assert.equal(outcome({ ...NOTHING_KNOWN, block, deviceTime }), '8B')
    }
  })

  test('a published piece of a 16-byte log, and a whole log of 40-byte records', () => {
    const piece = bytesOf('att16-udp-123-part').subarray(12)
    assert.equal(outcome({ ...NOTHING_KNOWN, block: piece.subarray(0, piece.length - (piece.length % 16)) }), '16')
    assert.equal(outcome({ ...NOTHING_KNOWN, block: bytesOf('syn-blob').subarray(4) }), '40')
  })

  for (const id of ['att40-zkp', 'att40-js-1', 'att40-js-4', 'syn-att40-c', 'syn-att49']) {
    test(`${id} alone`, () => assert.match(outcome({ ...NOTHING_KNOWN, block: bytesOf(id) }), /^4[09]$/))
  }
})

describe('what proves nothing', () => {
  test('random bytes', () => {
    for (let seed = 0; seed < 3000; seed++) {
      const random = seededRandom(seed)
      const block = random.bytes(random.pick([24, 36, 40, 48, 49, 80, 98, 120, 392, 1960, 4000]))
      assert.equal(outcome({ ...NOTHING_KNOWN, block }), 'LAYOUT_UNPROVEN', `seed ${seed}`)
    }
  })

  test('zeros, ones, text, and numbers that count', () => {
    for (const length of [8, 16, 40, 49, 80, 1960]) {
      const count = new Uint8Array(length).map((_, at) => (at % 4 === 0 ? at >> 2 : 0))
      const digits = new Uint8Array(length).fill(0x31)
      const text = Buffer.alloc(length, 'GET /iclock/cdata?SN=6123 HTTP/1.1\r\nHost: 10.0.0.7\r\n')
      for (const block of [new Uint8Array(length), new Uint8Array(length).fill(0xff), digits, text, count]) {
        for (const counter of [null, length / 8, length / 40]) {
          const evidence = { ...NOTHING_KNOWN, block, counterBefore: counter, counterAfter: counter }
          assert.match(outcome(evidence), /^LAYOUT_/)
        }
      }
    }
  })

  test('no bytes, or a length that no size divides', () => {
    for (const length of [0, 7, 131]) {
      assert.equal(outcome({ ...NOTHING_KNOWN, block: new Uint8Array(length) }), 'LAYOUT_UNPROVEN')
    }
  })

  test('a log dated in 2000 from end to end: a time read one byte off looks like that', () => {
    const year2000 = { name: 'all in 2000', timeOf: ({ index }: { index: number }) => 800_000 + index * 400 }
    for (const layout of LAYOUTS) {
      const { block } = makeLog(layout, 40, year2000, seededRandom(5))
      assert.equal(outcome({ ...NOTHING_KNOWN, block }), 'LAYOUT_UNPROVEN')
    }
  })

  test('one 16-byte record of a password, which may be two 8B records of which one has no time', () => {
    const fields = { uid: 0, userId: '22', packedTime: packed('2024-03-04 08:00:00'), workCode: 0 }
    const { raw: block } = newAttendanceRecord({ layout: '16', verifyMode: 0, punchState: 1, ...fields })
    assert.equal(outcome({ ...NOTHING_KNOWN, block }), 'LAYOUT_AMBIGUOUS')
    assert.equal(outcome({ ...NOTHING_KNOWN, block, counterBefore: 1, counterAfter: 1 }), '16')
    assert.equal(outcome({ ...NOTHING_KNOWN, block, counterBefore: 2, counterAfter: 2 }), 'LAYOUT_AMBIGUOUS')
    assert.equal(outcome({ ...NOTHING_KNOWN, block, remembered: '16' }), '16')
  })

  test('the message names the sizes and the scores', () => {
    const block = bytesOf('att-k40-data').subarray(20)
    assert.throws(() => proveLayout({ ...NOTHING_KNOWN, block }), {
      code: 'LAYOUT_UNPROVEN',
      message: /120 bytes .* 8B: \d+/,
    })
  })
})

describe('a remembered layout', () => {
  const single = (layout: LayoutName, packedTime: number) =>
    newAttendanceRecord({ layout, uid: 9, userId: '9', packedTime, verifyMode: 1, punchState: 0, workCode: 0 }).raw

  for (const layout of LAYOUTS) {
    test(`${layout}: one record with an impossible date, or no time, or in 2000, is read as before`, () => {
      for (const packedTime of [814_147_200, 0, 0xffff_ffff, 32_400]) {
        const evidence = { ...NOTHING_KNOWN, block: single(layout, packedTime), remembered: layout }
        assert.equal(outcome(evidence), layout, String(packedTime))
      }
    })
  }

  test('gives way to another that is proven', () => {
    for (const remembered of ['8A', '8B', '49', '40+8'] as const) {
      const { block } = makeLog('40', 49 * 2, { name: 'ordinary' }, seededRandom(2))
      assert.equal(outcome({ ...NOTHING_KNOWN, block, remembered }), '40')
    }
    const { block } = makeLog('49', 40, { name: 'ordinary' }, seededRandom(2))
    assert.equal(outcome({ ...NOTHING_KNOWN, block, remembered: '40' }), '49')
  })
})

describe('the proof', () => {
  test('says whether the counter explains the number of records', () => {
    const { block } = makeLog('40', 30, { name: 'ordinary' }, seededRandom(1))
    const exact = (counterBefore: number | null, counterAfter: number | null) => {
      const { layout, recordCount, countExact } = proveLayout({ ...NOTHING_KNOWN, block, counterBefore, counterAfter })
      assert.deepEqual([layout, recordCount], ['40', 30])
      return countExact
    }
    assert.deepEqual([exact(30, 30), exact(28, 31), exact(null, 30), exact(30, null)], [true, true, true, true])
    assert.deepEqual([exact(29, 29), exact(0, 0), exact(null, null), exact(31, 33)], [false, false, false, false])
  })

  test('scores every size that divides, best first', () => {
    const { block } = makeLog('40', 30, { name: 'ordinary' }, seededRandom(1))
    const { scores } = proveLayout({ ...NOTHING_KNOWN, block })
    assert.equal(scores[0]?.layout, '40')
    const numbers = scores.map(({ score }) => score)
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => b - a),
    )
    for (const { layout, records } of scores) assert.equal(records * recordBytes(layout), block.length)
    assert(scores.some(({ layout }) => layout === '8A') && scores.some(({ layout }) => layout === '40+80'))
  })
})

describe('faults of a whole log', () => {
  const record = (layout: LayoutName, userId: string, packedTime: number) =>
    newAttendanceRecord({ layout, uid: 3, userId, packedTime, verifyMode: 1, punchState: 0, workCode: 0 }).raw
  const fine = packed('2024-05-06 07:08:09')

  test('are counted, times and ids apart', () => {
    const block = Buffer.concat([
      record('40', '1', fine),
      record('40', '1', 814_147_200),
      record('40', '', 0),
      record('40', '12\u0003', 0xffff_ffff),
      record('40', ' ', fine),
    ])
    const counts = { records: 5, impossibleDates: 1, noTime: 2, emptyIds: 2, unreadableIds: 1 }
    assert.deepEqual(countFaults(block, '40'), counts)
  })

  for (const layout of ['8A', '8B', '16', '36', '49', '40+3'] as const) {
    test(`${layout}: a good record, one without anybody, one without a time`, () => {
      const nobody = record(layout, '1', fine)
      nobody.fill(0, 0, layout === '8A' || layout === '8B' ? 2 : 4)
      const block = Buffer.concat([record(layout, '1', fine), nobody, record(layout, '1', 0)])
      const counts = { records: 3, impossibleDates: 0, noTime: 1, emptyIds: 1, unreadableIds: 0 }
      assert.deepEqual(countFaults(block, layout), counts)
    })
  }
})

describe('the earliest time of a log', () => {
  const timesOf = (layout: LayoutName, times: readonly number[]) =>
    earliestTime(
      Buffer.concat(times.map(packedTime => newAttendanceRecord({ ...PLAIN, layout, packedTime }).raw)),
      layout,
    )
  const PLAIN = { uid: 1, userId: '1', verifyMode: 1, punchState: 0, workCode: 0 }
  const at = (year: number, month: number, day: number) =>
    encodePackedTime({ year, month, day, hour: 8, minute: 0, second: 0 })

  for (const layout of LAYOUTS) {
    test(`${layout}: wherever it stands, and of a clock that was never set too`, () => {
      const times = [at(2026, 3, 2), at(2000, 1, 1), at(2026, 1, 31), at(2025, 12, 31)]
      assert.equal(timesOf(layout, times), at(2000, 1, 1))
      assert.equal(timesOf(layout, times.slice(2)), at(2025, 12, 31))
    })

    test(`${layout}: a time that is no moment is passed over, and none at all is none`, () => {
      assert.equal(timesOf(layout, [at(2026, 3, 2), 0, at(2025, 4, 31), 0xffffffff]), at(2026, 3, 2))
      assert.equal(timesOf(layout, [0, at(2025, 4, 31)]), null)
      assert.equal(timesOf(layout, []), null)
    })
  }
})

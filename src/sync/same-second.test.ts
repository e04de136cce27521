import assert from 'node:assert/strict'
import { test } from 'vitest'
import { seededRandom } from '../base/random.ts'
import type { Punch } from '../model/punch.ts'
import { SameSecond } from './same-second.ts'

const PUNCH: Punch = {
  userId: '0042',
  localTime: '2026-03-02 08:00:01',
  punchState: 0,
  verifyMode: 1,
  workCode: 0,
  layout: '40',
  raw: new Uint8Array(40),
}

const CASES: Array<{ name: string; second: Partial<Punch>; contradicts: boolean }> = [
  { name: 'the same punch again', second: {}, contradicts: false },
  { name: 'another state', second: { punchState: 1 }, contradicts: true },
  { name: 'another verify mode', second: { verifyMode: 15 }, contradicts: true },
  { name: 'another work code', second: { workCode: 7 }, contradicts: true },
  {
    name: 'another state in the next second',
    second: { punchState: 1, localTime: '2026-03-02 08:00:02' },
    contradicts: false,
  },
  {
    name: 'another state in the next month',
    second: { punchState: 1, localTime: '2026-04-02 08:00:01' },
    contradicts: false,
  },
  { name: 'another state of another person', second: { punchState: 1, userId: '42' }, contradicts: false },
  { name: 'only other bytes', second: { raw: new Uint8Array(40).fill(1) }, contradicts: false },
]

for (const { name, second, contradicts } of CASES) {
  test(`after a punch, ${name}: ${contradicts ? 'kept aside' : 'no contradiction'}`, () => {
    const read = new SameSecond()
    assert.equal(read.contradicts(PUNCH), false)
    assert.equal(read.contradicts({ ...PUNCH, ...second }), contradicts)
  })
}

test('judges thousands of punches as a map by person and second would, while its table grows', () => {
  const random = seededRandom(1)
  const read = new SameSecond()
  const first = new Map<string, string>()
  for (let n = 0; n < 20_000; n++) {
    const [minute, second] = [random.int(10, 59), random.int(10, 59)]
    const userId = String(random.int(1, 20))
    const localTime = `2026-03-02 08:${minute}:${second}`
    const punchState = random.int(0, 1)
    const workCode = random.chance(0.1) ? 0xffff_ffff : 0
    const codes = `${punchState}/${workCode}`
    const key = `${userId} ${localTime}`
    const expected = first.has(key) && first.get(key) !== codes
    if (!first.has(key)) first.set(key, codes)
    assert.equal(read.contradicts({ ...PUNCH, userId, localTime, punchState, workCode }), expected, `punch ${n}`)
  }
  assert(first.size > 10_000)
})

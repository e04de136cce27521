import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { parseTimeArgument } from './time-argument.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const parse = (text: string, option: '--since' | '--until' | '--before' = '--since', timezone = 'Europe/Berlin') =>
  parseTimeArgument(text, { option, nowMs: NOW, timezone }).toISOString()

describe('--since and --until', () => {
  for (const [text, instant] of [
    ['90s', '2026-11-22T11:58:30.000Z'],
    ['1m', '2026-11-22T11:59:00.000Z'],
    ['2h', '2026-11-22T10:00:00.000Z'],
    ['1.5h', '2026-11-22T10:30:00.000Z'],
    ['7d', '2026-11-15T12:00:00.000Z'],
    ['2w', '2026-11-08T12:00:00.000Z'],
    ['2026-11-22', '2026-11-21T23:00:00.000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-11-22T14:30', '2026-11-22T13:30:00.000Z'],
    ['2026-11-22 14:30:05', '2026-11-22T13:30:05.000Z'],
    ['2026-11-22T14:30Z', '2026-11-22T14:30:00.000Z'],
    ['2026-11-22T14:30:00+08:00', '2026-11-22T06:30:00.000Z'],
  ] as const)
    test(text, () => assert.equal(parse(text), instant))

  test('a day ends with its last millisecond, also when it has 23 hours', () => {
    assert.equal(parse('2026-11-22', '--until'), '2026-11-22T22:59:59.999Z')
    assert.equal(parse('2026-03-29', '--until'), '2026-03-29T21:59:59.999Z')
  })

  test('a day begins where what lies before it is asked for', () =>
    assert.equal(parse('2026-11-22', '--before'), '2026-11-21T23:00:00.000Z'))

  test('an age that reaches further back than time is refused, naming the option', () => {
    for (const text of ['99999999999d', '999999999999999999w', '60000w'])
      assert.throws(() => parse(text), /^ConfigError: --since .* 1970/)
  })

  for (const text of [
    '',
    'yesterday',
    '7',
    '7 d',
    '2026-11-31',
    '2026-13-01',
    '22.11.2026',
    '2026-11-22T25:00',
    '-1d',
    '1y',
  ])
    test(`${JSON.stringify(text)} is refused, naming the option`, () =>
      assert.throws(() => parse(text, '--until'), /^ConfigError: --until must be an age/))
})

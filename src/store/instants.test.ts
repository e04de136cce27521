import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { InstantFormatter, instantFrom, instantText } from './instants.ts'

const withinFourDigitYears = fc.date({
  min: new Date('1000-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

test('an instant becomes text and comes back', () => {
  assert.equal(instantText(0), '1970-01-01T00:00:00.000Z')
  fc.assert(
    fc.property(withinFourDigitYears, date => instantFrom(instantText(date.getTime())).getTime() === date.getTime()),
  )
})

test('text sorts as the instants do', () => {
  const sign = (x: number) => Math.sign(x)
  fc.assert(
    fc.property(withinFourDigitYears, withinFourDigitYears, (a, b) => {
      const [x, y] = [instantText(a.getTime()), instantText(b.getTime())]
      assert.equal(sign(Number(x > y) - Number(x < y)), sign(a.getTime() - b.getTime()))
    }),
  )
})

test('what lies outside the years 1000 to 9999 becomes the nearest within', () => {
  assert.equal(instantText(8.64e15), '9999-12-31T23:59:59.999Z')
  assert.equal(instantText(-8.64e15), '1000-01-01T00:00:00.000Z')
})

test('what is no instant is an error', () => {
  for (const format of [instantText, (ms: number) => new InstantFormatter().text(ms)])
    assert.throws(() => format(Number.NaN), RangeError)
})

test('the formatter for many instants gives the same text, in any order', () => {
  const wholeSeconds = withinFourDigitYears.map(date => Math.floor(date.getTime() / 1000) * 1000)
  const nearby = fc.integer({ min: -200_000, max: 200_000 }).map(seconds => Date.UTC(2026, 0, 1) + seconds * 1000)
  const withMs = fc.integer({ min: -200_000_000, max: 200_000_000 }).map(ms => Date.UTC(2026, 0, 1) + ms)
  const any = fc.integer({ min: -8.64e15, max: 8.64e15 })
  fc.assert(
    fc.property(fc.array(fc.oneof(wholeSeconds, nearby, withMs, any)), instants => {
      const formatter = new InstantFormatter()
      for (const ms of instants) assert.equal(formatter.text(ms), instantText(ms))
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { CoverageSpan, SpanStart } from '../model/store.ts'
import { type Coverage, coverageOf, stretchMs } from './coverage.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 0, 1)
const at = (hour: number) => new Date(START_MS + hour * HOUR_MS)
const hour = (date: Date | null) => date && (date.getTime() - START_MS) / HOUR_MS
const WELL = { timezone: 'Europe/Berlin', isActive: true, lastError: null }

function span(from: number, until: number, because: SpanStart = 'first-read', seen = until): CoverageSpan {
  return { provenFrom: at(from), provenUntil: at(until), seenUntil: at(seen), because }
}

function shape({ stretches }: Coverage): unknown[] {
  return stretches.map(each => [each.kind === 'gap' ? each.reason : each.kind, hour(each.from), hour(each.until)])
}

test('before the first whole read nothing is proven', () => {
  const coverage = coverageOf([], WELL, START_MS)
  assert.deepEqual(coverage, {
    stretches: [],
    provenUntil: null,
    standing: 'Nothing is proven yet: the log has not been read whole.',
    line: 'nothing is proven yet',
  })
  const failing = coverageOf([], { ...WELL, lastError: 'connection refused' }, START_MS)
  assert.match(failing.standing, /^Nothing is proven yet.*; last error: connection refused\.$/)
  assert.deepEqual(failing.stretches, [], 'where nothing was complete there is no gap')
})

test('one span, and a device that does well', () => {
  const coverage = coverageOf([span(0, 50, 'first-read', 49)], WELL, at(50).getTime() + 180_000)
  assert.deepEqual(shape(coverage), [['complete', 0, 50]])
  assert.equal(coverage.standing, 'Proven until 3 min ago; what was punched since then comes with the next read.')
  assert.equal(coverage.line, 'complete from 2026-01-01 01:00:00 until 3 min ago')
})

for (const [because, why, missing] of [
  ['log-cleared', /was cleared/, /deleted before they were read/],
  ['log-overwritten', /wrote over its oldest/, /written over before they were read/],
  ['first-read', /nothing connects it/, /may be missing/],
] as const)
  test(`a gap has the reason for which the span after it begins: ${because}`, () => {
    const coverage = coverageOf([span(0, 10), span(30, 40, because)], WELL, at(40).getTime())
    assert.deepEqual(shape(coverage), [
      ['complete', 0, 10],
      [because, 10, 30],
      ['complete', 30, 40],
    ])
    const [, gap] = coverage.stretches
    assert(gap?.kind === 'gap')
    assert.match(gap.why, why)
    assert.match(gap.missing, missing)
    assert.equal(stretchMs(gap, 0), 20 * HOUR_MS)
    assert.match(coverage.line, /until just now, except a gap of 20 h$/)
  })

test('several gaps are summed up in the line', () => {
  const spans = [span(0, 10), span(30, 40, 'log-cleared'), span(41, 42, 'log-overwritten')]
  assert.match(coverageOf(spans, WELL, at(42).getTime()).line, /, except 2 gaps of 21 h$/)
})

test('a log that was cleared after everything was read leaves no gap', () => {
  const coverage = coverageOf([span(0, 10), span(10, 20, 'log-cleared')], WELL, at(20).getTime())
  assert.deepEqual(shape(coverage), [
    ['complete', 0, 10],
    ['complete', 10, 20],
  ])
  assert.doesNotMatch(coverage.line, /gap/)
})

test('spans that overlap, as after a clock that was set back, have no gap between them', () => {
  assert.deepEqual(shape(coverageOf([span(0, 10), span(5, 7, 'log-cleared')], WELL, at(10).getTime())), [
    ['complete', 0, 10],
    ['complete', 5, 7],
  ])
})

test('a device that cannot be reached has an open gap, with the last error as its reason', () => {
  const failing = { ...WELL, lastError: 'connection refused at 10.0.0.9:4370' }
  const coverage = coverageOf([span(0, 10)], failing, at(12).getTime())
  assert.deepEqual(shape(coverage), [
    ['complete', 0, 10],
    ['not-read', 10, null],
  ])
  const [, gap] = coverage.stretches
  assert(gap?.kind === 'gap')
  assert.match(gap.why, /connection refused at 10\.0\.0\.9:4370/)
  assert.match(gap.missing, /^nothing, as long as the device keeps its log/)
  assert.equal(stretchMs(gap, at(12).getTime()), 2 * HOUR_MS)
  assert.equal(coverage.standing, 'Proven until 2 h ago; since then not read: connection refused at 10.0.0.9:4370.')
  assert.doesNotMatch(coverage.line, /except/, 'an open gap is told by the moment until which it is complete')
})

test('a disabled device says so', () => {
  const disabled = { ...WELL, isActive: false }
  assert.equal(
    coverageOf([span(0, 10)], disabled, at(20).getTime()).standing,
    'Proven until 10 h ago; the device is disabled and not read.',
  )
})

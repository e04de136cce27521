import assert from 'node:assert/strict'
import { test } from 'vitest'
import { boundsOf, inputText, instantFrom, SPANS, spanOf } from './filter-times.ts'

test('a minute that was typed is taken whole, and shown as it was typed', () => {
  const since = instantFrom('2026-11-22T14:30', 'begin')
  const until = instantFrom('2026-11-22T14:30', 'end')
  assert.ok(since !== null && until !== null)
  assert.equal(Date.parse(until) - Date.parse(since), 59_999)
  assert.equal(inputText(since), '2026-11-22T14:30')
  assert.equal(inputText(until), '2026-11-22T14:30')
})

for (const text of ['', '0002-11-22T14:30', '0202-11-22T14:30', '2026-11-22Tno', 'x'])
  test(`not typed to its end: "${text}"`, () => {
    assert.equal(instantFrom(text, 'begin'), null)
  })

test('no bound is an empty input', () => {
  assert.equal(inputText(undefined), '')
})

const NOW = new Date(2026, 10, 22, 14, 30).getTime()

test('spans are whole days of this zone, today among them', () => {
  const at = (span: (typeof SPANS)[number]) => inputText(boundsOf(span, NOW).since)
  assert.deepEqual(SPANS.map(at), ['2026-11-22T00:00', '2026-11-21T00:00', '2026-11-16T00:00', '2026-10-24T00:00'])
  assert.equal(inputText(boundsOf('yesterday', NOW).until), '2026-11-21T23:59')
  assert.equal(boundsOf('today', NOW).until, undefined)
})

test('a span is known again by its bounds on the same day alone', () => {
  for (const span of SPANS) assert.equal(spanOf(boundsOf(span, NOW), NOW + 60_000), span)
  assert.equal(spanOf(boundsOf('today', NOW), NOW + 86_400_000), null)
  assert.equal(spanOf({}, NOW), null)
})

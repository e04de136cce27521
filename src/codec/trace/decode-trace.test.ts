import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { CodecError } from '../../base/errors.ts'
import { decodeTrace } from './decode-trace.ts'
import { encodeTraceEvent, encodeTraceHeader } from './encode-trace.ts'
import type { TraceEvent } from './trace-events.ts'

const HEADER = { rollcall: '0.1.0', startedAt: '2026-03-02T07:00:00.000Z' }
const MOMENT = { tMs: 12.5, connection: 1 }
const EVENTS: readonly TraceEvent[] = [
  { ...MOMENT, event: 'opening', host: '10.0.0.1', port: 4370, transport: 'tcp' },
  { ...MOMENT, event: 'opened' },
  { ...MOMENT, event: 'sent', bytes: Uint8Array.of(1, 0, 0, 2), marks: Uint8Array.of(0, 1, 1, 0) },
  { ...MOMENT, event: 'received', bytes: new Uint8Array(0), marks: new Uint8Array(0) },
  { ...MOMENT, event: 'failed', code: 'ECONNREFUSED' },
  { ...MOMENT, event: 'ended', code: null },
  { ...MOMENT, event: 'closed' },
]
const TEXT = [encodeTraceHeader(HEADER), ...EVENTS.map(encodeTraceEvent)].join('')

describe('a trace', () => {
  test('comes back as it was written', () => {
    assert.deepEqual(decodeTrace(TEXT), { header: HEADER, events: EVENTS, isCut: false })
  })

  test('says in its header that it holds personal data, and what is masked', () => {
    assert.match(TEXT.split('\n')[0] ?? '', /"personal_data":"user ids.*"masked":"comm keys; passwords/)
  })

  test('writes two asterisks for a masked byte', () => {
    assert.match(TEXT, /"bytes":"01\*\*\*\*02"/)
  })

  test('bytes and marks of any kind come back', () => {
    const byte = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.boolean())
    fc.assert(
      fc.property(fc.array(byte), all => {
        const bytes = Uint8Array.from(all, ([value, isMasked]) => (isMasked ? 0 : value))
        const marks = Uint8Array.from(all, ([, isMasked]) => (isMasked ? 1 : 0))
        const event: TraceEvent = { ...MOMENT, event: 'received', bytes, marks }
        assert.deepEqual(decodeTrace(encodeTraceHeader(HEADER) + encodeTraceEvent(event)).events, [event])
      }),
    )
  })

  test('that was cut anywhere behind its header reads to the last whole line', () => {
    const headerLength = encodeTraceHeader(HEADER).length
    for (let length = headerLength; length <= TEXT.length; length++) {
      const { events, isCut } = decodeTrace(TEXT.slice(0, length))
      const whole = TEXT.slice(0, length).split('\n').length - 2
      assert.deepEqual(events.slice(0, whole), EVENTS.slice(0, whole))
      // Without its line feed alone, the last line is whole.
      assert(events.length === whole || (events.length === whole + 1 && !isCut), `cut at ${length}`)
    }
  })

  const header = encodeTraceHeader(HEADER)
  test.each<[string, string, RegExp]>([
    ['nothing', '', /^line 1 .*no header/],
    ['another file', '{"a":1}\n', /^line 1 .*no header/],
    ['a header that was cut', header.slice(0, 40), /^line 1 .*no header/],
    ['a newer version', header.replace('"version":1', '"version":2'), /^line 1 .*version 2 is not known/],
    ['a header without a time', header.replace('started_at', 'x'), /^line 1 .*"started_at" is no text/],
    [
      'a torn line in the middle',
      `${header}{"t_ms"\n${encodeTraceEvent(EVENTS[1] as TraceEvent)}`,
      /^line 2 .*no JSON/,
    ],
    ['an event without a name', `${header}{"t_ms":1,"connection":1}\n`, /^line 2 .*event without a name/],
    ['an unknown event', `${header}{"t_ms":1,"connection":1,"event":"eaten"}\n`, /^line 2 .*"eaten" is not known/],
    ['no number', `${header}{"t_ms":"1","connection":1,"event":"opened"}\n`, /^line 2 .*"t_ms" is no number/],
    ['odd hex', `${header}{"t_ms":1,"connection":1,"event":"sent","bytes":"0"}\n`, /^line 2 .*not hex/],
    ['no hex', `${header}{"t_ms":1,"connection":1,"event":"sent","bytes":"zz"}\n`, /^line 2 .*not hex/],
    [
      'no transport',
      `${header}{"t_ms":1,"connection":1,"event":"opening","host":"a","port":1,"transport":"serial"}\n`,
      /^line 2 .*neither tcp nor udp/,
    ],
  ])('%s is refused with its line and the reason', (_, text, message) => {
    assert.throws(
      () => decodeTrace(text),
      (error: unknown) => error instanceof CodecError && error.code === 'TRACE_INVALID' && message.test(error.message),
    )
  })

  test('any text at all is a trace or a CodecError', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, rest) => {
        for (const text of [first, `${header}${rest}`, `${header}{"t_ms":1,"connection":1,"event":${rest}}\n`]) {
          try {
            decodeTrace(text)
          } catch (error) {
            assert(error instanceof CodecError)
          }
        }
      }),
    )
  })
})

import { CodecError } from '../../base/errors.ts'
import { MASKED_BYTE } from './encode-trace.ts'
import { TRACE_FORMAT, TRACE_VERSION, type Trace, type TraceEvent, type TraceHeader } from './trace-events.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a trace: JSON Lines, a header and then one event a line. A last line that was cut is left out.
 *
 * @throws CodecError `TRACE_INVALID`, naming the line and the reason.
 */
export function decodeTrace(text: string): Trace {
  const lines = text.split('\n')
  // Nothing stands behind the last line feed, unless that line was cut.
  const unfinished = lines.pop() ?? ''
  const first = lines[0] ?? unfinished
  const header = decodeHeader(first)
  const events = lines.slice(1).map((line, index) => decodeEvent(line, index + 2))
  if (unfinished === '' || lines.length === 0) return { header, events, isCut: false }
  const last = parse(unfinished)
  if (last === null) return { header, events, isCut: true }
  return { header, events: [...events, decodeEvent(unfinished, lines.length + 1)], isCut: false }
}

function decodeHeader(line: string): TraceHeader {
  const fields = parse(line)
  if (fields?.format !== TRACE_FORMAT) throw invalid(1, `it is no header of a trace (format "${TRACE_FORMAT}")`)
  if (fields.version !== TRACE_VERSION) {
    throw invalid(1, `version ${JSON.stringify(fields.version)} is not known here, ${TRACE_VERSION} is`)
  }
  return { rollcall: textOf(fields, 'rollcall', 1), startedAt: textOf(fields, 'started_at', 1) }
}

function decodeEvent(line: string, number: number): TraceEvent {
  const fields = parse(line)
  if (fields === null) throw invalid(number, 'it is no JSON object')
  const common = { tMs: numberOf(fields, 't_ms', number), connection: numberOf(fields, 'connection', number) }
  const { event } = fields
  switch (event) {
    case 'opening': {
      const transport = textOf(fields, 'transport', number)
      if (transport !== 'tcp' && transport !== 'udp') throw invalid(number, '"transport" is neither tcp nor udp')
      const host = textOf(fields, 'host', number)
      return { ...common, event, host, port: numberOf(fields, 'port', number), transport }
    }
    case 'failed':
    case 'ended':
      return { ...common, event, code: fields.code === null ? null : textOf(fields, 'code', number) }
    case 'sent':
    case 'received':
      return { ...common, event, ...bytesOf(textOf(fields, 'bytes', number), number) }
    case 'opened':
    case 'closed':
      return { ...common, event }
    default:
      throw invalid(number, `the event ${JSON.stringify(event) ?? 'without a name'} is not known here`)
  }
}

function bytesOf(text: string, line: number): { bytes: Uint8Array; marks: Uint8Array } {
  const marks = new Uint8Array(Math.floor(text.length / 2))
  for (let at = text.indexOf(MASKED_BYTE); at !== -1; at = text.indexOf(MASKED_BYTE, at + 2)) marks[at >> 1] = 1
  try {
    return { bytes: Uint8Array.fromHex(text.replaceAll(MASKED_BYTE, '00')), marks }
  } catch {
    throw invalid(line, '"bytes" are not hex')
  }
}

function parse(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
  } catch {
    return null
  }
}

function textOf(fields: Fields, name: string, line: number): string {
  const value = fields[name]
  if (typeof value === 'string') return value
  throw invalid(line, `"${name}" is no text`)
}

function numberOf(fields: Fields, name: string, line: number): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw invalid(line, `"${name}" is no number from 0`)
}

function invalid(line: number, reason: string): CodecError {
  return new CodecError('TRACE_INVALID', `line ${line} cannot be read: ${reason}`)
}

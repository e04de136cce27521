import { TRACE_FORMAT, TRACE_VERSION, type TracedBytes, type TraceEvent, type TraceHeader } from './trace-events.ts'

/** Stands for a masked byte between the hex digits. */
export const MASKED_BYTE = '**'

/** The first line of a trace, its line feed included. */
export function encodeTraceHeader(header: TraceHeader): string {
  return line({
    format: TRACE_FORMAT,
    version: TRACE_VERSION,
    rollcall: header.rollcall,
    started_at: header.startedAt,
    personal_data: 'user ids, and when each of them punched',
    masked: 'comm keys; passwords, names and card numbers of users',
  })
}

/** One line for each event. Bytes are hex, and `**` for a byte that was masked. */
export function encodeTraceEvent(event: TraceEvent): string {
  const { tMs: t_ms, connection } = event
  const common = { t_ms, connection, event: event.event }
  switch (event.event) {
    case 'opening': {
      const { host, port, transport } = event
      return line({ ...common, host, port, transport })
    }
    case 'failed':
    case 'ended':
      return line({ ...common, code: event.code })
    case 'sent':
    case 'received':
      return line({ ...common, bytes: maskedHex(event) })
    case 'opened':
    case 'closed':
      return line(common)
    default:
      return event satisfies never
  }
}

/** Hex, with `**` in the place of each masked byte. */
export function maskedHex({ bytes, marks }: TracedBytes): string {
  const hex = bytes.toHex()
  if (!marks.includes(1)) return hex
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const masked = marks[at]
    let end = at + 1
    while (end < bytes.length && marks[end] === masked) end++
    text += masked ? MASKED_BYTE.repeat(end - at) : hex.slice(2 * at, 2 * end)
    at = end
  }
  return text
}

function line(object: object): string {
  return `${JSON.stringify(object)}\n`
}

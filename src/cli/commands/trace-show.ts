import type { Command } from 'commander'
import type { ConnectionEvent, ShownEntry, TraceHeader } from '../../app/show-trace.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { printable } from '../terminal.ts'

/** More hex than this on a line helps nobody; --json has all of it. */
const HEX_DIGITS_MAX = 64

export function traceShow(cli: Cli): Command {
  return defineCommand('trace:show', {
    summary: 'print a trace decoded: what was said to a device, and what it answered',
    details:
      'A trace is recorded by --trace FILE of the commands that talk to devices. ">" is to the device, "<" from it; ** stands for a masked byte. A trace holds user ids and when each of them punched: hand it on with care.',
    examples: ['trace:show gate.jsonl', 'trace:show gate.jsonl --json'],
  })
    .argument('<file>', 'the trace')
    .action(cli.action((path: string, options: CommonOptions) => show(cli, path, options)))
}

async function show({ terminal }: Cli, path: string, options: CommonOptions): Promise<ExitStatus> {
  const { showTrace } = await import('../../app/show-trace.ts')
  const { header, entries, isCut } = await showTrace(path)
  if (options.json) terminal.json(headerJson(header))
  else terminal.print(`Recorded by Rollcall ${printable(header.rollcall)} from ${printable(header.startedAt)} on.`)
  for (const entry of entries) {
    if (terminal.closed.aborted) break
    // Waits for a reader that is slower, so that a long trace is not held twice.
    await terminal.write(`${options.json ? JSON.stringify(entryJson(entry)) : entryLine(entry)}\n`)
  }
  if (isCut) terminal.note('The last line was cut and is left out: the recording ended in the middle of it.')
  return 0
}

function entryLine(entry: ShownEntry): string {
  if (entry.kind === 'connection') return `${place(entry.event)}   ${connectionWords(entry.event)}`
  const arrow = entry.direction === 'sent' ? '>' : '<'
  const masked = entry.maskedBytes > 0 ? `, ${entry.maskedBytes} masked` : ''
  const hex = entry.data.length > HEX_DIGITS_MAX ? `${entry.data.slice(0, HEX_DIGITS_MAX)}…` : entry.data
  if (entry.kind === 'raw') return `${place(entry)} ${arrow} no packet (${entry.lengthBytes} bytes${masked}) ${hex}`
  const { name, sessionId, replyId, lengthBytes, details } = entry
  const numbers = `session ${sessionId} reply ${replyId} (${lengthBytes} bytes${masked})`
  const words = details.map(([what, value]) => `${what} ${printable(String(value))}`).join(', ')
  return `${place(entry)} ${arrow} ${name.padEnd(20)} ${numbers}  ${words || hex}`.trimEnd()
}

function place({ tMs, connection }: { tMs: number; connection: number }): string {
  return `${(tMs / 1000).toFixed(3).padStart(9)} s  #${connection}`
}

function connectionWords(event: ConnectionEvent): string {
  switch (event.event) {
    case 'opening':
      return `opening ${event.transport.toUpperCase()} to ${printable(event.host)} port ${event.port}`
    case 'opened':
      return 'open'
    case 'failed':
      return `could not be opened: ${printable(event.code ?? 'no reason given')}`
    case 'ended':
      return event.code === null ? 'closed by the device' : `broken: ${printable(event.code)}`
    case 'closed':
      return 'closed by Rollcall'
    default:
      return event satisfies never
  }
}

function headerJson(header: TraceHeader): object {
  return { event: 'trace', rollcall: header.rollcall, started_at: header.startedAt }
}

function entryJson(entry: ShownEntry): object {
  if (entry.kind === 'connection') {
    const { tMs: t_ms, ...rest } = entry.event
    return { t_ms, ...rest }
  }
  const { tMs: t_ms, connection, direction, lengthBytes: length_bytes, maskedBytes: masked_bytes, data } = entry
  const common = { t_ms, connection, event: entry.kind, direction }
  if (entry.kind === 'raw') return { ...common, length_bytes, masked_bytes, data }
  return {
    ...common,
    command: entry.command,
    name: entry.name,
    session_id: entry.sessionId,
    reply_id: entry.replyId,
    checksum_ok: entry.isSound,
    length_bytes,
    masked_bytes,
    details: Object.fromEntries(entry.details.map(([what, value]) => [what.replaceAll(' ', '_'), value])),
    data,
  }
}

import type { Command } from 'commander'
import { EXPORT_FORMATS, type ExportFormat, exportLogs } from '../../app/export.ts'
import { writeWholeFile } from '../../app/whole-file.ts'
import { usageError } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { addFilterOptions, type FilterOptions, readFilter } from '../log-filter.ts'
import { withRollcall } from '../open.ts'

interface Options extends CommonOptions, FilterOptions {
  format: ExportFormat
  output?: string
}

const FORMATS = new Intl.ListFormat('en', { type: 'disjunction' }).format(EXPORT_FORMATS)

export function attendanceExport(cli: Cli): Command {
  return addFilterOptions(
    defineCommand('attendance:export', {
      summary: 'write attendance logs to a file or to stdout, in the order in which they were stored',
      details:
        'CSV and XLSX are for spreadsheets. In CSV a text that would be taken for a formula gets an apostrophe in front; XLSX says itself what is text, a number or a time. JSONL has every field, the bytes of the record included. docs/configuration.md explains the columns.',
      examples: [
        'attendance:export --format csv --output november.csv --since 2026-11-01 --until 2026-11-30',
        'attendance:export --format xlsx --output november.xlsx --since 2026-11-01 --until 2026-11-30',
        'attendance:export --format jsonl --device-id 1 > main-entrance.jsonl',
      ],
    }),
  )
    .requiredOption('--format <format>', FORMATS, parseFormat)
    .option('--output <file>', 'write to this file, which is replaced once all is written; "-" is stdout', parseOutput)
    .action(cli.action((options: Options) => exportAttendance(cli, options)))
}

function parseFormat(text: string): ExportFormat {
  const format = EXPORT_FORMATS.find(known => known === text)
  if (format) return format
  throw usageError(`--format must be ${FORMATS}, not "${text}".`)
}

function parseOutput(text: string): string {
  if (text !== '') return text
  throw usageError('--output must not be empty: give a file, or - for stdout.')
}

async function exportAttendance(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const { format, json } = options
  const output = options.output === '-' ? undefined : options.output
  if (json && !output && format !== 'jsonl') throw usageError('--json needs --output FILE or --format jsonl.')
  if (format === 'xlsx' && !output && terminal.isTerminal)
    throw usageError('--format xlsx is not for a terminal: give --output FILE, or send stdout to a file.')
  using interrupts = listenForInterrupts(cli)
  const { signal } = interrupts
  return await withRollcall(cli, async ({ store }) => {
    const filter = await readFilter(options, { store, nowMs: cli.clock.now() })
    let count = 0
    const counted = (logs: number) => {
      count = logs
    }
    const pieces = exportLogs(store, { format, filter, counted })
    if (output === undefined) {
      for await (const piece of pieces) {
        if (terminal.closed.aborted) return 0
        if (signal.aborted) return stoppedEarly(cli)
        await terminal.write(piece)
      }
      return 0
    }
    try {
      await writeWholeFile(output, pieces, signal)
    } catch (error) {
      if (signal.aborted) return stoppedEarly(cli)
      throw error
    }
    if (json) terminal.json({ output, format, attendance_logs: count })
    else terminal.note(`Wrote ${count} attendance log(s) to ${output}.`)
    return 0
  })
}

/** Not a success, since a script that goes on must not take what is there for the whole. */
function stoppedEarly({ terminal }: Cli): ExitStatus {
  terminal.note('Stopped before everything was written.')
  return 1
}

import { CommanderError } from 'commander'
import { RollcallError } from '../base/errors.ts'
import type { ExitStatus } from './command.ts'
import { capital, sentence } from './sentence.ts'
import { printable } from './terminal.ts'

/** How a command that did not end well is told, and the exit status that goes with it. */
export interface Failure {
  readonly status: ExitStatus
  /** Lines for stderr; none when there is nothing to say. */
  readonly lines: readonly string[]
  /** Set when this should not have happened: for the log. */
  readonly defect?: string
}

/** What wrong usage or configuration costs in tries: none, until somebody corrects it. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'CONFIG_INVALID',
  'COMM_KEY_RANGE',
  'TIME_RANGE',
  'SECRET_UNUSABLE',
  'TRACE_INVALID',
])

/** Maps whatever was thrown. The only place that knows exit statuses of errors. */
export function failureFrom(error: unknown): Failure {
  if (error instanceof CommanderError) return usageFailure(error)
  if (error instanceof RollcallError) {
    // An id that was mistyped, of which the store alone can tell.
    if (error.code === 'NOT_FOUND') return { status: 2, lines: [sentence(`${error.message}; device:list shows them`)] }
    if (USAGE_CODES.has(error.code)) return { status: 2, lines: [sentence(error.message)] }
    return { status: 1, lines: [sentence(error.message), `  ${sentence(error.nextStep)}`] }
  }
  const defect = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const message = error instanceof Error ? error.message : String(error)
  return {
    status: 1,
    lines: [`Rollcall has a defect: ${printable(message)}`, '  Please report it with the last lines of the log file.'],
    defect,
  }
}

/** Help and version are no failure; the rest is wrong usage, told in one sentence. */
function usageFailure(error: CommanderError): Failure {
  if (error.exitCode === 0) return { status: 0, lines: [] }
  const message = error.message
    .replace(/^error: /, '')
    // What stands behind an option or is left over may be a comm key that went to the wrong place.
    .replace(/(--[\w-]+)=[^\s']*/g, '$1')
    .replace(/ but got (\d+): .*$/s, ' but got $1')
    .replace(/\n\((Did you mean .*\?)\)$/s, ' - $1')
  return { status: 2, lines: [message.endsWith('?') ? capital(message) : `${sentence(message)} See --help.`] }
}

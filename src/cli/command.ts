import { Command } from 'commander'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { sentence } from './sentence.ts'
import type { Terminal } from './terminal.ts'

/** `0` done, `1` it ran and something failed, `2` wrong usage or configuration. */
export type ExitStatus = 0 | 1 | 2

/** What a command is handed. */
export interface Cli {
  readonly terminal: Terminal
  readonly clock: Clock
  /** The real environment; the configuration puts `.env` behind it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  /** Where a defect is written down, once a command has opened a log. */
  useLog(log: Log): void
  /** Wraps the work of a command, so that what it returns becomes the exit status. */
  action<Args extends unknown[]>(work: (...args: Args) => Promise<ExitStatus>): (...args: Args) => Promise<void>
}

/** Every command has these. */
export interface CommonOptions {
  readonly json?: true
}

/** A command with its examples at the end of `--help`; what all have in common comes when it is added to the program. */
export function defineCommand(name: string, texts: { summary: string; details?: string; examples: string[] }): Command {
  const { summary, details, examples } = texts
  return new Command(name)
    .summary(summary)
    .description([sentence(summary), ...(details ? [details] : [])].join('\n\n'))
    .addHelpText('after', `\nExamples:\n${examples.map(example => `  $ rollcall ${example}`).join('\n')}`)
}

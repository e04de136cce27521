import { type Config, readConfig, readEnvironment } from '../app/config.ts'
import type { Rollcall, RollcallParts } from '../app/rollcall.ts'
import type { TraceRecording } from '../app/trace-file.ts'
import type { Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import type { Cli, ExitStatus } from './command.ts'
import type { Terminal } from './terminal.ts'
import type { TraceOptions } from './trace-option.ts'

/** Of a command that runs until it is interrupted: it waits for a database server that does not answer yet. */
export interface PatienceOptions {
  readonly untilInterrupted?: { readonly signal: AbortSignal; readonly json: boolean } | undefined
}

/** The configuration of this installation. */
export function configOf(cli: Cli): Config {
  const { environment, workingDirectory } = cli
  return readConfig({ environment: readEnvironment({ environment, workingDirectory }), workingDirectory })
}

/**
 * Opens this installation for the time of `work`, and records a trace where one was asked for. The heavy modules are loaded
 * here, so that help stays quick.
 */
export async function withRollcall(
  cli: Cli & TraceOptions & PatienceOptions,
  work: (rollcall: Rollcall) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const config = configOf(cli)
  using trace = await openTrace(cli)
  const parts = {
    ...(trace ? { network: trace.network } : {}),
    ...(cli.untilInterrupted ? { patience: await patienceOf(cli.terminal, cli.untilInterrupted) } : {}),
  }
  return await withLog(cli, config, async log => {
    const { openRollcall } = await import('../app/rollcall.ts')
    const opening = openRollcall(config, { clock: cli.clock, random: systemRandom, log }, parts)
    await using rollcall = await opening.catch((error: unknown) => {
      if (cli.untilInterrupted?.signal.aborted) return null
      throw error
    })
    return rollcall === null ? 0 : await work(rollcall)
  })
}

async function patienceOf(
  terminal: Terminal,
  { signal, json }: { signal: AbortSignal; json: boolean },
): Promise<NonNullable<RollcallParts['patience']>> {
  const { storeEventJson, storeEventLines } = await import('./sync-lines.ts')
  return {
    signal,
    onEvent: event => {
      if (json) terminal.json(storeEventJson(event))
      else for (const line of storeEventLines(event, terminal)) terminal.print(line)
    },
  }
}

/** Begins the trace that was asked for; null where none was. */
async function openTrace({ terminal, clock, trace }: Cli & TraceOptions): Promise<TraceRecording | null> {
  if (trace === undefined) return null
  const { recordTrace } = await import('../app/trace-file.ts')
  const onFault = (error: Error) =>
    terminal.note(`The trace ${trace} ends here; it cannot be written: ${error.message}`)
  return recordTrace(trace, { clock, onFault })
}

/** Opens the log file alone. */
export async function withLog<Result>(cli: Cli, config: Config, work: (log: Log) => Promise<Result>): Promise<Result> {
  const { openLog } = await import('../app/logging.ts')
  const { directory } = config.log
  const onFault = (error: Error) =>
    cli.terminal.note(`The log file in ${directory} cannot be written: ${error.message}`)
  using log = openLog(config.log, { clock: cli.clock, onFault })
  cli.useLog(log)
  return await work(log)
}
